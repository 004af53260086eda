import { MeshError } from "@federation/core";
import { startControlEndpoint } from "@federation/mcp/testing";
import {
  connectPeer,
  type Peer,
  type PeerKind,
  type Person,
  peerKinds,
  type Told,
} from "@federation/mcp/testing/peers";
import { createChangeFeed, createNews } from "@federation/runtime";
import type { ControlService } from "@federation/runtime/ports";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { clock, log, type Mesh, type MeshNode, startMesh } from "./mesh-fixture.ts";

/** Resources, notifications, prompts and questions of MCP over real rows: what one node does, a client of another sees. */
let mesh: Mesh;
let lea: MeshNode;
let dev: MeshNode;
let ana: MeshNode;
let rob: MeshNode;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  mesh = await startMesh();
  lea = await mesh.add("lea", "lead");
  dev = await mesh.add("dev", "developer");
  ana = await mesh.add("ana", "analyst");
  rob = await mesh.add("rob", "commander");
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => mesh.drop());

/** A client at the MCP door of a node. */
async function connect(node: MeshNode, kind: PeerKind, person?: Person): Promise<Peer> {
  const stop = new AbortController();
  const { store, actor, role } = node;
  // This news never rings: that of others is found by looking.
  const changes = createChangeFeed({ store, news: createNews(clock), clock, log, signal: stop.signal });
  const control: ControlService = {
    call: (name, request, caller) => {
      if (caller.actor !== actor) throw new MeshError("internal", "another actor's call");
      return node.call(name, request, caller.callId);
    },
  };
  const tokens = { token: { actor, role, kind: role === "commander" ? "human" : "agent" } } as const;
  const endpoint = await startControlEndpoint({ control, changes, tokens });
  const peer = await connectPeer(endpoint.url, "token", kind, person);
  closing.push(async () => {
    await peer.close();
    stop.abort();
    await endpoint.close();
  });
  return peer;
}

async function read(peer: Peer, uri: string): Promise<Record<string, unknown>> {
  const { contents } = await peer.request("resources/read", { uri });
  return Array.isArray(contents) ? JSON.parse(contents[0].text) : {};
}

describe.each(peerKinds)("a client of kind %s", (kind) => {
  test("hears of a message to its actor, and reads it", async () => {
    const peer = await connect(dev, kind);
    await peer.subscribe("federation://inbox");
    const sent = await lea.call("SendMessage", { to: "dev", text: "The roof leaks." });
    await peer.hears((told) => told.params["uri"] === "federation://inbox");
    const { items } = await read(peer, "federation://inbox");
    expect(items).toContainEqual(expect.objectContaining({ id: sent.id, text: "The roof leaks.", sender: "lea" }));
    await dev.call("AcknowledgeMessage", { message: sent.id });
  });

  test("hears nothing of a message between others", async () => {
    const [peer, other] = [await connect(dev, kind), await connect(ana, kind)];
    const isInbox = (told: Told) => told.params["uri"] === "federation://inbox";
    for (const it of [peer, other]) await it.subscribe("federation://inbox");
    const secret = await lea.call("SendMessage", { to: "ana", text: "Between us." });
    await other.hears(isInbox);
    const told = await lea.call("SendMessage", { to: "dev", text: "And this is for you." });
    await peer.hears(isInbox);
    expect(peer.told.filter(isInbox)).toHaveLength(1);
    await expect(read(peer, `federation://messages/${secret.id}`)).rejects.toThrow();
    expect(await read(peer, `federation://messages/${told.id}`)).toMatchObject({ message: { sender: "lea" } });
    await dev.call("AcknowledgeMessage", { message: told.id });
    await ana.call("AcknowledgeMessage", { message: secret.id });
  });

  test("hears that there is a task, is listed it, and is told how to take it", async () => {
    const peer = await connect(dev, kind);
    await peer.subscribe("federation://tasks");
    const title = `Mend the roof (${kind})`;
    const { task } = await rob.call("OpenTask", { title, instructions: "With tiles.", assignee: "dev" });
    await peer.hears((told) => told.params["uri"] === "federation://tasks");
    await peer.hears((told) => told.method === "notifications/resources/list_changed");
    const { resources } = await peer.request("resources/list");
    expect(resources).toContainEqual(expect.objectContaining({ uri: `federation://tasks/${task}`, title }));
    const prompt = await peer.request("prompts/get", { name: "take-a-task", arguments: { task } });
    expect(JSON.stringify(prompt)).toMatch(/Lawful for you now:\\n- claim_task/);
    const ref = { type: "ref/prompt", name: "take-a-task" };
    const { completion } = await peer.request("completion/complete", { ref, argument: { name: "task", value: title } });
    expect(completion).toMatchObject({ values: [task] });
    const { fence } = await dev.call("ClaimTask", { task });
    const files = [{ path: "roof.md", content: "Mended." }];
    await dev.call("SubmitTask", { task, fence, summary: "Mended.", evidence: ["file:roof.md"], files });
  });

  test("puts a question to its person, whose answer is the row's", async () => {
    const { approval } = await lea.call("AskApproval", { whom: "rob", question: "May I?" });
    const peer = await connect(rob, kind, () => ({ action: "accept", content: { reason: "You may." } }));
    const { approvals } = await read(peer, "federation://approvals");
    expect(approvals).toMatchObject([{ id: approval, question: "May I?" }]);
    const answer = await peer.request("tools/call", { name: "answer_approval", arguments: { approval } });
    expect(answer).toMatchObject({ structuredContent: { approval: { state: "approved", reason: "You may." } } });
    // Answered twice counts once: now the client is shown how it stands, and nobody is asked.
    const again = await peer.request("tools/call", { name: "answer_approval", arguments: { approval } });
    expect(again).toMatchObject({ structuredContent: { approval: { state: "approved", reason: "You may." } } });
  });
});

test("what joins is told the charter as it is in force", async () => {
  const peer = await connect(dev, "2026");
  const text = JSON.stringify(await peer.request("prompts/get", { name: "join-the-federation" }));
  expect(text).toContain("- review-by-another: Nobody reviews their own result.");
  expect(text).toContain("You are dev");
});
