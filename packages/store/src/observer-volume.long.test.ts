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

/** What it takes to read the whole log once: the measure of all the others, whatever machine this is and whatever else it does. */
const readTheLog = () =>
  federation.owner("select count(*) from federation.events where data::text like '%no such letters%'");

test("it has as many rows as it says", async () => {
  const rows = await federation.owner(
    `select (select count(*)::int from federation.actors where kind <> 'system') as actors, (select count(*)::int from federation.turns) as turns,
       (select count(*) >= 100000 from federation.events) as events`,
  );
  expect(rows).toEqual([{ actors: 50, turns: 10_000, events: true }]);
});

/** The fastest of some calls, in readings of the log: the fastest of those made between them. */
async function fastest(call: () => Promise<unknown>, times = 5): Promise<number> {
  const took = async (it: () => Promise<unknown>): Promise<number> => {
    const startedMs = performance.now();
    await it();
    return performance.now() - startedMs;
  };
  let best = Number.POSITIVE_INFINITY;
  let reading = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    best = Math.min(best, await took(call));
    reading = Math.min(reading, await took(readTheLog));
  }
  return best / reading;
}

describe.each([COMMANDER, DEVELOPER])("for %s", (actor) => {
  const store = () => federation.store(actor);
  const back = (filter: EventFilter = {}) => store().eventsBefore(null, 50, filter, actor);

  test.each<[what: string, filter: EventFilter, most: number]>([
    ["without a filter", {}, 0.5],
    ["of one actor", { actor: "actor-7" }, 0.5],
    ["of rare kinds", { kinds: ["NodeStarted"] }, 1],
    ["with letters that are nowhere", { text: "no such letters" }, 10],
  ])("a page of the log backwards %s", async (what, filter, most) => {
    expect(await fastest(() => back(filter)), what).toBeLessThan(most);
  });

  test("a page of one conversation, and a count of the whole log", async () => {
    const [last] = (await store().eventsBefore(null, 1, {}, actor)).events;
    const conversation = last?.conversation ?? undefined;
    expect(await fastest(() => back({ conversation }))).toBeLessThan(0.5);
    expect(await fastest(() => store().countEvents({ after: null, upTo: null }, {}, actor))).toBeLessThan(1.5);
  });

  const asked = <N extends ControlName>(name: N, request: object = {}) =>
    fastest(() => store().query(name, parseControlRequest(name, request), actor));

  test("the roster", async () => expect(await asked("ListRoster")).toBeLessThan(1));
  test("what waits", async () => expect(await asked("ListWaiting")).toBeLessThan(0.5));
  test("conversations", async () => expect(await asked("ListConversations")).toBeLessThan(1));
  test("turns", async () => expect(await asked("ListTurns")).toBeLessThan(1));
  test("decisions", async () => expect(await asked("ListDecisions")).toBeLessThan(0.5));
  test.each(["actor", "conversation", "task"])("costs by %s", async (by) =>
    expect(await asked("ListCosts", { by })).toBeLessThan(1),
  );
  test("marking what arrives, while thousands of messages wait for others", async () =>
    expect(await fastest(() => store().markReceived("all_due", "frame"), 10)).toBeLessThan(0.2));
  test("usage", async () => expect(await asked("GetUsage")).toBeLessThan(0.5));
});
