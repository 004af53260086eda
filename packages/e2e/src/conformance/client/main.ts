/**
 * The command a client suite runs: a host on the SDK's client, as in docs/join.md, whose server is `federation mcp`,
 * whose node is a door to the suite's own server. `node main.ts URL`, the scenario in the environment.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { actAsHost } from "./act-as-host.ts";
import { openDoor } from "./door.ts";

const [url = ""] = process.argv.slice(2);
const scenario = process.env["MCP_CONFORMANCE_SCENARIO"] ?? "";
const version = process.env["MCP_CONFORMANCE_PROTOCOL_VERSION"] ?? "";
const federation = path.join(import.meta.dirname, "../../../../daemon/bin/federation.mjs");

const folder = await mkdtemp(path.join(tmpdir(), "fed-client-"));
const door = await openDoor(new URL(url));
const tokenFile = path.join(folder, "token");
await writeFile(tokenFile, "any.token\n", { mode: 0o600 });
const mode = version === "2026-07-28" ? { pin: version } : ("legacy" as const);
const client = new Client(
  { name: "host", version: "1.0.0" },
  { versionNegotiation: { mode }, capabilities: { elicitation: { form: { applyDefaults: true } } } },
);
try {
  const words = ["mcp", "--url", `ws://127.0.0.1:${door.port}/mcp`, "--token-file", tokenFile];
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [federation, ...words], stderr: "inherit" }),
  );
  await actAsHost(client, scenario);
} finally {
  await client.close();
  await door.close();
  await rm(folder, { recursive: true, force: true });
}
