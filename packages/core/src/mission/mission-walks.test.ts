import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../charter/decide.ts";
import { isBlocked, isPooled } from "../charter/facts.ts";
import { decideMove } from "./decide-move.ts";
import { lawfulSet } from "./lawful.ts";
import { act, begin, happen, idsOf, move, teams } from "./mission-walk-fixture.ts";
import type { MissionView } from "./view.ts";

/** Walks at random through all that may happen in a mission, a motion and an errand. */

const choices = fc.tuple(
  fc.nat({ max: teams.length - 1 }),
  fc.nat({ max: 5 }),
  fc.subarray(["last-round", "no-self-dealing", "truthful-completion"] as const),
);
const walks = fc.tuple(choices, fc.array(fc.nat({ max: 100_000_000 }), { maxLength: 250 }));

/** Who is waited for where nobody owes anything and no deadline has passed. */
function isWaitedFor(view: MissionView): boolean {
  const task = view.tasks.at(-1);
  const person = view.members.some((m) => m.kind === "human");
  if (view.kind === "motion") return view.phase === "veto";
  if (view.phase === "implement" && task !== undefined)
    return isBlocked(view, task) || isPooled(view, task) || (person && task.assignee === "rob");
  return view.kind === "errand" && person && (view.phase === "assign" || view.phase === "review");
}

describe.each(["mission", "motion", "errand"] as const)("a %s, whatever happens in it", (kind) => {
  test("makes only moves that the database lets through, and can always go on", () => {
    fc.assert(
      fc.property(walks, ([choice, rolls]) => {
        const model = begin(kind, choice);
        const ids = idsOf();
        for (const roll of rolls) {
          happen(model, roll, ids);
          const { view } = model;
          const open = view.obligations.some((o) => o.state === "open");
          if (view.phase !== "closed" && (view.overdue || (!open && !isWaitedFor(view))))
            expect(decideMove(view)).not.toBeNull();
        }
      }),
      { numRuns: 400 },
    );
  });

  test("ends, with an outcome, by the passing of time alone", () => {
    fc.assert(
      fc.property(walks, ([choice, rolls]) => {
        const model = begin(kind, choice);
        const ids = idsOf();
        for (const roll of rolls) happen(model, roll, ids);
        for (let i = 0; i < 60 && model.view.phase !== "closed"; i++) {
          while (move(model));
          model.passDeadline();
        }
        expect(model.view.phase).toBe("closed");
        expect(model.view.outcome).not.toBeNull();
        expect(decideMove(model.view)).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  test("ends by the acts of its members too, where no deadline passes while somebody could act", () => {
    const outcomes = new Set<string | null>();
    fc.assert(
      fc.property(walks, ([choice, rolls]) => {
        const model = begin(kind, choice);
        const ids = idsOf();
        const agents = model.view.members.filter((m) => m.kind === "agent");
        for (let round = 0; round < 500 && model.view.phase !== "closed"; round++) {
          while (move(model));
          for (const [i, agent] of agents.entries()) act(model, agent, (rolls[i + round] ?? 0) + i + round, ids);
          if (round === 20) model.finishElsewhere(true);
          // A person who never comes, and a window in which nobody has to do anything, are what deadlines are for.
          const waiting = model.view.obligations.filter((o) => o.state === "open");
          if (round > 20 && waiting.every((o) => o.actor === "rob")) model.passDeadline();
        }
        expect(model.view.phase).toBe("closed");
        outcomes.add(model.view.outcome);
      }),
      { numRuns: 200 },
    );
    // The walks must not all be the same failure.
    expect(outcomes.size).toBeGreaterThan(kind === "motion" ? 1 : 2);
    expect(outcomes).toContain(kind === "motion" ? "enacted" : "accepted");
  });

  test("leaves every agent something lawful to do, and offers nothing that the gate would refuse", () => {
    fc.assert(
      fc.property(walks, fc.nat({ max: 200_000 }), ([choice, rolls], tokens) => {
        const model = begin(kind, choice);
        model.view = { ...model.view, tokens };
        const ids = idsOf();
        for (const roll of rolls) {
          happen(model, roll, ids);
          for (const { actor, kind: being, role } of model.view.members) {
            if (being !== "agent" || role === "observer") continue;
            const { heads } = lawfulSet(model.view, actor);
            expect(heads).not.toEqual([]);
            for (const head of heads) expect(decide(model.view, actor, head).allowed).toBe(true);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

test("nobody is ever asked to advance or to adopt in a motion or an errand", () => {
  fc.assert(
    fc.property(walks, fc.constantFrom("motion", "errand"), ([choice, rolls], kind) => {
      const model = begin(kind, choice);
      const ids = idsOf();
      for (const roll of rolls) {
        happen(model, roll, ids);
        for (const o of model.view.obligations) expect(["advance", "adopt", "propose", "report"]).not.toContain(o.duty);
      }
    }),
    { numRuns: 100 },
  );
});

test("nobody is asked to adopt while the article that would let them is off", () => {
  fc.assert(
    fc.property(walks, ([[team, variant], rolls]) => {
      const model = begin("mission", [team, variant, ["last-round"]]);
      const ids = idsOf();
      for (const roll of rolls) {
        happen(model, roll, ids);
        expect(model.view.obligations.some((o) => o.duty === "adopt")).toBe(false);
        expect(model.view.proposals.some((p) => p.state === "adopted")).toBe(false);
      }
    }),
    { numRuns: 100 },
  );
});
