import { randomUUID } from "node:crypto";
import type { ControlResponse } from "@federation/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openErrand } from "./testing/errand-driver.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { type MissionDriver, objective, runOut, startMission } from "./testing/mission-driver.ts";
import { takeTurn } from "./testing/turns.ts";

/** What turns cost, by whom, where and for what; what bounds it; and when it was spent. */
let federation: Federation;
let mission: MissionDriver;
let errand: Awaited<ReturnType<typeof openErrand>>;
/** A conversation of the lead and the analyst. */
const aside = randomUUID();
beforeAll(async () => {
  federation = await startFederation();
  mission = await startMission(federation);
  errand = await openErrand(federation, { title: "Mend the roof" });
  await federation.apply(LEAD, { op: "start_thread", id: aside, title: "Aside", members: [ANALYST] });
  await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
  const duty = (await errand.view()).obligations.find((o) => o.actor === DEVELOPER)?.id ?? null;
  await takeTurn(federation, LEAD, mission.id, { tokensIn: 1_000, tokensOut: 100 });
  await takeTurn(federation, LEAD, mission.id, { tokensIn: 2_000, tokensOut: 200 });
  await takeTurn(federation, DEVELOPER, mission.id, { tokensIn: 500, tokensOut: 50 });
  await takeTurn(federation, DEVELOPER, errand.id, { about: duty, tokensIn: 400, tokensOut: 40 });
  await takeTurn(federation, DEVELOPER, errand.id, { about: duty, tokensIn: 30, tokensOut: 3, failure: "it broke" });
  await takeTurn(federation, ANALYST, aside, { tokensIn: 5_000, tokensOut: 500 });
});
afterAll(async () => {
  for (const driver of [mission, errand]) await runOut(federation, driver);
  await federation.drop();
});

type By = "actor" | "conversation" | "task";
const costs = (by: By, over: { withinMs?: number; limit?: number } = {}, actor = COMMANDER, through = actor) =>
  federation.store(through).query("ListCosts", { by, limit: 50, ...over }, actor);
const spent = ({ id, turns, failedTurns, tokensIn, tokensOut }: ControlResponse<"ListCosts">["costs"][number]) => [
  id,
  turns,
  failedTurns,
  tokensIn,
  tokensOut,
];

describe("costs", () => {
  test("are added up by actor, dearest first, with a total over all", async () => {
    const { costs: all, total } = await costs("actor");
    expect(all.map(spent)).toEqual([
      [ANALYST, 1, 0, 5_000, 500],
      [LEAD, 2, 0, 3_000, 300],
      [DEVELOPER, 3, 1, 930, 93],
    ]);
    expect(all.every((it) => it.kind === "actor" && it.title === it.id)).toBe(true);
    expect(total).toMatchObject({ turns: 6, failedTurns: 1, tokensIn: 8_930, tokensOut: 893 });
    expect((await costs("actor", { limit: 1 })).costs.map((it) => it.id)).toEqual([ANALYST]);
    expect((await costs("actor", { limit: 1 })).total).toEqual(total);
  });

  test("by conversation are those of conversations that one may see, and so is their total", async () => {
    const { costs: all, total } = await costs("conversation");
    expect(all.map((it) => [...spent(it), it.kind, it.title])).toEqual([
      [aside, 1, 0, 5_000, 500, "thread", "Aside"],
      [mission.id, 3, 0, 3_500, 350, "mission", objective],
      [errand.id, 2, 1, 430, 43, "errand", "Mend the roof"],
    ]);
    expect(total.tokensIn).toBe(8_930);
    for (const through of [DEVELOPER, LEAD]) {
      const shown = await costs("conversation", {}, DEVELOPER, through);
      expect(shown.costs.map((it) => it.id)).toEqual([mission.id, errand.id]);
      expect(shown.total).toMatchObject({ turns: 5, tokensIn: 3_930 });
    }
  });

  test("of a task are the turns about it, those that failed too", async () => {
    const { costs: all, total } = await costs("task");
    expect(all.map((it) => [...spent(it), it.kind, it.title])).toEqual([
      [errand.task, 2, 1, 430, 43, "task", "Mend the roof"],
    ]);
    expect(total).toMatchObject({ turns: 2, failedTurns: 1, tokensIn: 430, tokensOut: 43 });
  });

  test("count what began within a time, and take the time of turns", async () => {
    await federation.owner(
      `update federation.turns set started_at = clock_timestamp() - interval '2 hours', ended_at = clock_timestamp() - interval '2 hours' + interval '90 seconds'
       where actor = $1 and conversation = $2 and step = 1`,
      [LEAD, mission.id],
    );
    const lead = (over: object) => costs("actor", over).then(({ costs: all }) => all.find((it) => it.id === LEAD));
    expect(await lead({ withinMs: 3_600_000 })).toMatchObject({ turns: 1, tokensIn: 2_000 });
    const whole = await lead({});
    expect(whole).toMatchObject({ turns: 2, tokensIn: 3_000 });
    expect(whole?.ms).toBeGreaterThanOrEqual(90_000);
    expect(whole?.ms).toBeLessThan(100_000);
    expect((await costs("actor", { withinMs: 1_000 })).costs.length).toBeLessThanOrEqual(3);
  });
});

