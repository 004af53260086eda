import { randomUUID } from "node:crypto";
import type { Operation } from "@federation/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  ANALYST,
  COMMANDER,
  DEVELOPER,
  type Federation,
  first,
  LEAD,
  startFederation,
} from "./testing/federation-fixture.ts";

let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.drop());
beforeEach(async () => {
  await federation.owner(
    "update federation.deliveries set state = 'done', acted_at = clock_timestamp(), received_at = clock_timestamp() where state = 'due'",
  );
  await federation.owner("delete from federation.outbox");
});

async function thread(...members: readonly string[]): Promise<string> {
  const id = randomUUID();
  await federation.apply(LEAD, { op: "start_thread", id, title: "Talk", members });
  return id;
}

function message(conversation: string, over: Partial<Extract<Operation, { op: "send_message" }>> = {}) {
  const base = { op: "send_message", id: randomUUID(), conversation, recipient: null, kind: "say" } as const;
  return { ...base, text: "Hello.", about: null, causation: null, ...over };
}

const deliveriesOf = (id: string) =>
  federation
    .store(COMMANDER)
    .query("ShowMessage", { message: id }, COMMANDER)
    .then((answer) => answer.deliveries);

/** Empties the outbox like a relay whose broker receipts everything. */
async function relayAll(
  actor: string,
): Promise<readonly { readonly queue: string | null; readonly message: string }[]> {
  const rows = await federation.store(actor).leaseOutbox(256);
  await federation.store(actor).completeOutbox(rows.map((row) => row.id));
  return rows;
}

async function turn(actor: string, conversation: string, failure: string | null, deliveries: readonly string[] = []) {
  const { turn: id } = await federation.store(actor).beginTurn(conversation);
  await federation.apply(actor, {
    op: "finish_turn",
    turn: id,
    deliveries,
    read: failure === null,
    obligation: null,
    model: null,
    tokensIn: 0,
    tokensOut: 0,
    failure,
  });
}

test("a message climbs the ladder: stored, sent, received, read, acted", async () => {
  const conversation = await thread(LEAD, DEVELOPER);
  await relayAll(LEAD);
  const sent = message(conversation);
  await federation.apply(LEAD, sent);
  const at = async () => (await deliveriesOf(sent.id)).map((d) => ({ ...d }))[0];
  expect(await at()).toMatchObject({ recipient: DEVELOPER, state: "due", sentAt: null, receivedAt: null, attempts: 0 });

  const rows = await federation.store(ANALYST).leaseOutbox(10);
  expect(rows.map((row) => row.queue).sort()).toEqual([DEVELOPER, null].sort());
  expect(await federation.store(DEVELOPER).leaseOutbox(10)).toEqual([]);
  expect((await at())?.sentAt).toBeNull();
  await federation.store(ANALYST).completeOutbox(rows.map((row) => row.id));
  expect((await at())?.sentAt).not.toBeNull();
  expect(await federation.store(DEVELOPER).work()).toMatchObject({ outboxDue: 0, unreceived: 1 });

  expect(await federation.store(DEVELOPER).markReceived([sent.id, randomUUID()], "frame")).toEqual([
    { message: sent.id, conversation },
  ]);
  expect(await federation.store(DEVELOPER).markReceived("all_due", "poll")).toEqual([]);
  expect(await federation.store(ANALYST).markReceived([sent.id], "frame")).toEqual([]);
  expect(await federation.store(DEVELOPER).work()).toMatchObject({
    unreceived: 0,
    conversations: [{ conversation, duty: false }],
  });
  expect((await federation.store(DEVELOPER).dueMessages(conversation)).map((m) => m.id)).toEqual([sent.id]);
  await turn(DEVELOPER, conversation, null, [sent.id]);
  expect(await at()).toMatchObject({ state: "done", attempts: 1 });
  expect(Object.values((await at()) ?? {}).filter((v) => v === null)).toEqual([null]);
  expect(await federation.store(DEVELOPER).work()).toMatchObject({ conversations: [] });
});

test("messages of a conversation have an order without gaps, whoever sends at the same time", async () => {
  const conversation = await thread(LEAD, DEVELOPER, ANALYST);
  const sent = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      federation.apply([LEAD, DEVELOPER, ANALYST][i % 3] ?? LEAD, message(conversation, { text: `${i}` })),
    ),
  );
  expect(sent.map((o) => first(o).seq).sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(
    Array.from({ length: 60 }, (_, i) => i + 1),
  );
});

test("a call that is refused leaves no gap in the order", async () => {
  const conversation = await thread(LEAD, DEVELOPER);
  await federation.apply(LEAD, message(conversation));
  await expect(
    federation.apply(LEAD, message(conversation), message(conversation, { recipient: ANALYST })),
  ).rejects.toThrow();
  expect(first(await federation.apply(LEAD, message(conversation))).seq).toBe(2);
});

