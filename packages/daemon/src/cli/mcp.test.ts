import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createCliFolder, token } from "./testing/cli-run.ts";

let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
let folder: Awaited<ReturnType<typeof createCliFolder>>;

beforeEach(async () => {
  const tokens = { [token]: { actor: "commander", role: "commander" } } as const;
  endpoint = await startControlEndpoint({ control: createHandFedControl().service, tokens });
  folder = await createCliFolder(endpoint.url);
});
afterEach(async () => {
  await endpoint.close();
  await folder.remove();
});

/** Runs `federation … mcp` with these lines as its whole input. */
async function converse(argv: readonly string[], lines: readonly object[]) {
  const input = new PassThrough();
  const output = new PassThrough();
  const written = text(output);
  input.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const { code, out, err } = await folder.run(argv, { host: { input, output, abandon: () => {} } });
  output.end();
  const answers = (await written).split("\n").filter((line) => line !== "");
  return { code, out, err, answers: answers.map((line): unknown => JSON.parse(line)) };
}

const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "host", version: "1" } },
};
const answered = { jsonrpc: "2.0", id: 1, result: expect.objectContaining({ protocolVersion: "2025-11-25" }) };

it("finds its node as every command does, answers what it was asked, and ends with its input", async () => {
  const quiet = { code: 0, out: "", err: "", answers: [answered] };
  expect(await converse(["mcp"], [initialize])).toEqual(quiet);
  const named = ["--url", endpoint.url, "--token-file", folder.tokenFile];
  expect(await converse(["mcp", ...named], [initialize])).toEqual(quiet);
  expect(await converse(["--config", `${folder.stateFolder}/commander`, "mcp"], [initialize])).toEqual(quiet);
});

it("says on standard error what is wrong, and to the caller, but never a token", async () => {
  const { code, out, err, answers } = await converse(["mcp", "--url", "ws://192.0.2.7:7400/mcp"], [initialize]);
  expect([code, out]).toEqual([0, ""]);
  expect(err).toMatch(/^federation mcp: The node is away\. .*plain text to another machine; use wss.*\n$/);
  expect(JSON.stringify(answers)).toContain("plain text to another machine");
  expect(err + JSON.stringify(answers)).not.toContain(token);
});

it("has help that says what it does with standard input and output", async () => {
  const { code, out } = await folder.run(["mcp", "--help"]);
  expect(code).toBe(0);
  expect(out).toContain("Standard output carries JSON-RPC only");
});
