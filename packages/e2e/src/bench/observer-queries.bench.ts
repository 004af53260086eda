/**
 * What the questions of an observer cost in a federation of 50 actors, 200 conversations, 10,000 turns and 100,000 events:
 * `node packages/e2e/src/bench/observer-queries.bench.ts`. For the commander, who sees everything, and for a developer.
 */
import { type ControlName, parseControlRequest } from "@federation/core";
import type { EventFilter } from "@federation/runtime/ports";
import { COMMANDER, DEVELOPER, startLongLived } from "@federation/store/testing";

const TIMES = 20;
const federation = await startLongLived();
try {
  process.stdout.write(`${federation.server}\n| question | asked by | p50 ms | most ms |\n|---|---|---|---|\n`);
  for (const actor of [COMMANDER, DEVELOPER]) {
    const store = federation.store(actor);
    const measure = async (what: string, ask: () => Promise<unknown>): Promise<void> => {
      const times: number[] = [];
      for (let i = 0; i < TIMES; i++) {
        const startedMs = performance.now();
        await ask();
        times.push(performance.now() - startedMs);
      }
      times.sort((a, b) => a - b);
      const at = (place: number): string => (times[place] ?? Number.NaN).toFixed(1);
      process.stdout.write(`| ${what} | ${actor} | ${at(TIMES / 2)} | ${at(TIMES - 1)} |\n`);
    };
    const back = (filter: EventFilter) => () => store.eventsBefore(null, 50, filter, actor);
    const [last] = (await store.eventsBefore(null, 1, {}, actor)).events;
    await measure("50 events backwards", back({}));
    await measure("the same, of one conversation", back({ conversation: last?.conversation ?? undefined }));
    await measure("the same, of one actor", back({ actor: "actor-7" }));
    await measure("the same, of a kind that is rare", back({ kinds: ["NodeStarted"] }));
    await measure("the same, with letters that are nowhere", back({ text: "no such letters" }));
    await measure("how many events there are", () => store.countEvents({ after: null, upTo: null }, {}, actor));
    const query = <N extends ControlName>(name: N, request: object = {}) =>
      measure(`${name} ${JSON.stringify(request)}`, () => store.query(name, parseControlRequest(name, request), actor));
    await query("ListRoster");
    await query("ListWaiting");
    await query("ListConversations");
    await query("ListTurns");
    await query("ListDecisions");
    for (const by of ["actor", "conversation", "task"]) await query("ListCosts", { by });
    await query("GetUsage");
  }
  const [size] = await federation.owner<{ bytes: number }>(
    "select pg_total_relation_size('federation.turn_records')::float8 / count(*) as bytes from federation.turn_records",
  );
  process.stdout.write(`a turn's record takes ${Math.round(size?.bytes ?? 0)} bytes on disk\n`);
} finally {
  await federation.drop();
}
