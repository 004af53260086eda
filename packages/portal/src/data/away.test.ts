import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Away, type AwayNews, type AwayQuestion, evolveAway } from "./away.ts";

const present: Away = { state: "present" };

/** What came of a run of news, with what was asked on the way. */
function run(news: readonly AwayNews[], from: Away = present) {
  const asked: AwayQuestion[] = [];
  let away = from;
  for (const it of news) {
    const step = evolveAway(away, it);
    away = step.away;
    if (step.question !== undefined) asked.push(step.question);
  }
  return { away, asked };
}

const lost = (atMs: number, cursor = "c0"): AwayNews => ({ kind: "lost", atMs, cursor });
const back = (atMs: number): AwayNews => ({ kind: "back", atMs });
const arrived = (...cursors: string[]): AwayNews => ({ kind: "arrived", cursors });

describe("a page that was away", () => {
  it("says that nothing is missing when what was counted before, what arrived and what is counted after are the same", () => {
    const { away, asked } = run([
      lost(1_000),
      back(61_000),
      { kind: "counted", missed: 2 },
      arrived("c1", "c2", "c3"),
      { kind: "proved", count: 2 },
    ]);
    expect(asked).toEqual([
      { ask: "count", after: "c0" },
      { ask: "prove", after: "c0", upTo: "c2" },
    ]);
    expect(away).toMatchObject({ state: "complete", missed: 2, fromMs: 1_000, toMs: 61_000 });
  });

  it("says so when it is not", () => {
    const news = [lost(0), back(9_000), { kind: "counted", missed: 2 } as const, arrived("c1", "c9")];
    expect(run([...news, { kind: "proved", count: 8 }]).away.state).toBe("incomplete");
    expect(run(news.slice(0, 3)).away.state).toBe("catching-up");
  });

  it("counts what arrived before the first number came", () => {
    const { away } = run([lost(0), back(5_000), arrived("c1"), arrived("c2"), { kind: "counted", missed: 2 }]);
    expect(away.state).toBe("proving");
  });

  it("does not speak of a moment in which nothing happened, and does of a longer one", () => {
    expect(run([lost(0), back(400), { kind: "counted", missed: 0 }]).away).toEqual(present);
    expect(run([lost(0), back(4_000), { kind: "counted", missed: 0 }]).away).toMatchObject({
      state: "complete",
      missed: 0,
    });
  });

  it("is put away by whoever has read of it, also before the proof is there, and not while it is away", () => {
    const counting = [lost(0), back(5_000)];
    expect(run([...counting, { kind: "dismissed" }, { kind: "counted", missed: 3 }]).away).toEqual(present);
    expect(run([...counting, { kind: "counted", missed: 3 }, { kind: "dismissed" }]).away).toEqual(present);
    expect(run([lost(0), { kind: "dismissed" }]).away.state).toBe("lost");
  });

  it("goes on from the same event when it is lost again before the proof is done", () => {
    const { away, asked } = run([
      lost(0),
      back(5_000),
      { kind: "counted", missed: 3 },
      arrived("c1"),
      lost(6_000, "c1"),
      back(9_000),
      { kind: "counted", missed: 4 },
      arrived("c2", "c3", "c4"),
      { kind: "proved", count: 4 },
    ]);
    expect(asked.map((it) => it.after)).toEqual(["c0", "c0", "c0"]);
    expect(away).toMatchObject({ state: "complete", missed: 4, fromMs: 0, toMs: 9_000 });
  });
});

it("calls complete exactly a stream without a gap and without anything twice, however it is cut", () => {
  fc.assert(
    fc.property(
      fc.record({
        missed: fc.integer({ min: 1, max: 30 }),
        later: fc.integer({ min: 0, max: 5 }),
        cuts: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 40 }),
        countedAt: fc.integer({ min: 0, max: 40 }),
        fault: fc.option(fc.record({ at: fc.nat(29), kind: fc.constantFrom("gap" as const, "twice" as const) }), {
          nil: undefined,
        }),
      }),
      ({ missed, later, cuts, countedAt, fault }) => {
        const log = Array.from({ length: missed + later }, (_, n) => `c${n + 1}`);
        const stream = [...log];
        // What comes twice after the last one missed was not missed.
        const faulty = fault !== undefined && fault.at < missed - (fault.kind === "twice" ? 1 : 0);
        if (faulty)
          stream.splice(fault.at, fault.kind === "gap" ? 1 : 0, ...(fault.kind === "gap" ? [] : [`c${fault.at + 1}`]));
        const news: AwayNews[] = [lost(0), back(10_000)];
        let rest = stream;
        for (const [index, cut] of cuts.entries()) {
          if (index === countedAt) news.push({ kind: "counted", missed });
          news.push({ kind: "arrived", cursors: rest.slice(0, cut) });
          rest = rest.slice(cut);
        }
        if (countedAt >= cuts.length) news.push({ kind: "counted", missed });
        news.push({ kind: "arrived", cursors: rest });
        let away: Away = present;
        for (const it of news) {
          const step = evolveAway(away, it);
          away = step.away;
          // The node's answer: how many of its log lie up to that event.
          if (step.question?.ask === "prove")
            away = evolveAway(away, { kind: "proved", count: log.indexOf(step.question.upTo) + 1 }).away;
        }
        if (!faulty) expect(away.state).toBe("complete");
        else expect(away.state).not.toBe("complete");
      },
    ),
  );
});
