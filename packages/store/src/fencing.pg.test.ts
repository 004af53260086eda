import { randomUUID } from "node:crypto";
import type { Store } from "@federation/runtime/ports";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";

let federation: Federation;
beforeEach(async () => {
  federation = await startFederation();
});
afterEach(() => federation.drop());

const version = "0.1.0";
const send = (store: Store) =>
  store.apply({
    callId: randomUUID(),
    command: "StartThread",
    operations: [{ op: "start_thread", id: randomUUID(), title: "Talk", members: [LEAD, DEVELOPER] }],
  });
/** Every write there is besides apply. */
const otherWrites = (store: Store): readonly (() => Promise<unknown>)[] => [
  () => store.leaseOutbox(10),
  () => store.completeOutbox(["1"]),
  () => store.markReceived("all_due", "poll"),
  () => store.reconcile(),
  () => store.beginTurn(randomUUID()),
  () => store.leaveTurn(randomUUID()),
  () => store.sealEpoch(),
];

test("a second daemon of an actor is told that the place is occupied, and for how long", async () => {
  await federation.store(LEAD).renewPresence({ model: null, broker: "none", ttlMs: 15_000 });
  const second = federation.connect(LEAD);
  const answer = await second.open({ instance: randomUUID(), takeOver: false, version });
  expect(answer).toMatchObject({ outcome: "occupied" });
  if (answer.outcome === "occupied") {
    expect(answer.retryAfterMs).toBeGreaterThan(0);
    expect(answer.retryAfterMs).toBeLessThanOrEqual(15_000);
  }
  await expect(send(second)).rejects.toMatchObject({ code: "unavailable" });
  await expect(send(federation.store(LEAD))).resolves.toMatchObject({ replayed: false });
});

test("a daemon that takes over fences every write of the one before it", async () => {
  const old = federation.store(LEAD);
  await send(old);
  const next = federation.connect(LEAD);
  expect(await next.open({ instance: randomUUID(), takeOver: true, version })).toMatchObject({
    outcome: "opened",
    generation: 2,
  });
  await expect(send(old)).rejects.toMatchObject({ code: "fenced" });
  for (const write of otherWrites(old)) await expect(write()).rejects.toMatchObject({ code: "fenced" });
  expect(await old.renewPresence({ model: null, broker: "none", ttlMs: 15_000 })).toBe("fenced");
  expect(await next.renewPresence({ model: null, broker: "none", ttlMs: 15_000 })).toBe("renewed");
  await send(next);
});

test("when the lease of a dead daemon is over the next one opens without being asked to take over", async () => {
  await federation.store(LEAD).renewPresence({ model: null, broker: "none", ttlMs: 0 });
  expect(await federation.connect(LEAD).open({ instance: randomUUID(), takeOver: false, version })).toMatchObject({
    outcome: "opened",
    generation: 2,
  });
});

test("another impl of the same daemon keeps the generation and fences the older epoch", async () => {
  const instance = randomUUID();
  const [first, second] = [federation.connect(LEAD), federation.connect(LEAD)];
  expect(await first.open({ instance, takeOver: true, version })).toMatchObject({ generation: 2, epoch: 2 });
  await send(first);
  expect(await second.open({ instance, takeOver: false, version })).toMatchObject({ generation: 2, epoch: 3 });
  await expect(send(first)).rejects.toMatchObject({ code: "fenced" });
  for (const write of otherWrites(first)) await expect(write()).rejects.toMatchObject({ code: "fenced" });
  await send(second);
});

