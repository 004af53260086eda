import type { ControlClient } from "@federation/mcp/client";
import { connectPeer, type Peer, peerKinds, type Told } from "@federation/mcp/testing/peers";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type JoinNode, startJoinNode } from "../join/testing/join-node.ts";
import { until } from "../mesh/mesh-fixture.ts";

/** What a client subscribed to at a real daemon is told after the logic behind its session was replaced, or died. */
const actor = "copilot-1";
let node: JoinNode;
let commander: ControlClient;
let token: string;
const peers: Peer[] = [];

beforeAll(async () => {
  node = await startJoinNode();
  await node.federation("actor", "add", actor, "--role", "developer");
  ({ token } = await node.issueToken(actor));
  commander = await node.commander();
});
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});
afterAll(async () => {
  await commander?.close();
  await node?.close();
});

const isInbox = (told: Told) => told.params["uri"] === "federation://inbox";
const heard = (peer: Peer) => peer.told.filter(isInbox).length;

/** Says something to the actor; resolves when its client has been told. */
async function sayAndHear(peer: Peer, text: string): Promise<void> {
  const before = heard(peer);
  await commander.call("SendMessage", { to: actor, text });
  await until(`the client has heard of "${text}"`, () => heard(peer) > before);
  const { contents } = await peer.request("resources/read", { uri: "federation://inbox" });
  expect(JSON.stringify(contents)).toContain(text);
}

describe.each(peerKinds)("a client of kind %s", (kind) => {
  test("goes on hearing of its resources after a reload and after a crash, without asking again", async () => {
    const peer = await connectPeer(`ws://127.0.0.1:${node.port}/mcp`, token, kind);
    peers.push(peer);
    await peer.subscribe("federation://inbox");
    await sayAndHear(peer, `before the reload, to ${kind}`);

    let toldBefore = heard(peer);
    await node.federation("reload");
    // Once, since it may have changed in between; what comes after that is news.
    await until("the client was told once after the reload", () => heard(peer) > toldBefore);
    await sayAndHear(peer, `after the reload, to ${kind}`);

    const pid = await node.implPid();
    toldBefore = heard(peer);
    process.kill(pid, "SIGKILL");
    await until("another impl is at work", async () => (await node.implPid().catch(() => pid)) !== pid);
    await until("the client was told once after the crash", () => heard(peer) > toldBefore);
    await sayAndHear(peer, `after the crash, to ${kind}`);
  });
});
