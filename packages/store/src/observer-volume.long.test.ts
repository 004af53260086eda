import { type ControlName, parseControlRequest } from "@federation/core";
import type { EventFilter } from "@federation/runtime/ports";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDER, DEVELOPER, type Federation } from "./testing/federation-fixture.ts";
import { startLongLived } from "./testing/long-lived.ts";

/** What an observer asks every few seconds stays quick in a federation of 50 actors, 10,000 turns and 100,000 events. */
let federation: Federation;
beforeAll(async () => {
  federation = await startLongLived();
});
afterAll(() => federation.drop());

test("it has as many rows as it says", async () => {
  const rows = await federation.owner(
    `select (select count(*)::int from federation.actors where kind <> 'system') as actors, (select count(*)::int from federation.turns) as turns,
       (select count(*) >= 100000 from federation.events) as events`,
  );
  expect(rows).toEqual([{ actors: 50, turns: 10_000, events: true }]);
});

/** The fastest of some calls, in milliseconds: what the machine does besides is not measured. */
async function fastest(call: () => Promise<unknown>, times = 5): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const startedMs = performance.now();
    await call();
    best = Math.min(best, performance.now() - startedMs);
  }
  return best;
}

describe.each([COMMANDER, DEVELOPER])("for %s", (actor) => {
  const store = () => federation.store(actor);
  const back = (filter: EventFilter = {}) => store().eventsBefore(null, 50, filter, actor);

  test.each<[what: string, filter: EventFilter, mostMs: number]>([
    ["without a filter", {}, 50],
    ["of one actor", { actor: "actor-7" }, 100],
    ["of rare kinds", { kinds: ["NodeStarted"] }, 200],
    ["with letters that are nowhere", { text: "no such letters" }, 1_000],
  ])("a page of the log backwards %s", async (what, filter, mostMs) => {
    expect(await fastest(() => back(filter)), what).toBeLessThan(mostMs);
  });

  test("a page of one conversation, and a count of the whole log", async () => {
    const [last] = (await store().eventsBefore(null, 1, {}, actor)).events;
    const conversation = last?.conversation ?? undefined;
    expect(await fastest(() => back({ conversation }))).toBeLessThan(50);
    expect(await fastest(() => store().countEvents({ after: null, upTo: null }, {}, actor))).toBeLessThan(300);
  });

  const asked = <N extends ControlName>(name: N, request: object = {}) =>
    fastest(() => store().query(name, parseControlRequest(name, request), actor));

  test("the roster", async () => expect(await asked("ListRoster")).toBeLessThan(100));
  test("what waits", async () => expect(await asked("ListWaiting")).toBeLessThan(50));
  test("conversations", async () => expect(await asked("ListConversations")).toBeLessThan(100));
  test("turns", async () => expect(await asked("ListTurns")).toBeLessThan(50));
  test("decisions", async () => expect(await asked("ListDecisions")).toBeLessThan(50));
  test.each(["actor", "conversation", "task"])("costs by %s", async (by) =>
    expect(await asked("ListCosts", { by })).toBeLessThan(200),
  );
  test("usage", async () => expect(await asked("GetUsage")).toBeLessThan(100));
});
