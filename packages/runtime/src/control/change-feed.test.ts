import { MeshError, type MeshEvent } from "@federation/core";
import { expect, test } from "vitest";
import { createVirtualClock, settle } from "../timing/clock-fixture.ts";
import { silentLog } from "../timing/log-fixture.ts";
import { createNews } from "../timing/news.ts";
import { createStop } from "../timing/stop.ts";
import { createChangeFeed } from "./change-feed.ts";

interface Row {
  readonly kind: string;
  readonly for: readonly string[];
}

/** An event log in memory: cursor N is after the Nth row. */
function rig() {
  const clock = createVirtualClock();
  const news = createNews(clock);
  const stop = createStop();
  const rows: Row[] = [];
  const reads: string[] = [];
  /** Actor → behind which row the last read for it began. */
  const from = new Map<string, number>();
  let away = false;
  const store = {
    async eventEnd() {
      if (away) throw new MeshError("unavailable", "away");
      return String(rows.length);
    },
    async events(after: string | null, limit: number, _filter?: object, as?: string) {
      reads.push(as ?? "");
      from.set(as ?? "", Number(after));
      if (away) throw new MeshError("unavailable", "away");
      const found: MeshEvent[] = [];
      rows.forEach((row, at) => {
        if (at < Number(after) || found.length >= limit || !row.for.includes(as ?? "")) return;
        const cursor = String(at + 1);
        found.push({ cursor, at: "", kind: row.kind, actor: null, conversation: null, subject: null, data: {} });
      });
      const last = found.length < limit ? undefined : found.at(-1);
      return { events: found, cursor: last?.cursor ?? String(rows.length) };
    },
  };
  const feed = createChangeFeed({ store, news, clock, log: silentLog, signal: stop.signal });
  const happens = (kind: string, ...actors: string[]) => void rows.push({ kind, for: actors });
  const told: string[] = [];
  const tell = (events: readonly MeshEvent[]) => void told.push(events.map((event) => event.kind).join(" "));
  const setAway = (now: boolean): void => {
    away = now;
  };
  return { clock, news, stop, feed, happens, told, tell, reads, from, setAway };
}

test("what happens from now on is told soon after it rang, together, and nothing of before", async () => {
  const r = rig();
  r.happens("Old", "ann");
  await r.feed.watch("ann", r.tell);
  r.happens("A", "ann");
  r.happens("B", "ann");
  r.news.ring();
  await r.clock.advance(100);
  expect(r.told).toEqual(["A B"]);
});

test("what rings nowhere, because another node did it, is told within a second", async () => {
  const r = rig();
  await r.feed.watch("ann", r.tell);
  r.happens("A", "ann");
  await r.clock.advance(1_000);
  expect(r.told).toEqual(["A"]);
});

test("an actor is told of what it may see, and of nothing else", async () => {
  const r = rig();
  const told: string[] = [];
  await r.feed.watch("ann", r.tell);
  await r.feed.watch("bob", (events) => void told.push(...events.map((event) => event.kind)));
  r.happens("ForAnn", "ann");
  r.happens("ForBob", "bob");
  await r.clock.advance(1_000);
  expect(r.told).toEqual(["ForAnn"]);
  expect(told).toEqual(["ForBob"]);
});

test("what is not for an actor is passed over once, and what comes behind it is told", async () => {
  const r = rig();
  await r.feed.watch("ann", r.tell);
  for (let n = 0; n < 500; n++) r.happens("ForBob", "bob");
  await r.clock.advance(1_000);
  await r.clock.advance(1_000);
  expect(r.from.get("ann")).toBe(500);
  r.happens("ForAnn", "ann");
  await r.clock.advance(1_000);
  expect(r.told).toEqual(["ForAnn"]);
});

test("what commits while a round reads is told once", async () => {
  const r = rig();
  let told = 0;
  await r.feed.watch("ann", (events) => {
    told += events.length;
    if (told === 200) for (let n = 0; n < 200; n++) r.happens("B", "ann");
  });
  for (let n = 0; n < 200; n++) r.happens("A", "ann");
  for (let round = 0; round < 3; round++) await r.clock.advance(1_000);
  expect(told).toBe(400);
});

test("two listeners of one actor cost one read", async () => {
  const r = rig();
  await Promise.all([r.feed.watch("ann", r.tell), r.feed.watch("ann", r.tell)]);
  r.happens("A", "ann");
  await r.clock.advance(1_000);
  expect(r.told).toEqual(["A", "A"]);
  expect(r.reads).toEqual(["ann"]);
});

test("with nobody watching nothing is read, and who watches again starts from then", async () => {
  const r = rig();
  const end = await r.feed.watch("ann", r.tell);
  end();
  await r.clock.advance(5_000);
  const reads = r.reads.length;
  r.happens("Missed", "ann");
  await r.clock.advance(60_000);
  expect(r.reads.length).toBe(reads);
  await r.feed.watch("ann", r.tell);
  r.happens("A", "ann");
  await r.clock.advance(1_000);
  expect(r.told).toEqual(["A"]);
});

test("more than a page is told in pages, all of it", async () => {
  const r = rig();
  await r.feed.watch("ann", r.tell);
  for (let i = 0; i < 450; i++) r.happens("A", "ann");
  await r.clock.advance(1_000);
  expect(r.told.map((line) => line.split(" ").length)).toEqual([200, 200, 50]);
});

test("a log that was away is read on from where it was left", async () => {
  const r = rig();
  await r.feed.watch("ann", r.tell);
  r.setAway(true);
  r.happens("A", "ann");
  await r.clock.advance(20_000);
  expect(r.reads.length).toBeLessThan(8);
  expect(r.told).toEqual([]);
  r.setAway(false);
  await r.clock.advance(10_000);
  expect(r.told).toEqual(["A"]);
});

test("who begins to watch while the log is away is told that it cannot", async () => {
  const r = rig();
  r.setAway(true);
  await expect(r.feed.watch("ann", r.tell)).rejects.toMatchObject({ code: "unavailable" });
});

test("it ends with its process", async () => {
  const r = rig();
  await r.feed.watch("ann", r.tell);
  r.stop.stop();
  await settle();
  r.happens("A", "ann");
  await r.clock.advance(10_000);
  expect(r.told).toEqual([]);
});
