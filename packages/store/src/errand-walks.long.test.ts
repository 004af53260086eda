import { type ActionHead, decide, decideMove, lawfulSet, type Outcome } from "@federation/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ErrandDriver, openErrand } from "./testing/errand-driver.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { moveOperation } from "./testing/mission-driver.ts";
import { generator, oneOf, wordsFor } from "./testing/random-acts.ts";

/**
 * Errands of agents and a human who choose at random among what is lawful, while leases run out, due times pass and
 * holders go away. What core allows the database must make, and every errand must end.
 */
let federation: Federation;
beforeAll(async () => {
  federation = await startFederation({
    parameters: (shipped) => ({
      ...shipped,
      "explicit-assignment": { ...shipped["explicit-assignment"], pool: true },
      budgets: { ...shipped.budgets, talkPerPhase: 1 },
      "duties-are-met": { turnsPerDuty: 2 },
    }),
  });
});
afterAll(() => federation.drop());

const agents = [LEAD, DEVELOPER, ANALYST] as const;

/** What time and the world do meanwhile. */
async function happening(errand: ErrandDriver, random: () => number): Promise<boolean> {
  const set = (what: string, where: string) =>
    federation.owner(`update federation.${what} where ${where} = $1`, [errand.id]);
  const now = "clock_timestamp() - interval '1 ms'";
  switch (Math.floor(random() * 60)) {
    case 0:
      await set(`missions set phase_deadline = case when phase <> 'closed' then ${now} end`, "conversation");
      break;
    case 1:
      await set(`tasks set lease_until = case when state = 'claimed' then ${now} end`, "conversation");
      break;
    case 2:
      await set(`tasks set lease_until = case when state = 'claimed' then ${now} end`, "conversation");
      await federation.owner(
        `update federation.presence set lease_until = ${now} where actor in (select holder from federation.tasks where conversation = $1)`,
        [errand.id],
      );
      break;
    case 3:
      await set(`tasks set due_at = ${now}`, "conversation");
      break;
    case 4:
      await set("tasks set assigned_at = assigned_at - interval '1 day'", "conversation");
      await set("missions set phase_entered_at = phase_entered_at - interval '1 day'", "conversation");
      break;
    default:
      return false;
  }
  await federation.store(ANALYST).reconcile();
  await federation.owner("update federation.presence set lease_until = 'infinity'");
  return true;
}

/** What the commander may do with the task now. */
async function humanHeads(errand: ErrandDriver): Promise<readonly ActionHead[]> {
  const view = await errand.view();
  const { task } = errand;
  const heads: readonly ActionHead[] = [
    { kind: "claim", task },
    { kind: "take_over", task },
    { kind: "give_back", task },
    { kind: "submit", task, evidence: ["file:a/b.md"] },
    { kind: "hand_back", task },
    { kind: "accept", task },
    { kind: "reject", task },
    ...agents.map((assignee): ActionHead => ({ kind: "assign", task, assignee })),
  ];
  return heads.filter((head) => decide(view, COMMANDER, head).allowed);
}

async function walk(errand: ErrandDriver, seed: number): Promise<Outcome> {
  const random = generator(seed);
  const say = (head: ActionHead): ActionHead =>
    head.kind === "submit" ? { ...head, evidence: ["file:a/b.md"] } : head;
  for (let step = 0; step < 400; step++) {
    for (let moves = 0; ; moves++) {
      const view = await errand.view();
      if (view.outcome !== null) return view.outcome;
      const move = decideMove(view);
      if (move === null) break;
      expect(moves, `moves in a row in ${view.phase}`).toBeLessThan(10);
      expect((await federation.apply(LEAD, moveOperation(view, move))).results).toEqual([{ moved: true }]);
    }
    if (await happening(errand, random)) continue;
    if (random() < 0.1) {
      const head = oneOf(await humanHeads(errand), random);
      if (head !== undefined) await errand.act(COMMANDER, head, wordsFor(head));
      continue;
    }
    const actor = oneOf(agents, random) ?? LEAD;
    const { focus, heads } = lawfulSet(await errand.view(), actor);
    const pooled = heads.filter((head) => head.kind === "claim");
    if (focus === undefined && pooled.length === 0) continue;
    const chosen = oneOf(focus === undefined ? pooled : heads, random);
    expect(chosen, `${actor} has nothing lawful to do`).toBeDefined();
    if (chosen === undefined) continue;
    const { turn } = await federation.store(actor).beginTurn(errand.id);
    const operations = await errand.operations(actor, say(chosen), wordsFor(chosen));
    await federation.apply(actor, ...operations, {
      op: "finish_turn",
      turn,
      deliveries: [],
      read: true,
      obligation: focus?.id ?? null,
      model: "random",
      tokensIn: 1,
      tokensOut: 1,
      failure: null,
    });
  }
  throw new Error(`the errand is stuck in ${(await errand.view()).phase}`);
}

test("every errand of random lawful actions ends, and the database makes every move and act that core allows", async () => {
  const outcomes = new Map<Outcome, number>();
  for (let seed = 1; seed <= 30; seed++) {
    const errand = await openErrand(federation, {
      assignee: seed % 3 === 0 ? null : (oneOf(agents, generator(seed)) ?? LEAD),
    });
    const outcome = await walk(errand, seed).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    expect(await federation.overdue(), `seed ${seed}`).toEqual([]);
  }
  expect([...outcomes.keys()].sort(), JSON.stringify([...outcomes])).toEqual(
    expect.arrayContaining(["accepted", "not_accepted", "not_done"]),
  );
}, 120_000);
