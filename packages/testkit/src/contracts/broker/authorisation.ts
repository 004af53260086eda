import { expect, test, vi } from "vitest";
import { answerOf, type BrokerHarness, bodies, collect, soon } from "./harness.ts";

/** Who may read and write what, who is named as the sender, and how much is too much. */
export function authorisationSentences(harness: BrokerHarness): void {
  const { own, foreign, reader, link, open, raw, stranger, batch } = harness;

  for (const [what, destination] of [
    ["another actor's queue", foreign],
    ["a wildcard of queues", "/queue/federation.>"],
    ["a wildcard of names", "/queue/federation.*"],
    ["everything", "/queue/>"],
    ["everything of two words", "/queue/*.*"],
    ["any first word", `/queue/*.${reader.login}`],
    ["a composite of wildcards", `${own},/queue/federation.*`],
    ["a composite", `${own},${foreign}`],
    ["every topic", "/topic/>"],
    ["dead letters", "/queue/DLQ.>"],
    ["advisories", "/topic/ActiveMQ.Advisory.>"],
  ] as const) {
    test(`subscribing to ${what} is refused and delivers nothing`, async () => {
      const made = await open();
      const thief = await raw();
      thief.send("SUBSCRIBE", { id: "1", destination, ack: "auto", receipt: "r" });
      expect(await answerOf(thief)).toBe("ERROR");
      await made.publish(batch(2));
      expect((await thief.next(300))?.command).toBeUndefined();
    });
  }

  for (const [what, destination] of [
    ["a wildcard of queues", "/queue/federation.>"],
    ["a wildcard of names", "/queue/federation.*"],
    ["a composite", `${own},${foreign}`],
    ["a queue that is no actor's", "/queue/somewhere.else"],
    ["a topic that is not the broadcast", "/topic/federation.other"],
  ] as const) {
    test(`sending to ${what} is refused and delivers nothing`, async () => {
      const made = await open();
      const frames = collect(made, own, true);
      const sender = await raw();
      sender.send("SEND", { destination, persistent: "true", receipt: "r" }, "sprayed");
      expect(await answerOf(sender)).toBe("ERROR");
      const sent = batch(1);
      await made.publish(sent);
      await vi.waitFor(() => expect(bodies(frames)).toEqual(bodies(sent)), soon);
    });
  }

  test("a sender that claims to be another is named by its login all the same", async () => {
    const made = await open();
    const frames = collect(made, own, true);
    const forger = await raw();
    forger.send("SEND", { destination: own, JMSXUserID: "commander", receipt: "r" }, "forged");
    expect(await answerOf(forger)).toBe("RECEIPT");
    await vi.waitFor(() => expect(frames).toHaveLength(1), soon);
    expect(frames[0]?.assertedSender).toBe(reader.login);
  });

  test("a wrong passcode is told by the status, without the passcode, and tried again with back-off", async () => {
    const passcode = "not-the-one-7311";
    const made = await link({ passcode });
    const attempts: number[] = [];
    const waits: number[] = [];
    let last = performance.now();
    made.watch((status) => {
      if (status.state !== "connecting" || status.attempt === attempts.at(-1)) return;
      attempts.push(status.attempt);
      waits.push(performance.now() - last);
      last = performance.now();
    });
    await vi.waitFor(() => expect(attempts.length).toBeGreaterThanOrEqual(4), soon);
    const status = made.status();
    expect(status).toMatchObject({ state: "connecting", lastError: expect.stringMatching(/refused/) });
    expect(JSON.stringify(status)).not.toContain(passcode);
    // Jitter aside, the waits grow.
    expect(waits.at(-1)).toBeGreaterThan(waits[1] ?? 0);
  });

  test("a frame over the cap ends its sender's connection and nobody else's", async () => {
    const made = await open();
    const frames = collect(made, own, true);
    const sender = await raw();
    const body = "x".repeat(300 * 1024);
    sender.send("SEND", { destination: own, "content-length": String(body.length), receipt: "r" }, body);
    expect(await answerOf(sender)).not.toBe("RECEIPT");
    expect(await sender.ended(5_000)).toBe(true);
    const sent = batch(1);
    await made.publish(sent);
    await vi.waitFor(() => expect(bodies(frames)).toEqual(bodies(sent)), soon);
  });

  test("a stranger without a login gets nowhere", async () => {
    const client = await stranger();
    client.send("SUBSCRIBE", { id: "1", destination: own, ack: "auto" });
    expect(await answerOf(client)).toBe("ERROR");
    const anonymous = await stranger();
    anonymous.send("CONNECT", { "accept-version": "1.2", host: "federation" });
    expect(await answerOf(anonymous)).toBe("ERROR");
  });
}