test("two relays share the outbox and never lease the same row; what is not receipted comes back", async () => {
  const conversation = await thread(LEAD, DEVELOPER);
  for (let i = 0; i < 20; i++) await federation.apply(LEAD, message(conversation));
  const [a, b] = await Promise.all([LEAD, ANALYST].map((actor) => federation.store(actor).leaseOutbox(25)));
  const ids = [...(a ?? []), ...(b ?? [])].map((row) => row.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(40);
  expect((await federation.store(LEAD).work()).outboxDue).toBe(0);
  await federation.owner("update federation.outbox set lease_until = clock_timestamp() - interval '1 ms'");
  const again = await federation.store(DEVELOPER).leaseOutbox(256);
  expect(again.map((row) => row.id).sort()).toEqual([...ids].sort());
  await federation.store(DEVELOPER).completeOutbox(again.map((row) => row.id));
  // A receipt that comes twice, or late, changes nothing.
  await federation.store(LEAD).completeOutbox(ids);
  expect((await federation.store(LEAD).work()).outboxDue).toBe(0);
});

test("a chain of answers ends where the charter says", async () => {
  const conversation = await thread(LEAD, DEVELOPER);
  let causation: string | null = null;
  for (let hop = 0; hop <= 6; hop++) {
    const answer = message(conversation, { causation });
    await federation.apply(hop % 2 === 0 ? LEAD : DEVELOPER, answer);
    causation = answer.id;
  }
  await expect(federation.apply(DEVELOPER, message(conversation, { causation }))).rejects.toMatchObject({
    code: "refused",
    details: { article: "budgets" },
  });
});

test("a turn that crashes is the same turn, begun once more", async () => {
  const conversation = await thread(LEAD, DEVELOPER);
  await federation.apply(LEAD, message(conversation));
  const store = federation.store(DEVELOPER);
  const begun = await Promise.all([1, 2, 3].map(() => store.beginTurn(conversation)));
  expect(new Set(begun.map((t) => t.turn)).size).toBe(1);
  expect(begun.map((t) => t.attempt).sort()).toEqual([1, 2, 3]);
  expect(begun.map((t) => t.step)).toEqual([1, 1, 1]);
});

test("five failed turns make a dead letter, its sender is told, and a redrive brings it back", async () => {
  const conversation = await thread(LEAD, DEVELOPER, ANALYST);
  const sent = message(conversation, { kind: "ask", recipient: DEVELOPER, text: "Well?" });
  await federation.apply(LEAD, sent);
  for (let attempt = 1; attempt <= 5; attempt++) {
    expect(await deliveriesOf(sent.id)).toMatchObject([{ state: "due", attempts: attempt - 1 }]);
    await turn(DEVELOPER, conversation, "the model's answer was no answer");
    // A failure puts the next look off, for longer each time.
    expect((await federation.store(DEVELOPER).work()).conversations).toEqual([]);
    await federation.owner("update federation.deliveries set not_before = '-infinity' where message = $1", [sent.id]);
  }
  expect(await deliveriesOf(sent.id)).toMatchObject([
    { state: "dead", attempts: 5, lastError: expect.stringContaining("no answer") },
  ]);
  expect((await federation.store(DEVELOPER).work()).conversations).toEqual([]);
  const notices = (await federation.store(LEAD).dueMessages(conversation)).filter((m) => m.kind === "notice");
  expect(notices).toMatchObject([{ sender: "federation", recipient: LEAD, text: expect.stringContaining(DEVELOPER) }]);
  expect(await federation.store(ANALYST).dueMessages(conversation)).toEqual([]);
  const dead = await federation.store(COMMANDER).query("ListDeadLetters", { limit: 10 }, COMMANDER);
  expect(dead.deliveries.map((d) => d.message)).toEqual([sent.id]);
  expect((await federation.store(COMMANDER).counts()).dead).toBe(1);

  await relayAll(LEAD);
  await federation.apply(LEAD, { op: "redrive", message: sent.id, recipient: DEVELOPER });
  expect((await federation.store(LEAD).leaseOutbox(10)).map((row) => [row.message, row.queue])).toEqual([
    [sent.id, DEVELOPER],
  ]);
  expect(await federation.store(DEVELOPER).markReceived([sent.id], "frame")).toHaveLength(1);
  await turn(DEVELOPER, conversation, null, [sent.id]);
  expect(await deliveriesOf(sent.id)).toMatchObject([{ state: "done", attempts: 1 }]);
  await expect(federation.apply(LEAD, { op: "redrive", message: sent.id, recipient: DEVELOPER })).rejects.toMatchObject(
    { code: "not_found" },
  );
});

test("a backlog that takes many turns to read is no backlog of failures", async () => {
  const conversation = await thread(LEAD, DEVELOPER);
  const sent = Array.from({ length: 9 }, () => message(conversation));
  await federation.apply(LEAD, ...sent);
  for (const [i, { id }] of sent.entries()) {
    // The sixth message takes two attempts, of which only the last ends.
    if (i === 5) await federation.store(DEVELOPER).beginTurn(conversation);
    await turn(DEVELOPER, conversation, null, [id]);
    expect((await federation.store(DEVELOPER).dueMessages(conversation)).map((m) => m.id)).toEqual(
      sent.slice(i + 1).map((m) => m.id),
    );
  }
  const states = await federation.owner("select distinct state from federation.deliveries where conversation = $1", [
    conversation,
  ]);
  expect(states).toEqual([{ state: "done" }]);
});

test("five crashes in a turn make a dead letter too, without a failure on record", async () => {
  const conversation = await thread(LEAD, DEVELOPER);
  const sent = message(conversation);
  await federation.apply(LEAD, sent);
  for (let crash = 1; crash <= 6; crash++) await federation.store(DEVELOPER).beginTurn(conversation);
  expect(await deliveriesOf(sent.id)).toMatchObject([{ state: "dead", lastError: expect.stringContaining("a crash") }]);
});

test("a turn that is left in good order any number of times makes no dead letter, and is still the same turn", async () => {
  const conversation = await thread(LEAD, DEVELOPER);
  const sent = message(conversation);
  await federation.apply(LEAD, sent);
  const store = federation.store(DEVELOPER);
  const begun = new Set<string>();
  for (let reload = 1; reload <= 20; reload++) {
    const { turn, attempt } = await store.beginTurn(conversation);
    begun.add(turn);
    expect(attempt).toBe(1);
    await store.leaveTurn(turn);
  }
  expect(begun.size).toBe(1);
  expect(await deliveriesOf(sent.id)).toMatchObject([{ state: "due", attempts: 0 }]);
  // One left by a crash still counts.
  await store.beginTurn(conversation);
  expect(await store.beginTurn(conversation)).toMatchObject({ attempt: 2 });
});

test("reading deals with what asks nothing; a question stays until it is dealt with", async () => {
  const conversation = await thread(LEAD, COMMANDER);
  const [said, asked] = [message(conversation), message(conversation, { kind: "ask", recipient: COMMANDER })];
  await federation.apply(LEAD, said, asked);
  await federation.apply(COMMANDER, { op: "mark_read", messages: [said.id, asked.id] });
  expect(await deliveriesOf(said.id)).toMatchObject([{ state: "done" }]);
  expect(await deliveriesOf(asked.id)).toMatchObject([{ state: "due", readAt: expect.any(String), actedAt: null }]);
  await federation.apply(COMMANDER, { op: "mark_acted", messages: [asked.id] });
  await federation.apply(COMMANDER, { op: "mark_acted", messages: [asked.id] });
  expect(await deliveriesOf(asked.id)).toMatchObject([{ state: "done" }]);
  await expect(federation.apply(ANALYST, { op: "mark_acted", messages: [asked.id] })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("an actor without a daemon is woken at its host, who may speak for it while the lease lasts", async () => {
  await federation.owner(
    "insert into federation.actors (name, kind, role, persona) values ('guest', 'external', 'developer', '{\"description\": \"A guest.\"}')",
  );
  const host = (until: string) =>
    federation.owner(
      `with c as (insert into federation.credentials (actor, token_sha256)
         values ('guest', sha256(convert_to(gen_random_uuid()::text, 'UTF8'))) returning id)
       insert into federation.hosting (actor, host, lease_until, credentials) select 'guest', $1, ${until}, array[id] from c
         on conflict (actor) do update set lease_until = excluded.lease_until`,
      [LEAD],
    );
  const conversation = await thread(LEAD, DEVELOPER, "guest");
  await relayAll(LEAD);
  const alone = message(conversation, { recipient: "guest" });
  await federation.apply(DEVELOPER, alone);
  expect(await relayAll(LEAD)).toEqual([]);

  await host("clock_timestamp() + interval '1 min'");
  const hosted = message(conversation, { recipient: "guest" });
  await federation.apply(DEVELOPER, hosted);
  expect((await relayAll(LEAD)).map((row) => row.queue)).toEqual([LEAD]);
  expect((await federation.store(LEAD).work()).unreceived).toBe(2);
  expect((await federation.store(LEAD).markReceived("all_due", "poll")).map((m) => m.message)).toEqual([
    alone.id,
    hosted.id,
  ]);
  const answer = message(conversation, { text: "I am here." });
  const speak = (actor: string) =>
    federation.store(actor).apply({ callId: randomUUID(), command: "SendMessage", operations: [answer], as: "guest" });
  await speak(LEAD);
  expect((await federation.store(LEAD).tail(conversation, 1))[0]).toMatchObject({ sender: "guest" });
  await expect(speak(DEVELOPER)).rejects.toMatchObject({ code: "refused", details: { article: "one-voice" } });
  await host("clock_timestamp()");
  await expect(speak(LEAD)).rejects.toMatchObject({ code: "refused", details: { article: "one-voice" } });
});
