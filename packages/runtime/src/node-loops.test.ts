import { expect, test } from "vitest";
import { createCounters } from "./metrics/counters.ts";
import { createDurations } from "./metrics/durations.ts";
import { startNodeLoops } from "./node-loops.ts";
import type { BrokerLink, Store } from "./ports/index.ts";
import { createVirtualClock } from "./timing/clock-fixture.ts";
import { silentLog } from "./timing/log-fixture.ts";
import { createNews } from "./timing/news.ts";
import { createStop } from "./timing/stop.ts";

/** A store in which nothing waits, that counts how often it is asked; what an idle node must not call throws. */
function idleStore(asked: Map<string, number>): Store {
  const count =
    <T>(name: string, answer: T) =>
    async (): Promise<T> => {
      asked.set(name, (asked.get(name) ?? 0) + 1);
      return answer;
    };
  const never = async (): Promise<never> => {
    throw new Error("an idle node has no business here");
  };
  return {
    renewPresence: count("renewPresence", "renewed"),
    leaseOutbox: count("leaseOutbox", []),
    work: count("work", { outboxDue: 0, unreceived: 0, conversations: [], movable: [], reload: null, claims: [] }),
    reconcile: count("reconcile", []),
    onOutbox: async () => {},
    open: never,
    apply: never,
    completeOutbox: never,
    markReceived: never,
    beginTurn: never,
    leaveTurn: never,
    missionView: never,
    assemblyView: never,
    dueMessages: never,
    tail: never,
    recall: never,
    me: never,
    authenticate: never,
    redeemTicket: never,
    redeemPageSecret: never,
    keepPages: never,
    listPages: never,
    liveCredentials: never,
    hostActor: never,
    renewHosting: never,
    endHosting: never,
    sealEpoch: never,
    query: never,
    events: never,
    eventsBefore: never,
    countEvents: never,
    eventEnd: never,
    counts: never,
    health: () => ({ state: "ready", server: "", retries: {} }),
    close: never,
  };
}

const link: BrokerLink = {
  status: () => ({ state: "connected", epoch: 1, url: "", server: "" }),
  watch: () => () => {},
  publish: async () => ({ outcome: "receipted" }),
  subscribe: () => ({ close: () => {} }),
  close: async () => {},
};

function rig(link_: BrokerLink = link) {
  const clock = createVirtualClock();
  const stop = createStop();
  const asked = new Map<string, number>();
  const loops = startNodeLoops({
    store: idleStore(asked),
    me: { actor: "dev" },
    publish: link_,
    consume: link_,
    destinationOf: (queue) => queue ?? "all",
    turns: { run: async () => "idle" },
    maxParallelTurns: 2,
    model: () => null,
    onFenced: () => {},
    onReload: () => {},
    news: createNews(clock),
    clock,
    random: { uuid: () => "", fraction: () => 0.5 },
    log: silentLog,
    counters: createCounters(),
    receiptTimes: createDurations(),
    signal: stop.signal,
  });
  return { clock, stop, asked, loops, queries: () => [...asked.values()].reduce((sum, n) => sum + n, 0) };
}

test("with nothing to do a node asks the database less than once a second, all told", async () => {
  const r = rig();
  await r.clock.advance(60_000);
  const before = r.queries();
  await r.clock.advance(100_000);
  expect(r.queries() - before).toBeLessThanOrEqual(100);
  expect(r.queries() - before).toBeGreaterThan(60);
});

test("the same with its broker away", async () => {
  const r = rig({ ...link, status: () => ({ state: "connecting", attempt: 3, lastError: "refused" }) });
  await r.clock.advance(60_000);
  const before = r.queries();
  await r.clock.advance(100_000);
  expect(r.queries() - before).toBeLessThanOrEqual(100);
});

test("all loops end when they are told to", async () => {
  const r = rig();
  await r.clock.advance(3_000);
  r.stop.stop();
  await r.clock.advance(0);
  await r.loops.ended;
  const after = r.queries();
  await r.clock.advance(60_000);
  expect(r.queries()).toBe(after);
});
