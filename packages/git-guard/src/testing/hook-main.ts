/** What the hooks of test repositories start: `node hook-main.ts BOOK git hook NAME args…`. */
import { enableCompileCache } from "node:module";

// As the command line does: without it half of a hook's time goes into reading its own source.
enableCompileCache();
const { runHook } = await import("../hooks/run-hook.ts");
const { openClaimBook } = await import("./claim-book.ts");

const [book = "", , , name = "", ...args] = process.argv.slice(2);
process.exitCode = await runHook({
  name,
  args,
  cwd: process.cwd(),
  environment: process.env,
  input: process.stdin,
  openRegistry: async () => openClaimBook(book).registry,
  write: (line) => void process.stderr.write(`${line}\n`),
});
