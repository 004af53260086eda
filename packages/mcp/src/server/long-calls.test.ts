import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHandFedControl, startControlEndpoint } from "../testing/index.ts";
import { connectPeer, type Peer, type PeerKind, peerKinds } from "../testing/peers.ts";

const tokens = { ann: { actor: "ann", role: "developer" } } as const;
let control = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
let related: unknown[] = [];
const peers: Peer[] = [];

beforeEach(async () => {
  related = [];
  control = createHandFedControl();
  endpoint = await startControlEndpoint({
    control: control.service,
    tokens,
    onSend: (message, to) =>
      void (Reflect.get(message, "method") === "notifications/progress" ? related.push(to) : undefined),
  });
});
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
  await endpoint.close();
});

async function connect(kind: PeerKind): Promise<Peer> {
  const peer = await connectPeer(endpoint.url, "ann", kind);
  peers.push(peer);
  return peer;
}

const roster = { name: "list_roster", arguments: {} };

describe.each(peerKinds)("a client of kind %s", (kind) => {
  it("that asked for it is told that a long call is under way, growing, until it is answered", async () => {
    const seen: unknown[] = [];
    const enough = Promise.withResolvers<void>();
    control.on("ListRoster", async () => {
      await enough.promise;
      return { actors: [] };
    });
    const peer = await connect(kind);
    const onprogress = (progress: unknown) => {
      seen.push(progress);
      if (seen.length === 2) enough.resolve();
    };
    expect(await peer.request("tools/call", roster, { onprogress })).toMatchObject({
      structuredContent: { actors: [] },
    });
    const [first, second] = seen.map((it) => Number(Reflect.get(Object(it), "progress")));
    expect(first).toBeGreaterThanOrEqual(0.9);
    expect(second).toBeGreaterThan(first ?? 0);
    expect(seen[0]).toMatchObject({ message: "list_roster is under way for 1 s." });
    // Each goes with its call, not with the session.
    expect(related.every((to) => to !== undefined)).toBe(true);
  });

  it("that gives a call up gets no answer, and whoever works on it is told", async () => {
    let ended = false;
    control.on("ListRoster", (_request, caller) => {
      return new Promise((resolve) => {
        caller.signal.addEventListener("abort", () => {
          ended = true;
          resolve({ actors: [] });
        });
      });
    });
    const peer = await connect(kind);
    const stop = new AbortController();
    const call = peer.request("tools/call", roster, { signal: stop.signal });
    await control.called((it) => it.name === "ListRoster");
    stop.abort();
    await expect(call).rejects.toThrow();
    await endpoint.sessions.idle();
    expect(ended).toBe(true);
  });
});
