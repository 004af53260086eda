import { describe, expect, test } from "vitest";
import type { Work } from "../ports/index.ts";
import { createVirtualClock } from "../timing/clock-fixture.ts";
import { silentLog } from "../timing/log-fixture.ts";
import { createStop } from "../timing/stop.ts";
import type { TurnEnding } from "./turn-runner.ts";
import { startWorkLoop } from "./work-loop.ts";

const nothing: Work = { outboxDue: 0, unreceived: 0, conversations: [], movable: [], reload: null, claims: [] };

function rig(options: { readonly turnMs?: number; readonly ending?: () => TurnEnding; readonly max?: number } = {}) {
  const clock = createVirtualClock();
  const stop = createStop();
  let work: Work = nothing;
  let looks = 0;
  let running = 0;
  const turns: { readonly conversation: string; readonly atMs: number }[] = [];
  const overlaps: number[] = [];
  const stopped: string[] = [];
  const said: string[] = [];
  const loop = startWorkLoop({
    store: {
      work: async () => {
        looks++;
        return work;
      },
    },
    turns: {
      async run(conversation, signal) {
        turns.push({ conversation, atMs: clock.nowMs() });
        overlaps.push(++running);
        await clock.sleep(options.turnMs ?? 0, signal);
        if (signal.aborted) stopped.push(conversation);
        running--;
        const ending = options.ending?.() ?? "acted";
        if (ending === "acted") waiting(...work.conversations.filter((c) => c.conversation !== conversation));
        return ending;
      },
    },
    move: async (conversation) => void said.push(`move ${conversation}`),
    sweep: async () => void said.push("sweep"),
    rowsSeen: () => said.push("rows"),
    holds: (claims) => {
      if (claims.length > 0) said.push(`holds ${claims.length}`);
    },
    onReload: (reload) => said.push(`reload ${reload}`),
    stir: () => {},
    clock,
    random: { uuid: () => "", fraction: () => 0.5 },
    log: silentLog,
    signal: stop.signal,
    maxParallelTurns: options.max ?? 2,
  });
  function waiting(...conversations: Work["conversations"]): void {
    work = { ...work, conversations };
  }
  return {
    clock,
    stop,
    loop,
    turns,
    overlaps,
    stopped,
    said,
    waiting,
    see: (next: Partial<Work>) => {
      work = { ...nothing, ...next };
    },
    looks: () => looks,
  };
}
const messages = (conversation: string) => ({ conversation, duty: false, priority: 0 });
const duty = (conversation: string, priority = 0) => ({ conversation, duty: true, priority });
const claim = (fence = 1) => ({ task: "t", conversation: "c", fence, leaseMs: 30_000, leftMs: 30_000 });

describe("when a turn is taken", () => {
  test("messages that come shortly after one another are read in one turn", async () => {
    const r = rig();
    await r.clock.advance(500);
    for (let i = 0; i < 3; i++) {
      r.waiting(messages("c"));
      r.loop.arrived("c", "message");
      await r.clock.advance(1_000);
    }
    expect(r.turns).toEqual([]);
    await r.clock.advance(300);
    expect(r.turns).toHaveLength(1);
    await r.clock.advance(10_000);
    expect(r.turns).toHaveLength(1);
  });

  test("who never stops talking is answered all the same, after three times the pause", async () => {
    const r = rig();
    r.waiting(messages("c"));
    for (let i = 0; i < 8; i++) {
      r.loop.arrived("c", "message");
      await r.clock.advance(500);
    }
    expect(r.turns.map((t) => t.atMs)).toEqual([3_600]);
  });

  test("a duty is taken up at once, messages or not", async () => {
    const r = rig();
    await r.clock.advance(500);
    r.waiting(duty("c"));
    r.loop.arrived("c", "message");
    await r.clock.advance(60);
    expect(r.turns).toHaveLength(1);
  });

  test("what no frame told of is found by the poll", async () => {
    const r = rig();
    await r.clock.advance(100);
    r.waiting(duty("c"));
    await r.clock.advance(2_100);
    expect(r.turns).toHaveLength(1);
  });
});

