/**
 * What the hooks of a guarded repository start: `git-hook FLAGS git hook NAME ARGS…`. A program of its own, because git
 * waits for it: it loads the guard and a client, and nothing else of the command line.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { defaultLimits, runHook } from "@federation/git-guard";
import { connectControl } from "@federation/mcp/client";
import { findNode, readToken } from "../cli/find-node.ts";
import { callersEnvironment, readCliEnvironment } from "../config/cli-env.ts";
import { registryOf } from "../git/claim-registry.ts";
import { repository } from "../repository.ts";

const argv = process.argv.slice(2);
const at = argv.indexOf("git");
const { values } = parseArgs({
  args: argv.slice(0, Math.max(0, at)),
  options: { config: { type: "string" }, url: { type: "string" }, "token-file": { type: "string" } },
});
const [, , name = "", ...args] = argv.slice(Math.max(0, at));
/** Past the guard's own patience: its time-out speaks, not this. */
const giveUp = AbortSignal.timeout(defaultLimits.deadlineMs + 10_000);
let close: () => Promise<void> = async () => undefined;

process.exitCode = await runHook({
  name,
  args,
  cwd: process.cwd(),
  environment: callersEnvironment(),
  input: process.stdin,
  async openRegistry() {
    const environment = readCliEnvironment();
    const node = findNode(
      { config: values.config, url: values.url, tokenFile: values["token-file"] },
      environment,
      join(repository.root, ".federation", "commander"),
    );
    const client = await connectControl({
      url: node.url,
      token: readToken(node.tokenFile),
      program: "git-hook",
      insecure: environment.insecure,
      signal: giveUp,
    });
    close = () => client.close();
    return registryOf(client);
  },
  write: (line) => void process.stderr.write(`${line}\n`),
});
await close();
