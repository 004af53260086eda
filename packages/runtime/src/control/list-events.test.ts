import type { MeshEvent } from "@federation/core";
import { parseControlRequest } from "@federation/core";
import { describe, expect, test } from "vitest";
import { createCounters } from "../metrics/counters.ts";
import type { ControlCaller, EventFilter } from "../ports/index.ts";
import { createVirtualClock, settle } from "../timing/clock-fixture.ts";
import { silentLog } from "../timing/log-fixture.ts";
import { createNews } from "../timing/news.ts";
import { createStop } from "../timing/stop.ts";
import type { ControlDeps } from "./call.ts";
import { countEvents, listEvents } from "./list-events.ts";

const never = async (): Promise<never> => {
  throw new Error("reading the log needs nothing else");
};

/** An event log in memory: cursor N is after the Nth row. */
function rig() {
  const clock = createVirtualClock();
  const news = createNews(clock);
  const stop = createStop();
  const rows: string[] = [];
  const looks: { readonly atMs: number; readonly after: string | null; readonly filter: EventFilter | undefined }[] =
    [];
  const event = (kind: string, at: number): MeshEvent => ({
    cursor: String(at + 1),
    at: "",
    kind,
    actor: null,
    conversation: null,
    subject: null,
    data: {},
  });
  const deps: ControlDeps = {
    store: {
      apply: never,
      missionView: never,
      assemblyView: never,
      query: never,
      listPages: never,
      counts: never,
      health: () => ({ state: "ready", server: "", retries: {} }),
      eventEnd: async () => String(rows.length),
      async events(after, limit, filter) {
        looks.push({ atMs: clock.nowMs(), after, filter });
        const events = rows
          .map(event)
          .slice(Number(after))
          .filter((e) => filter?.kinds?.includes(e.kind) ?? true);
        const page = events.slice(0, limit);
        const full = page.length === limit ? page.at(-1) : undefined;
        return { events: page, cursor: full?.cursor ?? String(rows.length) };
      },
      async eventsBefore(before, limit, filter) {
        looks.push({ atMs: clock.nowMs(), after: before, filter });
        return { events: rows.map(event).slice(-limit), cursor: null };
      },
      countEvents: async ({ after, upTo }) => ({
        count: Number(upTo ?? rows.length) - Number(after),
        upTo: upTo ?? "",
      }),
    },
    actor: "rob",
    move: never,
    lookForWork: () => undefined,
    news,
    clock,
    random: { uuid: () => "", fraction: () => 0.5 },
    log: silentLog,
    counters: createCounters(),
  };
  const caller: ControlCaller = {
    actor: "rob",
    role: "commander",
    scopes: ["read"],
    credential: "",
    callId: "",
    signal: stop.signal,
  };
  const ask = (request: object) => listEvents(deps, parseControlRequest("ListEvents", request), caller);
  return { clock, news, stop, rows, looks, deps, caller, ask };
}

