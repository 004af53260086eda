import { randomUUID } from "node:crypto";
import type { MeshEvent } from "@federation/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";

let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.drop());

const remember = (text: string) =>
  ({ op: "remember", id: randomUUID(), conversation: null, text, source: "human" }) as const;

const textOf = (event: MeshEvent): unknown => event.data["text"];

/** All events after a cursor, a page at a time, as a reader that was away reads them. */
async function readAll(after: string | null, pageSize: number): Promise<readonly MeshEvent[]> {
  const all: MeshEvent[] = [];
  for (let cursor = after; ; ) {
    const { events } = await federation.store(COMMANDER).events(cursor, pageSize);
    all.push(...events);
    const last = events.at(-1);
    if (last === undefined) return all;
    cursor = last.cursor;
  }
}

test("a reader's cursor never passes a transaction that commits late", async () => {
  await federation.logSettled();
  const slow = await federation.raw(LEAD);
  const context = JSON.stringify({ generation: 1, epoch: 1, callId: "slow", command: "Test" });
  await slow.query("begin");
  await slow.query("select federation.apply($1, $2)", [context, JSON.stringify([remember("slow")])]);
  for (const text of ["quick one", "quick two"]) await federation.apply(DEVELOPER, remember(text));

  // What is later than the open transaction waits for it.
  const { events: early } = await federation.store(COMMANDER).events(null, 1_000);
  expect(early.map((event) => event.kind)).toEqual(Array.from({ length: 4 }, () => "NodeStarted"));
  const cursor = early.at(-1)?.cursor ?? null;
  expect((await federation.store(COMMANDER).events(cursor, 1_000)).events).toEqual([]);
  await slow.query("commit");

  await expect
    .poll(async () => (await federation.store(COMMANDER).events(cursor, 1_000)).events.map(textOf), { timeout: 10_000 })
    .toEqual(["slow", "quick one", "quick two"]);
});

test("pages of any size give every event once and in the same order, while others write", async () => {
  await federation.logSettled();
  const before = (await readAll(null, 1_000)).at(-1)?.cursor ?? null;
  const writers = [LEAD, DEVELOPER, ANALYST].map(async (actor) => {
    for (let i = 0; i < 15; i++) await federation.apply(actor, remember(`${actor} ${i}`));
  });
  const seen: unknown[] = [];
  let cursor = before;
  const read = async (): Promise<void> => {
    const { events } = await federation.store(COMMANDER).events(cursor, 4);
    seen.push(...events.map(textOf));
    cursor = events.at(-1)?.cursor ?? cursor;
  };
  let writing = true;
  const done = Promise.all(writers).then(() => {
    writing = false;
  });
  while (writing) await read();
  await done;
  await expect.poll(() => read().then(() => seen.length), { timeout: 10_000, interval: 5 }).toBe(45);
  await federation.logSettled();
  expect(new Set(seen).size).toBe(45);
  for (const actor of [LEAD, DEVELOPER, ANALYST])
    expect(seen.filter((text) => String(text).startsWith(actor))).toEqual(
      Array.from({ length: 15 }, (_, i) => `${actor} ${i}`),
    );
  for (const pageSize of [1, 7, 1_000]) expect((await readAll(before, pageSize)).map(textOf)).toEqual(seen);
});

test("a restored copy is another history: new log epoch, and a cursor of the old one is refused", async () => {
  const store = federation.store(LEAD);
  const before = (await store.events(null, 1)).events[0]?.cursor ?? "";
  const [epoch] = before.split(".");
  const reopen = async () => {
    const opened = await store.open({ instance: randomUUID(), takeOver: true, version: "0.1.0" });
    return opened.outcome === "opened" ? opened.logEpoch : "";
  };
  expect(await reopen()).toBe(epoch);
  expect((await store.events(before, 1)).events).toHaveLength(1);
  // What a copy on another server, on another timeline or under another name looks like.
  await federation.owner("update federation.meta set value = 'another/1/1' where key = 'fingerprint'");
  const next = await reopen();
  expect(next).not.toBe(epoch);
  await expect(store.events(before, 1)).rejects.toMatchObject({ code: "conflict" });
  expect((await store.events(null, 1)).events[0]?.cursor.split(".")[0]).toBe(next);
  expect(await reopen()).toBe(next);
});

test("daemons that open a restored copy at the same time agree on one log epoch", async () => {
  await federation.owner("update federation.meta set value = 'yet/another/1' where key = 'fingerprint'");
  const opened = await Promise.all(
    [LEAD, DEVELOPER, ANALYST, COMMANDER].map((actor) =>
      federation.store(actor).open({ instance: randomUUID(), takeOver: true, version: "0.1.0" }),
    ),
  );
  expect(new Set(opened.map((o) => (o.outcome === "opened" ? o.logEpoch : ""))).size).toBe(1);
});
