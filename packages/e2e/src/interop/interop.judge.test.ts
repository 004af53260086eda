import { readFileSync } from "node:fs";
import path from "node:path";
import type { ControlClient } from "@federation/mcp/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JoinNode, repository, startJoinNode } from "../join/testing/join-node.ts";
import { checks } from "./testing/checks.ts";
import { type InteropClient, type Place, transports } from "./testing/interop-client.ts";
import { interopTable, sectionOf } from "./testing/interop-table.ts";
import { kinds, openClient } from "./testing/open-client.ts";

const actor = "copilot-1";
let node: JoinNode;
let place: Place;
let commander: ControlClient;

beforeAll(async () => {
  node = await startJoinNode();
  await node.federation("actor", "add", actor, "--role", "developer");
  place = { port: node.port, ...(await node.issueToken(actor)) };
  commander = await node.commander();
});
afterAll(async () => {
  await commander?.close();
  await node?.close();
});

describe.each(transports)("over %s", (transport) => {
  describe.each(kinds)("%s", (kind) => {
    let client: InteropClient;
    beforeAll(async () => {
      client = await openClient(kind, transport, place);
    });
    afterAll(() => client?.close());

    it.each(checks)("$name", (check) => check.run({ kind, client, node, commander, actor }));
  });
});

it("is shown in docs/mcp.md as it is checked here", () => {
  const docs = readFileSync(path.join(repository, "docs/mcp.md"), "utf8");
  expect(sectionOf(docs)).toBe(interopTable());
});
