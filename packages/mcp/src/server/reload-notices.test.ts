import { afterEach, describe, expect, it } from "vitest";
import { createHandFedChanges, createHandFedControl, startControlEndpoint } from "../testing/index.ts";
import { connectPeer, type Peer, type PeerKind, peerKinds } from "../testing/peers.ts";
import { surfaceHash } from "./surface.ts";

const tokens = { ann: { actor: "ann", role: "developer" } } as const;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A session that a process with this surface had before. */
async function comeOver(kind: PeerKind, surface: string): Promise<Peer> {
  const control = createHandFedControl().service;
  const changes = createHandFedChanges().feed;
  const endpoint = await startControlEndpoint({ control, changes, tokens, surface });
  const peer = await connectPeer(endpoint.url, "ann", kind);
  closing.push(async () => {
    await peer.close();
    await endpoint.close();
  });
  return peer;
}

const lists = ["tools", "resources", "prompts"].map((it) => `notifications/${it}/list_changed`);
const methods = (peer: Peer) => new Set(peer.told.map((it) => it.method));

describe.each(peerKinds)("a client of kind %s whose session came from another process", (kind) => {
  it("is told to list everything again when that one had another surface", async () => {
    const peer = await comeOver(kind, "of an older build");
    await peer.subscribe("federation://charter");
    for (const method of lists) await peer.hears((told) => told.method === method);
  });

  it("is told once of what it subscribes to, which may have changed in between, and of no other surface", async () => {
    const peer = await comeOver(kind, surfaceHash());
    await peer.subscribe("federation://charter");
    await peer.hears((told) => told.params["uri"] === "federation://charter");
    await peer.request("tools/list");
    expect([...methods(peer)].filter((method) => /(tools|prompts)\/list_changed/.test(method))).toEqual([]);
  });
});

it("the surface of a build is a short text that does not change", () => {
  expect(surfaceHash()).toMatch(/^[0-9a-f]{32}$/);
  expect(surfaceHash()).toBe(surfaceHash());
});
