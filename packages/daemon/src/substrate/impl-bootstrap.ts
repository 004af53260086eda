/**
 * First in every impl process, and the only part of it that is no impl: loads the entry file named on the command line
 * and tells the substrate the error nobody caught, also one in that file itself. It imports nothing that may be broken.
 */
import { pathToFileURL } from "node:url";

process.on("uncaughtExceptionMonitor", (error: unknown) => {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (process.connected) process.send?.({ type: "crash", reason: reason.slice(0, 2000) });
});
await import(pathToFileURL(process.argv[2] ?? "").href);
