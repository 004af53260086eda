import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import type { Environment } from "./override.ts";

/**
 * What child processes see of the environment: where the system's own things are, and nothing that configures the
 * node. They are told everything else by message.
 */
const passedOn = [
  "PATH",
  "HOME",
  "USER",
  "TMPDIR",
  "LANG",
  "LC_ALL",
  "TZ",
  "NODE_COMPILE_CACHE",
  "NODE_EXTRA_CA_CERTS",
  "NODE_DISABLE_COMPILE_CACHE",
] as const;

export function childEnvironment(environment: Environment = process.env): Readonly<Record<string, string>> {
  const passed: Record<string, string> = {};
  for (const name of passedOn) {
    const value = environment[name];
    if (value !== undefined) passed[name] = value;
  }
  // A child's own modules then load from the cache this process has opened, before a line of it runs.
  const cache = getCompileCacheDir();
  // What is reported is the folder of this Node's version inside the cache.
  if (cache !== undefined) passed["NODE_COMPILE_CACHE"] ??= dirname(cache);
  return passed;
}
