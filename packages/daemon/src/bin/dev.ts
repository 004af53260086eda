import { MeshError } from "@federation/core";
import { readCliEnvironment } from "../config/cli-env.ts";
import { createDevConsole } from "../dev/console.ts";
import { type DevOptions, parseDevOptions } from "../dev/options.ts";
import { runDev } from "../dev/run-dev.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    // A second Ctrl-C does not wait for an orderly end; children leave when this process does.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  });
// A terminal that went away must not stop the cleaning up.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => stop.abort());

const options = read();
const end = await runDev(
  options,
  createDevConsole({ json: options.json, colours: !readCliEnvironment().noColour }, process.stdout, process.stderr),
  stop.signal,
);
if (end.why !== "") process.stderr.write(`dev: ${end.why}\n`);
process.exit(end.exitCode);

function read(): DevOptions {
  try {
    return parseDevOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`dev: ${MeshError.from(error).message}\n`);
    return process.exit(2);
  }
}
