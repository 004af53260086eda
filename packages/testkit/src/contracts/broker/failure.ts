import { expect, test, vi } from "vitest";
import { type BrokerHarness, bodies, collect, heartbeatMs, soon } from "./harness.ts";

/** Short heart-beats keep the suite short, and a Java process short of a processor can miss them: it really was silent then. */
const onBusyMachine = { retry: 2 };

/** Whatever breaks, the link says so in time and is back by itself. */
export function failureSentences(harness: BrokerHarness): void {
  const { own, broker, connected, link, open, proxied, batch, needs } = harness;

  test("what was not acknowledged comes again after the connection is lost, in order, marked redelivered", async () => {
    const { proxy, brokerUrls } = await proxied();
    const made = await open({ brokerUrls });
    const frames = collect(made, own, false);
    const sent = batch(6);
    await made.publish(sent);
    await vi.waitFor(() => expect(frames).toHaveLength(6), soon);
    for (const frame of frames.slice(0, 2)) expect(frame.acknowledge()).toBe(true);
    // The receipt of a later publish shows that the broker has read the acknowledgements.
    await made.publish(batch(1));
    proxy.cut();
    await connected(made, 2);
    await vi.waitFor(() => expect(frames.length).toBeGreaterThanOrEqual(6 + 5), soon);
    const again = frames.filter((frame) => frame.redelivered);
    expect(bodies(again).slice(0, 4)).toEqual(bodies(sent).slice(2));
    expect(made.counters().redelivered).toBe(again.length);
  });

  test("an acknowledgement after a reconnect is dropped, says so, and harms nothing", async () => {
    const { proxy, brokerUrls } = await proxied();
    const made = await open({ brokerUrls });
    const frames = collect(made, own, false);
    await made.publish(batch(1));
    await vi.waitFor(() => expect(frames).toHaveLength(1), soon);
    proxy.cut();
    await connected(made, 2);
    expect(frames[0]?.acknowledge()).toBe(false);
    expect(made.counters().staleAcks).toBe(1);
    await vi.waitFor(() => expect(frames).toHaveLength(2), soon);
    expect(frames[1]?.acknowledge()).toBe(true);
    const next = batch(1);
    expect(await made.publish(next)).toEqual({ outcome: "receipted" });
    await vi.waitFor(() => expect(frames.at(-1)?.body).toBe(next[0]?.body), soon);
    expect(made.status()).toMatchObject({ state: "connected", epoch: 2 });
  });

  test("publishing to a broker that is down is unconfirmed at once, and works again when it is back", async (context) => {
    needs(context, "way to be killed", broker().kill !== undefined);
    const made = await open();
    await broker().kill?.();
    await vi.waitFor(() => expect(made.status().state).toBe("connecting"), soon);
    const began = performance.now();
    expect(await made.publish(batch(1))).toMatchObject({ outcome: "unconfirmed", reason: "disconnected" });
    expect(performance.now() - began).toBeLessThan(500);
    await broker().start?.();
    await connected(made, 2);
    expect(await made.publish(batch(1))).toEqual({ outcome: "receipted" });
  }, 120_000);

  test("after the broker died the link is back by itself, with its subscriptions and what a durable store kept", async (context) => {
    needs(context, "way to be killed", broker().kill !== undefined);
    const made = await open();
    const frames = collect(made, own, false);
    const before = batch(5);
    expect(await made.publish(before)).toEqual({ outcome: "receipted" });
    await vi.waitFor(() => expect(frames).toHaveLength(5), soon);
    await broker().kill?.();
    await broker().start?.();
    await connected(made, 2);
    const after = batch(1);
    await vi.waitFor(async () => expect(await made.publish(after)).toEqual({ outcome: "receipted" }), soon);
    const expected = [...bodies(before), ...(broker().durable ? bodies(before) : []), ...bodies(after)];
    await vi.waitFor(() => expect(bodies(frames)).toEqual(expected), soon);
  }, 120_000);

  test("a receipt that does not come ends in a time-out, and the link goes on", async () => {
    const { proxy, brokerUrls } = await proxied();
    const made = await open({ brokerUrls, receiptTimeoutMs: 300, heartbeatMs: 5_000 });
    proxy.drop("toClient");
    expect(await made.publish(batch(1))).toMatchObject({ outcome: "unconfirmed", reason: "timeout" });
    expect(made.counters().receiptTimeouts).toBe(1);
    proxy.resume();
    await connected(made, 2);
    expect(await made.publish(batch(1))).toEqual({ outcome: "receipted" });
  });

  test(
    "a half-open connection is noticed within three heart-beats, and replaced when the network is back",
    onBusyMachine,
    async () => {
      const { proxy, brokerUrls } = await proxied();
      const made = await open({ brokerUrls, heartbeatMs });
      collect(made, own, true);
      const began = performance.now();
      proxy.blackhole();
      await vi.waitFor(() => expect(made.status().state).toBe("connecting"), { timeout: heartbeatMs * 3, interval: 5 });
      expect(performance.now() - began).toBeGreaterThan(heartbeatMs);
      expect(made.counters().heartbeatsLost).toBe(1);
      proxy.resume();
      await connected(made, 2);
    },
  );

  test("the broker gives up a client that has gone silent, and its frames go to the next", onBusyMachine, async () => {
    const { proxy, brokerUrls } = await proxied();
    const silent = await open({ brokerUrls, heartbeatMs });
    const held = collect(silent, own, false);
    const sent = batch(3);
    await silent.publish(sent);
    await vi.waitFor(() => expect(held).toHaveLength(3), soon);
    proxy.blackhole();
    const next = await open();
    const frames = collect(next, own, true);
    await vi.waitFor(() => expect(bodies(frames)).toEqual(bodies(sent)), soon);
    expect(frames.every(({ redelivered }) => redelivered)).toBe(true);
  });

  test("an idle link stays connected by its heart-beats", onBusyMachine, async () => {
    const idleHeartbeatMs = 2_000;
    const made = await open({ heartbeatMs: idleHeartbeatMs });
    const losses: (string | undefined)[] = [];
    made.watch((status) => status.state === "connecting" && losses.push(status.lastError));
    const began = performance.now();
    // Longer than either side would put up with silence.
    await vi.waitFor(() => expect(performance.now() - began).toBeGreaterThan(idleHeartbeatMs * 3), soon);
    expect(losses).toEqual([]);
    expect(made.status()).toMatchObject({ state: "connected", epoch: 1 });
  });

  test("closing ends within its deadline although the broker no longer answers", async () => {
    const { proxy, brokerUrls } = await proxied();
    const made = await open({ brokerUrls, heartbeatMs: 20_000 });
    collect(made, own, false);
    proxy.blackhole();
    const publishing = made.publish(batch(1));
    const began = performance.now();
    await made.close({ deadlineMs: 300 });
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(made.status()).toEqual({ state: "closed" });
    expect(await publishing).toMatchObject({ outcome: "unconfirmed", reason: "disconnected" });
  });

  test("the next broker of the list is tried when one does not answer", async () => {
    const made = await link({ brokerUrls: ["stomp://127.0.0.1:1", `stomp://127.0.0.1:${broker().port}`] });
    await connected(made);
    expect(made.status()).toMatchObject({ url: `stomp://127.0.0.1:${broker().port}` });
  });
}
