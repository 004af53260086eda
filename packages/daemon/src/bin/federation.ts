/** The command line program: a client of a node. */
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { runCli } from "../cli/run-cli.ts";
import type { Terminal } from "../cli/session.ts";
import { readCliEnvironment } from "../config/cli-env.ts";
import { openSecretLink } from "../portal/open-link.ts";
import { repository } from "../repository.ts";

const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());
process.once("SIGTERM", () => interrupted.abort());
// Whoever read our output has left (`| head`): there is nobody to tell, and nothing to finish.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

function terminal(stream: NodeJS.WriteStream): Terminal {
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY === true ? stream.columns : undefined;
    },
  };
}

// Not process.exit: what was written to a pipe must leave first.
process.exitCode = await runCli(process.argv.slice(2), {
  environment: readCliEnvironment(),
  stateFolder: join(repository.root, ".federation"),
  out: terminal(process.stdout),
  err: terminal(process.stderr),
  readInput: () => text(process.stdin),
  hostStreams: () => ({ input: process.stdin, output: process.stdout, abandon: () => process.exit(0) }),
  openLink: openSecretLink,
  interrupted: interrupted.signal,
});