describe("an impl that starts beside another", () => {
  const beside = async () => {
    const instance = randomUUID();
    const [first, second] = [federation.connect(LEAD), federation.connect(LEAD)];
    await first.open({ instance, takeOver: true, version });
    expect(await second.open({ instance, takeOver: false, version, beside: true })).toMatchObject({
      generation: 2,
      epoch: 3,
    });
    return { instance, first, second };
  };
  const fences = async (store: Store) => {
    for (const write of [() => send(store), ...otherWrites(store)])
      await expect(write()).rejects.toMatchObject({ code: "fenced" });
  };

  test("leaves the older one its writes until it seals its epoch", async () => {
    const { first, second } = await beside();
    await send(first);
    await send(second);
    await second.sealEpoch();
    await fences(first);
    await send(second);
  });

  test("is fenced when the older one opens anew", async () => {
    const { instance, first, second } = await beside();
    expect(await first.open({ instance, takeOver: false, version })).toMatchObject({ generation: 2, epoch: 4 });
    await fences(second);
    await send(first);
  });

  test("goes on writing when the older one seals: a seal fences only what is older", async () => {
    const { first, second } = await beside();
    await first.sealEpoch();
    await send(second);
    await second.sealEpoch();
    await expect(first.sealEpoch()).rejects.toMatchObject({ code: "fenced" });
    await send(second);
  });

  test("is refused to a daemon that does not hold the generation", async () => {
    const other = federation.connect(LEAD);
    await expect(other.open({ instance: randomUUID(), takeOver: true, version, beside: true })).rejects.toMatchObject({
      code: "fenced",
    });
    await send(federation.store(LEAD));
  });

  test("seals only when the writes of the older one that are under way have ended", async () => {
    const { second } = await beside();
    const node = await federation.raw(LEAD);
    const context = JSON.stringify({ generation: 2, epoch: 2, callId: "slow", command: "Test" });
    const thread = JSON.stringify([{ op: "start_thread", id: randomUUID(), title: "Slow", members: [LEAD] }]);
    await node.query("begin");
    await node.query("select federation.apply($1, $2)", [context, thread]);
    const sealed = second.sealEpoch();
    await expect
      .poll(
        () =>
          federation.owner(
            "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%seal_epoch%'",
          ),
        { timeout: 5_000 },
      )
      .toHaveLength(1);
    await node.query("commit");
    await sealed;
    await expect(
      node.query("select federation.apply($1, $2)", [context.replace("slow", "late"), thread]),
    ).rejects.toMatchObject({ code: "FD007" });
  });
});

test("daemons that take over at the same time get different generations, and one of them may write", async () => {
  const rivals = Array.from({ length: 6 }, () => federation.connect(LEAD, { maxConnections: 2 }));
  const opened = await Promise.all(
    rivals.map((store) => store.open({ instance: randomUUID(), takeOver: true, version })),
  );
  const generations = opened.map((o) => (o.outcome === "opened" ? o.generation : 0)).sort((a, b) => a - b);
  expect(generations).toEqual([2, 3, 4, 5, 6, 7]);
  const sent = await Promise.allSettled(rivals.map(send));
  expect(sent.filter((s) => s.status === "fulfilled")).toHaveLength(1);
});

test("a write under way when another takes over commits before the take-over does, or not at all", async () => {
  const node = await federation.raw(LEAD);
  const context = JSON.stringify({ generation: 1, epoch: 1, callId: "slow", command: "Test" });
  const thread = JSON.stringify([{ op: "start_thread", id: randomUUID(), title: "Slow", members: [LEAD] }]);
  await node.query("begin");
  await node.query("select federation.apply($1, $2)", [context, thread]);
  let over = false;
  const takeOver = federation
    .connect(LEAD)
    .open({ instance: randomUUID(), takeOver: true, version })
    .then(() => {
      over = true;
    });
  // The take-over waits for the transaction: the database shows it waiting for a lock.
  await expect
    .poll(
      () =>
        federation.owner(
          "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%open_node%'",
        ),
      { timeout: 5_000 },
    )
    .toHaveLength(1);
  expect(over).toBe(false);
  await node.query("commit");
  await takeOver;
  await expect(
    node.query("select federation.apply($1, $2)", [context.replace("slow", "late"), thread]),
  ).rejects.toMatchObject({ code: "FD007" });
});