describe("how many turns at a time", () => {
  test("one per conversation", async () => {
    const r = rig({ turnMs: 10_000, ending: () => "failed" });
    r.waiting(duty("c"));
    await r.clock.advance(9_000);
    r.loop.arrived("c", "duty");
    await r.clock.advance(500);
    expect(r.turns).toHaveLength(1);
  });

  test("and no more than the node's bound in all; the others follow, each once", async () => {
    const r = rig({ turnMs: 1_000 });
    r.waiting(duty("a"), duty("b"), duty("c"), duty("d"), duty("e"));
    await r.clock.advance(5_000);
    expect(Math.max(...r.overlaps)).toBe(2);
    expect(r.turns.map((t) => t.conversation).sort()).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("a duty goes before messages", async () => {
    const r = rig({ turnMs: 1_000, max: 1 });
    r.waiting(messages("talk"));
    await r.clock.advance(1_100);
    r.waiting(messages("talk"), duty("work"));
    await r.clock.advance(5_000);
    expect(r.turns.map((t) => t.conversation)).toEqual(["work", "talk"]);
  });
});

test("of two duties that of the more urgent task is done first, whichever was looked at last", async () => {
  const r = rig({ turnMs: 1_000, max: 1 });
  r.waiting(duty("a"), duty("b", 3), duty("c", 7));
  await r.clock.advance(4_000);
  expect(r.turns.map((t) => t.conversation)).toEqual(["c", "b", "a"]);
});

describe("a turn that works under a claim", () => {
  const working = async () => {
    const r = rig({ turnMs: 60_000, ending: () => "idle" });
    r.see({ conversations: [duty("c"), duty("d")], claims: [claim()] });
    await r.clock.advance(5_000);
    expect(r.stopped).toEqual([]);
    return r;
  };

  test("is stopped when the rows say that the claim is over, and another turn is not", async () => {
    const r = await working();
    r.see({ conversations: [duty("c"), duty("d")], claims: [] });
    await r.clock.advance(3_000);
    expect(r.stopped).toEqual(["c"]);
  });

  test("is stopped when the task was taken over and the fence is another", async () => {
    const r = await working();
    r.see({ conversations: [duty("c"), duty("d")], claims: [claim(2)] });
    await r.clock.advance(3_000);
    expect(r.stopped).toEqual(["c"]);
  });

  test("is stopped at once when the keeper finds the lease over", async () => {
    const r = await working();
    r.loop.claimLost(claim());
    await r.clock.advance(0);
    expect(r.stopped).toEqual(["c"]);
  });

  test("goes on while the claim is held", async () => {
    const r = await working();
    await r.clock.advance(40_000);
    expect(r.stopped).toEqual([]);
  });
});

describe("what is not repeated at once", () => {
  test("a turn that failed is tried again after pauses that grow to a minute", async () => {
    const r = rig({ ending: () => "failed" });
    r.waiting(duty("c"));
    await r.clock.advance(10_000);
    const early = r.turns.length;
    expect(early).toBeGreaterThan(2);
    expect(early).toBeLessThan(8);
    await r.clock.advance(600_000);
    expect(r.turns.length - early).toBeLessThan(30);
    expect(r.turns.length - early).toBeGreaterThan(5);
  });

  test("a new arrival does not end the pause after a failure", async () => {
    const r = rig({ ending: () => "failed" });
    r.waiting(duty("c"));
    await r.clock.advance(200_000);
    const before = r.turns.length;
    for (let i = 0; i < 5; i++) r.loop.arrived("c", "duty");
    await r.clock.advance(200);
    expect(r.turns.length).toBe(before);
  });

  test("a turn that found nothing to do rests, until something new arrives", async () => {
    const r = rig({ ending: () => "idle" });
    r.waiting(duty("c"));
    await r.clock.advance(300_000);
    const before = r.turns.length;
    expect(before).toBeLessThan(30);
    r.loop.arrived("c", "duty");
    await r.clock.advance(200);
    expect(r.turns.length).toBe(before + 1);
  });

  test("a runner that throws counts as a failed turn, and the loop goes on", async () => {
    const r = rig({
      ending: () => {
        throw new Error("boom");
      },
    });
    r.waiting(duty("c"));
    await r.clock.advance(20_000);
    expect(r.turns.length).toBeGreaterThan(1);
  });
});

test("what else waits is handed on: rows, unreceived deliveries, movable missions, claims", async () => {
  const r = rig();
  r.see({ outboxDue: 3, unreceived: 2, movable: ["m"], claims: [claim()] });
  r.loop.ring();
  await r.clock.advance(100);
  expect(r.said).toEqual(expect.arrayContaining(["rows", "sweep", "move m", "holds 1"]));
});

test("a thousand rings are at most fifty looks a second", async () => {
  const r = rig();
  for (let i = 0; i < 1_000; i++) {
    r.loop.ring();
    await r.clock.advance(1);
  }
  expect(r.looks()).toBeLessThanOrEqual(51);
});

test("it ends after the turns that it started have ended, and starts no more", async () => {
  const r = rig({ turnMs: 5_000 });
  r.waiting(duty("c"), duty("d"), duty("e"));
  r.loop.ring();
  await r.clock.advance(1_000);
  let ended = false;
  void r.loop.ended.then(() => {
    ended = true;
  });
  r.stop.stop();
  await r.clock.advance(0);
  expect(ended).toBe(true);
  expect(r.turns).toHaveLength(2);
});

test("a reload that was asked for is told of at every poll until it is settled, and no more often", async () => {
  const r = rig();
  await r.clock.advance(100);
  r.see({ reload: "one" });
  await r.clock.advance(2_100);
  expect(r.said).toEqual(["reload one"]);
  for (let i = 0; i < 10; i++) {
    r.loop.ring();
    await r.clock.advance(50);
  }
  expect(r.said).toEqual(["reload one"]);
  await r.clock.advance(4_000);
  expect(r.said.length).toBeGreaterThan(1);
  r.see({ reload: "two" });
  r.loop.ring();
  await r.clock.advance(50);
  expect(r.said.at(-1)).toBe("reload two");
  const told = r.said.length;
  r.see({});
  await r.clock.advance(10_000);
  expect(r.said).toHaveLength(told);
});