describe("budgets", () => {
  const law = async () => (await federation.store(LEAD).me()).parameters.budgets;

  test("of an actor are used where an open conversation is nearest to their end", async () => {
    const { turnsPerConversation, tokensPerConversation, wallMsPerConversation } = await law();
    const lead = (await costs("actor")).costs.find((it) => it.id === LEAD);
    expect(lead?.budgets).toEqual([
      { name: "tokensPerConversation", used: 3_850, limit: tokensPerConversation, conversation: mission.id },
      { name: "turnsPerConversation", used: 2, limit: turnsPerConversation, conversation: mission.id },
      {
        name: "wallMsPerConversation",
        used: expect.any(Number),
        limit: wallMsPerConversation,
        conversation: mission.id,
      },
    ]);
    // The developer has two turns in the errand, and one in the mission.
    const developer = (await costs("actor")).costs.find((it) => it.id === DEVELOPER);
    expect(developer?.budgets.map((it) => [it.name, it.used, it.conversation]).slice(0, 2)).toEqual([
      ["tokensPerConversation", 3_850, mission.id],
      ["turnsPerConversation", 2, errand.id],
    ]);
  });

  test("of an actor are not shown in a conversation that the asker may not see", async () => {
    const { store } = federation;
    const withoutAnalyst = await startMission(federation, [
      { actor: LEAD, votes: true },
      { actor: DEVELOPER, votes: true },
    ]);
    for (let n = 0; n < 5; n++) await takeTurn(federation, LEAD, withoutAnalyst.id);
    const leadAs = async (actor: string) =>
      (await store(actor).query("ListCosts", { by: "actor", limit: 50 }, actor)).costs
        .find((it) => it.id === LEAD)
        ?.budgets.find((it) => it.name === "turnsPerConversation");
    expect(await leadAs(DEVELOPER)).toMatchObject({ used: 5, conversation: withoutAnalyst.id });
    expect(await leadAs(ANALYST)).toMatchObject({ used: 2, conversation: mission.id });
    await runOut(federation, withoutAnalyst);
    await federation.owner("delete from federation.turns where conversation = $1", [withoutAnalyst.id]);
  });

  test("of a conversation count the agent who took most turns; a thread has none", async () => {
    const { costs: all } = await costs("conversation");
    expect(all.find((it) => it.id === aside)?.budgets).toEqual([]);
    expect(all.find((it) => it.id === errand.id)?.budgets).toMatchObject([
      { name: "tokensPerConversation", used: 473, conversation: errand.id },
      { name: "turnsPerConversation", used: 2, conversation: errand.id },
      { name: "wallMsPerConversation" },
    ]);
  });

  test("of a task run from its first claim until it is handed in", async () => {
    const of = async () => (await costs("task")).costs[0]?.budgets[0];
    const { wallMsPerTask } = await law();
    await federation.owner(
      "update federation.tasks set first_claimed_at = clock_timestamp() - interval '10 minutes', due_at = clock_timestamp() + interval '1 hour' where id = $1",
      [errand.task],
    );
    const used = (await of())?.used ?? 0;
    expect(await of()).toMatchObject({ name: "wallMsPerTask", limit: wallMsPerTask, conversation: errand.id });
    expect(used).toBeGreaterThanOrEqual(600_000);
    await errand.act(
      DEVELOPER,
      { kind: "submit", task: errand.task, evidence: ["file:a.md"] },
      { text: "Done.", files: [{ path: "a.md", content: "x" }] },
    );
    await federation.owner(
      "update federation.task_history set at = at - interval '4 minutes' where task = $1 and to_state = 'submitted'",
      [errand.task],
    );
    expect((await of())?.used ?? 0).toBeLessThan(400_000);
  });
});

describe("usage over time", () => {
  const usage = (stepMs: number, steps: number) =>
    federation.store(DEVELOPER).query("GetUsage", { stepMs, steps }, DEVELOPER);

  test("is given in equal steps up to now, by when a turn ended, with every step of every actor", async () => {
    const stepMs = 3_600_000;
    const { from, actors, ...rest } = await usage(stepMs, 4);
    expect(rest).toEqual({ stepMs });
    const now = Date.parse((await federation.store(LEAD).counts()).now);
    expect(Date.parse(from) % stepMs).toBe(0);
    expect(now - Date.parse(from)).toBeGreaterThan(3 * stepMs);
    expect(now - Date.parse(from)).toBeLessThanOrEqual(4 * stepMs);
    expect(actors.map((it) => it.actor)).toEqual([LEAD, DEVELOPER, ANALYST].sort());
    for (const it of actors) for (const series of [it.tokensIn, it.tokensOut, it.turns]) expect(series).toHaveLength(4);
    const sum = (series: readonly number[]) => series.reduce((a, b) => a + b, 0);
    const lead = actors.find((it) => it.actor === LEAD);
    expect([sum(lead?.tokensIn ?? []), sum(lead?.tokensOut ?? []), sum(lead?.turns ?? [])]).toEqual([3_000, 300, 2]);
    // One of them ended about two hours ago.
    expect(lead?.turns.slice(0, 3).reduce((a, b) => a + b, 0)).toBe(1);
  });

  test("leaves out what ended before, and who has spent nothing since", async () => {
    const { actors } = await usage(60_000, 30);
    expect(actors.find((it) => it.actor === LEAD)?.turns.reduce((a, b) => a + b, 0)).toBe(1);
    await federation.owner(
      "update federation.turns set started_at = started_at - interval '1 day', ended_at = ended_at - interval '1 day'",
    );
    expect((await usage(60_000, 30)).actors).toEqual([]);
  });
});
