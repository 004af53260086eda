import type { IncomingFrame } from "@federation/runtime/ports";
import { expect, test, vi } from "vitest";
import { answerOf, type BrokerHarness, bodies, broadcast, collect, soon } from "./harness.ts";

/** What is receipted arrives: intact, in order, whole transactions or nothing. */
export function deliverySentences(harness: BrokerHarness): void {
  const { own, foreign, reader, otherReader, broker, open, raw, batch, needs } = harness;

  test("a receipted publish is delivered with its body intact and its sender asserted", async () => {
    const made = await open();
    const frames = collect(made, own, true);
    const sent = batch(1);
    expect(await made.publish(sent)).toEqual({ outcome: "receipted" });
    await vi.waitFor(() => expect(bodies(frames)).toEqual(bodies(sent)), soon);
    expect(frames[0]).toMatchObject({ destination: own, redelivered: false, assertedSender: reader.login });
    expect(made.counters()).toMatchObject({ framesSent: 1, framesReceived: 1 });
  });

  test("frames arrive in the order they were published, across publishes and beyond the prefetch", async () => {
    const made = await open();
    const frames = collect(made, own, true);
    const sent = [...batch(40), ...batch(40), ...batch(40)];
    for (const part of [sent.slice(0, 40), sent.slice(40, 80), sent.slice(80)]) {
      expect(await made.publish(part)).toEqual({ outcome: "receipted" });
    }
    await vi.waitFor(() => expect(frames).toHaveLength(120), soon);
    expect(bodies(frames)).toEqual(bodies(sent));
  });

  test("no more frames than the prefetch are outstanding", async () => {
    const made = await open();
    const frames = collect(made, own, false);
    await made.publish(batch(100));
    await vi.waitFor(() => expect(frames.length).toBeGreaterThanOrEqual(32), soon);
    const held = frames.length;
    expect(held).toBeLessThanOrEqual(33);
    for (const frame of [...frames]) frame.acknowledge();
    await vi.waitFor(() => expect(frames.length).toBeGreaterThan(held), soon);
  });

  test("frames of a closed subscription go back and are delivered to the next one", async () => {
    const made = await open();
    const first: IncomingFrame[] = [];
    const subscription = made.subscribe(own, (frame) => first.push(frame));
    const sent = batch(3);
    await made.publish(sent);
    await vi.waitFor(() => expect(first).toHaveLength(3), soon);
    subscription.close();
    expect(first[0]?.acknowledge()).toBe(false);
    const second = collect(made, own, true);
    await vi.waitFor(() => expect(bodies(second)).toEqual(bodies(sent)), soon);
  });

  test("nothing of a transaction is delivered before its COMMIT, nor when the connection ends instead", async () => {
    const made = await open();
    const frames = collect(made, own, true);
    const sender = await raw();
    sender.send("BEGIN", { transaction: "lost" });
    sender.send("SEND", { destination: own, transaction: "lost", persistent: "true", receipt: "sent" }, "never");
    expect((await sender.next(3_000))?.headers["receipt-id"]).toBe("sent");
    sender.destroy();
    const sent = batch(2);
    await made.publish(sent);
    await vi.waitFor(() => expect(bodies(frames)).toEqual(bodies(sent)), soon);
  });

  test("nothing of an aborted transaction is delivered", async () => {
    const made = await open();
    const frames = collect(made, own, true);
    const sender = await raw();
    sender.send("BEGIN", { transaction: "t" });
    sender.send("SEND", { destination: own, transaction: "t", persistent: "true" }, "never");
    sender.send("ABORT", { transaction: "t", receipt: "aborted" });
    expect((await sender.next(3_000))?.headers["receipt-id"]).toBe("aborted");
    const sent = batch(1);
    await made.publish(sent);
    await vi.waitFor(() => expect(bodies(frames)).toEqual(bodies(sent)), soon);
  });

  test("a publish of which one frame is refused delivers none of them, and is unconfirmed at once", async (context) => {
    needs(context, "control of its accounts", broker().kill !== undefined);
    const made = await open();
    const frames = collect(made, own, true);
    const [allowed] = batch(1);
    // The link itself refuses such a destination, so a raw client sends.
    const sender = await raw();
    sender.send("BEGIN", { transaction: "t" });
    sender.send("SEND", { destination: own, transaction: "t", persistent: "true" }, allowed?.body);
    sender.send("SEND", { destination: "/queue/federation.>", transaction: "t", persistent: "true" }, allowed?.body);
    sender.send("COMMIT", { transaction: "t", receipt: "committed" });
    expect(await answerOf(sender)).toBe("ERROR");
    const sent = batch(1);
    await made.publish(sent);
    await vi.waitFor(() => expect(bodies(frames)).toEqual(bodies(sent)), soon);
  });

  test("an actor may send to another actor's queue", async (context) => {
    needs(context, "second account", otherReader !== undefined);
    const sender = await open();
    const receiver = await open(otherReader);
    const frames = collect(receiver, foreign, true);
    const sent = batch(2, foreign);
    expect(await sender.publish(sent)).toEqual({ outcome: "receipted" });
    await vi.waitFor(() => expect(bodies(frames)).toEqual(bodies(sent)), soon);
    expect(frames[0]?.assertedSender).toBe(reader.login);
  });

  test("a broadcast reaches every live subscriber", async () => {
    const first = await open();
    const second = await open(otherReader);
    const frames = [collect(first, broadcast, true), collect(second, broadcast, true)];
    await vi.waitFor(async () => {
      await first.publish(batch(1, broadcast));
      expect(frames[0]?.length).toBeGreaterThan(0);
      expect(frames[1]?.length).toBeGreaterThan(0);
    }, soon);
    const sent = batch(50, broadcast);
    expect(await second.publish(sent)).toEqual({ outcome: "receipted" });
    for (const received of frames) {
      await vi.waitFor(() => expect(bodies(received).slice(-50)).toEqual(bodies(sent)), soon);
    }
  });

  test("closing flushes the acknowledgements already given", async () => {
    const made = await open();
    const frames = collect(made, own, false);
    await made.publish(batch(20));
    await vi.waitFor(() => expect(frames).toHaveLength(20), soon);
    for (const frame of frames) expect(frame.acknowledge()).toBe(true);
    await made.close({ deadlineMs: 3_000 });
    const next = await open();
    const left = collect(next, own, true);
    const sent = batch(1);
    await next.publish(sent);
    await vi.waitFor(() => expect(left.length).toBeGreaterThan(0), soon);
    expect(bodies(left)).toEqual(bodies(sent));
  });
}
