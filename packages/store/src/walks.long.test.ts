import { decideMove, lawfulSet, MeshError, type MissionView, type Outcome } from "@federation/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { type MissionDriver, moveOperation, startMission } from "./testing/mission-driver.ts";
import { openMotion, setParameter } from "./testing/motion-driver.ts";
import { generator, wordsFor } from "./testing/random-acts.ts";

/**
 * Missions of actors who choose at random among what is lawful. Core and the database each know the law; here they are
 * held against each other.
 */
let federation: Federation;
beforeAll(async () => {
  federation = await startFederation({
    parameters: (shipped) => ({
      ...shipped,
      budgets: { ...shipped.budgets, talkPerPhase: 1 },
      "duties-are-met": { turnsPerDuty: 2 },
    }),
  });
});
afterAll(() => federation.drop());

async function walk(
  mission: MissionDriver,
  seed: number,
  meanwhile: (view: MissionView) => Promise<void> = async () => undefined,
): Promise<Outcome> {
  const random = generator(seed);
  for (let step = 0; step < 200; step++) {
    for (let moves = 0; ; moves++) {
      const view = await mission.view();
      if (view.outcome !== null) return view.outcome;
      const move = decideMove(view);
      if (move === null) break;
      expect(moves, `moves in a row in ${view.phase}`).toBeLessThan(10);
      expect((await federation.apply(LEAD, moveOperation(view, move))).results).toEqual([{ moved: true }]);
    }
    await meanwhile(await mission.view());
    if (random() < 0.03) {
      await federation.owner(
        "update federation.missions set phase_deadline = clock_timestamp() - interval '1 s' where conversation = $1 and phase <> 'closed'",
        [mission.id],
      );
      await federation.store(ANALYST).reconcile();
      continue;
    }
    const actor = [LEAD, DEVELOPER, ANALYST][Math.floor(random() * 3)] ?? LEAD;
    const view = await mission.view();
    const { focus, heads } = lawfulSet(view, actor);
    if (focus === undefined) continue;
    // A human looks in now and then, and stops what was decided.
    const veto = view.proposals.find((p) => p.state !== "rejected" && p.state !== "vetoed");
    if (veto !== undefined && random() < 0.01)
      await mission.act(COMMANDER, { kind: "veto", proposal: veto.id }, { text: "No." });
    const head = heads[Math.floor(random() * heads.length)];
    expect(head, `${actor} has nothing lawful to do in ${view.phase}`).toBeDefined();
    if (head === undefined) continue;
    const { turn } = await federation.store(actor).beginTurn(mission.id);
    const operations = await mission.operations(actor, head, wordsFor(head)).catch((error: unknown) => {
      // The veto came between the look and the act.
      if (error instanceof MeshError || veto === undefined) throw error;
      return [];
    });
    await federation.apply(actor, ...operations, {
      op: "finish_turn",
      turn,
      deliveries: [],
      read: true,
      obligation: focus.id,
      model: "random",
      tokensIn: 1,
      tokensOut: 1,
      failure: null,
    });
  }
  throw new Error(`the mission is stuck in ${(await mission.view()).phase}`);
}

test("so does every motion: of the agents' own choices, of a late voter, a veto or a withdrawal", async () => {
  const outcomes = new Map<Outcome, number>();
  for (let seed = 1; seed <= 16; seed++) {
    const random = generator(seed);
    const author = [LEAD, DEVELOPER, ANALYST][seed % 3] ?? LEAD;
    const motion = await openMotion(federation, author, { change: setParameter("budgets.talkPerPhase", 2 + seed) });
    const withdraws = random() < 0.2;
    const outcome = await walk(motion, seed, async (view) => {
      // An accepted motion waits for the end of its window.
      if (view.phase === "veto") await motion.pass();
      const state = view.proposals[0]?.state;
      if (withdraws && (state === "open" || state === "voting"))
        await motion.act(author, { kind: "withdraw", proposal: motion.proposal }, { text: "I was wrong." });
    });
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  expect([...outcomes.keys()].length, JSON.stringify([...outcomes])).toBeGreaterThanOrEqual(3);
}, 120_000);

test("every mission of random lawful actions ends, and the database makes every move and act that core allows", async () => {
  const outcomes = new Map<Outcome, number>();
  const seeds = Array.from({ length: 12 }, (_, i) => i + 1);
  const lane = async (): Promise<void> => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const outcome = await walk(await startMission(federation), seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error });
      });
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all([lane(), lane(), lane()]);
  expect([...outcomes.keys()].length, JSON.stringify([...outcomes])).toBeGreaterThanOrEqual(3);
}, 120_000);
