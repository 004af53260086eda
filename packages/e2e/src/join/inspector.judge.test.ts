import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type InspectorEra, inspect, type Target } from "./testing/inspector.ts";
import { type JoinNode, repository, startJoinNode } from "./testing/join-node.ts";

let node: JoinNode;
let token = "";
let tokenFile = "";

beforeAll(async () => {
  node = await startJoinNode();
  await node.federation("actor", "add", "copilot-1", "--role", "developer");
  ({ token, tokenFile } = await node.issueToken("copilot-1"));
});
afterAll(() => node?.close());

const ways: readonly { readonly way: string; readonly target: () => Target }[] = [
  { way: "over HTTP with a bearer token", target: () => ({ url: `http://127.0.0.1:${node.port}/mcp`, token }) },
  {
    way: "over stdio, through `federation mcp`",
    target: () => ({
      command: `${repository}/deploy/bin/node24`,
      args: [
        "packages/daemon/bin/federation.mjs",
        "mcp",
        ...["--url", `ws://127.0.0.1:${node.port}/mcp`],
        ...["--token-file", tokenFile],
      ],
    }),
  },
];
const eras: readonly InspectorEra[] = ["legacy", "modern"];

describe.each(ways)("the MCP inspector drives a node $way", ({ target }) => {
  describe.each(eras)("in the %s era", (era) => {
    const ask = (...words: string[]) => inspect(target(), era, words);

    it("lists the tools of the role", async () => {
      const { tools } = toolsOf(await ask("--method", "tools/list"));
      expect(tools.map((tool) => tool.name)).toEqual(expect.arrayContaining(["list_roster", "claim_task"]));
      expect(tools.map((tool) => tool.name)).not.toContain("add_actor");
    });

    it("calls a tool, as the actor of the token", async () => {
      const answer = await ask("--method", "tools/call", "--tool-name", "list_roster", "--tool-args-json", "{}");
      expect(answer).toMatchObject({
        structuredContent: {
          actors: expect.arrayContaining([
            expect.objectContaining({ actor: "copilot-1", kind: "external", role: "developer" }),
            expect.objectContaining({ actor: "commander", role: "commander" }),
          ]),
        },
      });
    });

    it("lists and reads resources", async () => {
      expect(await ask("--method", "resources/list")).toMatchObject({
        resources: expect.arrayContaining([expect.objectContaining({ uri: "federation://charter" })]),
      });
      expect(await ask("--method", "resources/read", "--uri", "federation://charter")).toMatchObject({
        contents: [{ uri: "federation://charter", mimeType: "application/json" }],
      });
    });

    it("lists and gets prompts", async () => {
      expect(await ask("--method", "prompts/list")).toMatchObject({
        prompts: expect.arrayContaining([expect.objectContaining({ name: "join-the-federation" })]),
      });
      expect(await ask("--method", "prompts/get", "--prompt-name", "join-the-federation")).toMatchObject({
        messages: expect.arrayContaining([expect.objectContaining({ role: "user" })]),
      });
    });
  });
});

function toolsOf(answer: unknown): { readonly tools: readonly { readonly name: string }[] } {
  return z.looseObject({ tools: z.array(z.looseObject({ name: z.string() })) }).parse(answer);
}
