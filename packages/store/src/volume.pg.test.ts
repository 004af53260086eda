import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { startMission } from "./testing/mission-driver.ts";

/** What grows for ever must not slow what every daemon asks every two seconds. */
let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.drop());

/** The fastest of many calls, in milliseconds: what the machine does besides is not measured. */
async function fastest(call: () => Promise<unknown>, times = 60): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const startedMs = performance.now();
    await call();
    best = Math.min(best, performance.now() - startedMs);
  }
  return best;
}

test("ten thousand dealt-with deliveries and as many events make the standing questions no slower", async () => {
  const store = federation.store(DEVELOPER);
  const questions = {
    work: () => store.work(),
    reconcile: () => store.reconcile(),
    markReceived: () => store.markReceived("all_due", "poll"),
    leaseOutbox: () => store.leaseOutbox(64),
  };
  const mission = await startMission(federation);
  const measure = async (): Promise<Readonly<Record<string, number>>> => {
    const times: Record<string, number> = { missionView: await fastest(() => store.missionView(mission.id)) };
    for (const [name, ask] of Object.entries(questions)) times[name] = await fastest(ask);
    return times;
  };
  await measure();
  const before = await measure();

  const conversation = randomUUID();
  await federation.apply(LEAD, { op: "start_thread", id: conversation, title: "Long", members: [DEVELOPER] });
  await federation.owner(
    `with m as (insert into federation.messages (id, conversation, seq, sender, kind, body)
       select gen_random_uuid(), $1, n, $2, 'say', 'An old message of some length, to fill a page or two.' from generate_series(1, 10000) n
       returning id, seq)
     insert into federation.deliveries (message, recipient, conversation, seq, state, received_at, read_at, acted_at, acted_by)
       select id, $3, $1, seq, 'done', clock_timestamp(), clock_timestamp(), clock_timestamp(), 'model' from m`,
    [conversation, LEAD, DEVELOPER],
  );
  await federation.owner("update federation.conversations set last_seq = 10000 where id = $1", [conversation]);
  await federation.owner(
    "insert into federation.events (kind, actor, conversation, data) select 'MessageSent', $2, $1, '{}' from generate_series(1, 10000)",
    [conversation, LEAD],
  );
  await federation.owner("analyze");
  // Plans made for small tables are not what a daemon that stays up has.
  await measure();
  const after = await measure();
  for (const [name, ms] of Object.entries(after))
    expect(ms, `${name}: ${before[name]?.toFixed(2)} ms before, ${ms.toFixed(2)} ms after`).toBeLessThan(
      2 * (before[name] ?? 0) + 1,
    );
});

test("the last page of the log and the next message cost what the first did", async () => {
  const store = federation.store(COMMANDER);
  const { events: first } = await store.events(null, 50);
  const start = await fastest(() => store.events(null, 50), 20);
  let cursor = first.at(-1)?.cursor ?? null;
  for (;;) {
    const { events: page } = await store.events(cursor, 1_000);
    if (page.length < 1_000) break;
    cursor = page.at(-1)?.cursor ?? null;
  }
  const end = await fastest(() => store.events(cursor, 50), 20);
  expect(end, `${start.toFixed(2)} ms at the start, ${end.toFixed(2)} ms at the end`).toBeLessThan(3 * start + 2);

  const thread = async (): Promise<string> => {
    const id = randomUUID();
    await federation.apply(LEAD, { op: "start_thread", id, title: "Short", members: [DEVELOPER] });
    return id;
  };
  const send = (conversation: string) =>
    federation.apply(LEAD, {
      op: "send_message",
      id: randomUUID(),
      conversation,
      recipient: null,
      kind: "say",
      text: "One more.",
      about: null,
      causation: null,
    });
  const short = await thread();
  const [long] = await federation.owner<{ id: string }>("select id from federation.conversations where title = 'Long'");
  const inShort = await fastest(() => send(short), 20);
  const inLong = await fastest(() => send(long?.id ?? ""), 20);
  expect(inLong).toBeLessThan(2 * inShort + 2);
});
