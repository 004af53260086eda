/** A whole daemon with the fixture impl, for what only a process of its own can show: signals, exit codes, orphans. */
import { fileURLToPath } from "node:url";
import { loadNodeConfig } from "../../config/index.ts";
import { runDaemon } from "../run-daemon.ts";

const implEntry = fileURLToPath(new URL("./fixture-impl.ts", import.meta.url));
const [path = "", impl = implEntry] = process.argv.slice(2);
await runDaemon({ ...loadNodeConfig(path), implEntry: impl, takeOver: false });
