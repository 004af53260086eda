import { join } from "node:path";
import { runStub } from "../stub/run-stub.ts";
import { cliExitCodes } from "./exit-codes.ts";
import { findNode, readToken } from "./find-node.ts";
import type { CliProgram } from "./program.ts";

/** `federation mcp`: what an MCP host starts to talk to a node. */
export function addMcpCommand(program: CliProgram): void {
  const command = program.root
    .command("mcp")
    .description(
      "Serves MCP on standard input and output, for a host that starts it: the node's tools, through any restart.",
    )
    .addHelpText("after", help);
  program.does(command, async ({ world, flags, say }) => {
    const localFolder = join(world.stateFolder, "commander");
    await runStub({
      host: world.hostStreams(),
      target: () => {
        const { url, tokenFile } = findNode(flags, world.environment, localFolder);
        return { url, token: readToken(tokenFile), tokenFile };
      },
      insecure: world.environment.insecure,
      say: (sentence) => say(`federation mcp: ${sentence}`),
      signal: world.interrupted,
    });
    return cliExitCodes.ok;
  });
}

const help = `
It runs until the host closes its standard input, whatever becomes of the node: while the node is away calls wait, and
after 25 s they are answered with since when and why, and the call id under which to ask again. The token is read from
its file at every connection, so a new one needs no restart. Standard output carries JSON-RPC only.

Blocks for the configurations of known hosts are in docs/join.md.`;