describe("who waits for events", () => {
  test("looks again soon at first, then less and less often, and about once a second in the end", async () => {
    const r = rig();
    const answer = r.ask({ after: "end", waitMs: 25_000 });
    await r.clock.advance(25_100);
    expect(await answer).toEqual({ events: [], cursor: "0" });
    const gaps = r.looks.map((look, i) => look.atMs - (r.looks[i - 1]?.atMs ?? look.atMs)).slice(1, -1);
    expect(gaps.slice(0, 3).every((gap) => gap <= 150)).toBe(true);
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
    expect(gaps.slice(-10).every((gap) => gap >= 1_000)).toBe(true);
    expect(r.looks.length).toBeLessThanOrEqual(32);
  });

  test("is told of what another node did within some tens of milliseconds while things happen", async () => {
    const r = rig();
    const told: number[] = [];
    const happenedAt: number[] = [];
    let done = false;
    const watch = (async () => {
      for (let after = "0"; !done; ) {
        const { events, cursor } = await r.ask({ after, waitMs: 20_000 });
        for (const { cursor: at } of events) told.push(r.clock.nowMs() - (happenedAt[Number(at) - 1] ?? 0));
        after = cursor ?? after;
      }
    })();
    for (let n = 0; n < 200; n++) {
      happenedAt.push(r.clock.nowMs());
      r.rows.push("A");
      await r.clock.advance(20);
    }
    done = true;
    r.rows.push("Z");
    await r.clock.advance(1_100);
    await watch;
    const sorted = [...told].sort((a, b) => a - b);
    expect(sorted.length).toBeGreaterThanOrEqual(200);
    expect(sorted[100]).toBeLessThanOrEqual(35);
    expect(sorted[195]).toBeLessThanOrEqual(65);
  });

  test("is told a breath after something rang in this process", async () => {
    const r = rig();
    const answer = r.ask({ after: "end", waitMs: 25_000 });
    await r.clock.advance(10_000);
    const startedMs = r.clock.nowMs();
    r.rows.push("A");
    r.news.ring();
    await settle();
    expect((await answer).events).toHaveLength(1);
    expect(r.clock.nowMs() - startedMs).toBeLessThanOrEqual(50);
  });

  test("does not look at every ring where nothing of it is wanted", async () => {
    const r = rig();
    const answer = r.ask({ after: "end", kinds: ["B"], waitMs: 5_000 });
    for (let n = 0; n < 1_000; n++) {
      r.rows.push("A");
      r.news.ring();
      await r.clock.advance(5);
    }
    await r.clock.advance(1_000);
    expect((await answer).events).toEqual([]);
    expect(r.looks.length).toBeLessThanOrEqual(105);
  });

  test("does not look through what did not fit again", async () => {
    const r = rig();
    r.rows.push("A", "A", "A");
    const answer = r.ask({ after: "0", kinds: ["B"], waitMs: 5_000 });
    await r.clock.advance(200);
    r.rows.push("A", "B");
    await r.clock.advance(1_000);
    expect((await answer).events.map((it) => it.kind)).toEqual(["B"]);
    expect(r.looks[0]).toMatchObject({ after: "0", filter: { kinds: ["B"] } });
    expect(r.looks.slice(1).every((look) => look.after === "3")).toBe(true);
  });

  test("is answered at once when nobody waits for the answer any more", async () => {
    const r = rig();
    const answer = r.ask({ after: "end", waitMs: 25_000 });
    await r.clock.advance(100);
    r.stop.stop();
    await settle();
    expect(await answer).toEqual({ events: [], cursor: "0" });
  });
});

describe("reading backwards", () => {
  test("waits for nothing, and begins at the end or at a cursor", async () => {
    const r = rig();
    expect(await r.ask({ before: "end", waitMs: 25_000 })).toEqual({ events: [], cursor: null });
    r.rows.push("A", "B");
    expect((await r.ask({ before: "7", limit: 1, actor: "dev" })).events.map((it) => it.kind)).toEqual(["B"]);
    expect(r.looks.map((look) => look.after)).toEqual([null, "7"]);
    expect(r.looks[1]?.filter).toMatchObject({ actor: "dev" });
  });

  test("and forwards at once is refused", async () => {
    await expect(rig().ask({ after: "1", before: "end" })).rejects.toMatchObject({ code: "invalid_input" });
  });
});

test("a count goes to the end unless it is told how far, and from the end it is nothing", async () => {
  const r = rig();
  r.rows.push("A", "B", "C");
  const count = (request: object) => countEvents(r.deps, parseControlRequest("CountEvents", request), r.caller);
  expect(await count({ after: "1" })).toMatchObject({ count: 2 });
  expect(await count({ after: "1", upTo: "2" })).toEqual({ count: 1, upTo: "2" });
  expect(await count({})).toMatchObject({ count: 3 });
  expect(await count({ after: "end" })).toMatchObject({ count: 0 });
});
