/** What the hooks of test repositories start: `node hook-main.ts BOOK git hook NAME args…`. */
import { runHook } from "../hooks/run-hook.ts";
import { openClaimBook } from "./claim-book.ts";

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
