import { createHash, randomUUID } from "node:crypto";
import type { ControlResponse, Operation, TurnRecord } from "@federation/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addExternal } from "./testing/external-actors.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { type MissionDriver, runOut, startMission, toVote } from "./testing/mission-driver.ts";
import { decisionIn, type TurnChoice, takeTurn } from "./testing/turns.ts";

/** What a turn leaves on record, and who reads it. */
let federation: Federation;
let mission: MissionDriver;
let proposal: string;
/** A conversation of the lead and the analyst, with one message for the analyst alone. */
const aside = randomUUID();
const whispered = randomUUID();
beforeAll(async () => {
  federation = await startFederation();
  mission = await startMission(federation);
  proposal = await toVote(mission);
  await federation.apply(LEAD, { op: "start_thread", id: aside, title: "Aside", members: [ANALYST] });
  const sent = { op: "send_message", conversation: aside, kind: "ask", about: null, causation: null } as const;
  await federation.apply(LEAD, { ...sent, id: whispered, recipient: ANALYST, text: "Between us." });
});
afterAll(async () => {
  await federation.apply(COMMANDER, { op: "veto", proposal, reason: "The test is over." });
  await mission.move();
  await federation.drop();
});

const record = (over: Partial<TurnRecord> = {}): TurnRecord => ({
  system: "You are the Analyst. Charter: assign by name.",
  situation: 'Team: the lead and you.\nMessages:\nlead asks to you: "Between us."',
  offered: [
    { key: "say", sentence: "I tell the whole team what I think." },
    { key: "wait", sentence: "I wait and say nothing now." },
  ],
  read: [whispered],
  rejected: ["echo"],
  ...over,
});
const turnOf = (choice: TurnChoice = {}) => takeTurn(federation, ANALYST, aside, { record: record(), ...choice });
const show = (turn: string, actor: string, through = actor): Promise<ControlResponse<"ShowTurn">> =>
  federation.store(through).query("ShowTurn", { turn }, actor);
const verdictIn = (turn: string, conversation: string): Operation => ({
  op: "record_verdict",
  conversation,
  action: "wait",
  allowed: true,
  article: null,
  reason: "",
  lawful: "",
  charterVersion: 0,
  turn,
});

describe("a turn is laid open", () => {
  test("with what its model was shown, what it chose with which probabilities, and under which verdict", async () => {
    const turn = await turnOf({ does: (id) => [verdictIn(id, aside), decisionIn(id, aside)] });
    expect(await show(turn, ANALYST)).toEqual({
      turn: {
        id: turn,
        actor: ANALYST,
        conversation: aside,
        step: expect.any(Number),
        attempts: 1,
        state: "done",
        model: "hand-fed",
        tokensIn: 100,
        tokensOut: 10,
        startedAt: expect.stringMatching(/Z$/),
        endedAt: expect.stringMatching(/Z$/),
        failure: null,
        duty: null,
        subject: null,
        action: "wait",
        origin: "model",
      },
      record: record(),
      decisions: [
        {
          id: expect.stringMatching(/^\d+$/),
          at: expect.stringMatching(/Z$/),
          conversation: aside,
          phaseNo: 0,
          actor: ANALYST,
          turn,
          head: { kind: "wait" },
          origin: "model",
          probabilities: { wait: 0.75, say: 0.25 },
          seed: 7,
          rejectedAnswers: 1,
          note: "",
        },
      ],
      verdicts: [{ action: "wait", allowed: true, article: null, reason: "", lawful: "" }],
    });
  });

  test("also when it failed: what it was about and what it was shown stay, and no turn of the duty is counted", async () => {
    const duty = (await mission.view()).obligations.find((o) => o.actor === DEVELOPER && o.state === "open");
    const turn = await takeTurn(federation, DEVELOPER, mission.id, {
      about: duty?.id ?? null,
      failure: "words: worker_lost: gone",
      record: record({ read: [] }),
    });
    expect(await show(turn, DEVELOPER)).toMatchObject({
      turn: { state: "failed", failure: "words: worker_lost: gone", duty: "vote", subject: proposal, action: null },
      record: { rejected: ["echo"] },
      decisions: [],
    });
    const after = (await mission.view()).obligations.find((o) => o.id === duty?.id);
    expect(after?.turnsUsed).toBe(duty?.turnsUsed);
  });

  test("while it is under way, and where no model was asked, without a record", async () => {
    const { turn } = await federation.store(ANALYST).beginTurn(aside);
    expect(await show(turn, ANALYST)).toMatchObject({ turn: { state: "running", endedAt: null }, record: null });
    await turnOf({ model: null, record: null });
    expect(await show(turn, ANALYST)).toMatchObject({ turn: { state: "done", model: null }, record: null });
  });

  test("as a build ends it that keeps no record: by the duty it counts on", async () => {
    const [own] = (await mission.view()).obligations.filter((o) => o.actor === LEAD && o.state === "open");
    const turn = await takeTurn(federation, LEAD, mission.id, { obligation: own?.id ?? null });
    expect(await show(turn, LEAD)).toMatchObject({ turn: { duty: "vote", subject: proposal }, record: null });
  });

  test("with the rule's decision when it was the last one a duty had", async () => {
    const driver = await startMission(federation);
    const [own] = (await driver.view()).obligations.filter((o) => o.actor === LEAD);
    await federation.owner("update federation.obligations set max_turns = turns_used + 1 where id = $1", [own?.id]);
    const turn = await takeTurn(federation, LEAD, driver.id, { obligation: own?.id ?? null });
    const shown = await show(turn, COMMANDER);
    expect(shown.decisions).toMatchObject([{ origin: "rule", turn, head: { kind: "abstain", obligation: own?.id } }]);
    expect(shown.turn).toMatchObject({ action: "abstain", origin: "rule", duty: "propose" });
    await runOut(federation, driver);
  });
});

describe("who reads it", () => {
  test("its own actor and the commander read the record, other members the turn, and nobody else anything", async () => {
    const turn = await turnOf({ does: (id) => [decisionIn(id, aside)] });
    for (const actor of [ANALYST, COMMANDER]) expect((await show(turn, actor)).record, actor).toEqual(record());
    expect(await show(turn, LEAD)).toMatchObject({ turn: { id: turn }, record: null, decisions: [{ turn }] });
    await expect(show(turn, DEVELOPER)).rejects.toMatchObject({ code: "not_found" });
    await expect(show(randomUUID(), DEVELOPER)).rejects.toMatchObject({ code: "not_found" });
    // Who is let in at somebody's node sees no more of it than elsewhere.
    await expect(show(turn, DEVELOPER, ANALYST)).rejects.toMatchObject({ code: "not_found" });
    expect((await show(turn, LEAD, ANALYST)).record).toBeNull();
    expect((await show(turn, LEAD, COMMANDER)).record).toBeNull();
    const guest = await addExternal(federation, "guest", "observer");
    await federation.store(ANALYST).hostActor(guest.credential, 30_000);
    await expect(show(turn, "guest", ANALYST)).rejects.toMatchObject({ code: "not_found" });
  });

  test("a list of turns and of decisions has those of conversations that one may see", async () => {
    const turns = async (actor: string, through = actor) =>
      (await federation.store(through).query("ListTurns", { conversation: aside, limit: 500 }, actor)).turns.length;
    const decisions = async (actor: string, through = actor) =>
      (await federation.store(through).query("ListDecisions", { conversation: aside, limit: 500 }, actor)).decisions
        .length;
    for (const look of [turns, decisions]) {
      for (const actor of [LEAD, ANALYST, COMMANDER]) expect(await look(actor), actor).toBeGreaterThan(1);
      expect(await look(DEVELOPER)).toBe(0);
      expect(await look(DEVELOPER, ANALYST)).toBe(0);
    }
    expect(
      (await federation.store(DEVELOPER).query("ListTurns", { limit: 500 }, DEVELOPER)).turns.every(
        (turn) => turn.conversation !== aside,
      ),
    ).toBe(true);
  });

  test("a daemon's login selects what its actor may see, and no more", async () => {
    const turn = await turnOf({ does: (id) => [decisionIn(id, aside)] });
    const counts = async (actor: string) => {
      const client = await federation.raw(actor);
      const { rows } = await client.query<Record<string, number>>(
        `select (select count(*)::int from federation.turns where id = $1) as turns,
           (select count(*)::int from federation.decisions where turn = $1) as decisions,
           (select count(*)::int from federation.turn_records where turn = $1) as records,
           (select count(*)::int from federation.system_prompts where sha256 = $2) as prompts`,
        [turn, createHash("sha256").update(record().system).digest("hex")],
      );
      return rows[0];
    };
    for (const actor of [ANALYST, COMMANDER])
      expect(await counts(actor), actor).toEqual({ turns: 1, decisions: 1, records: 1, prompts: 1 });
    expect(await counts(LEAD)).toEqual({ turns: 1, decisions: 1, records: 0, prompts: 0 });
    // The developer's failed turn above had the same stable prompt: that one it may see.
    expect(await counts(DEVELOPER)).toEqual({ turns: 0, decisions: 0, records: 0, prompts: 1 });
  });
});

describe("a list of turns", () => {
  test("is latest first, and of one actor, conversation or subject where that is asked", async () => {
    const list = async (by: object) =>
      (await federation.store(COMMANDER).query("ListTurns", { limit: 500, ...by }, COMMANDER)).turns;
    const all = await list({});
    const starts = all.map((turn) => turn.startedAt);
    expect(starts).toEqual([...starts].sort().reverse());
    const same = (turns: typeof all, fits: (turn: (typeof all)[number]) => boolean) => {
      expect(turns.length).toBeGreaterThan(0);
      expect(turns.map((turn) => turn.id)).toEqual(all.filter(fits).map((turn) => turn.id));
    };
    same(await list({ actor: LEAD }), (turn) => turn.actor === LEAD);
    same(await list({ conversation: mission.id }), (turn) => turn.conversation === mission.id);
    same(await list({ subject: proposal }), (turn) => turn.subject === proposal);
    expect(await list({ subject: randomUUID() })).toEqual([]);
    expect(await list({ limit: 2 })).toHaveLength(2);
  });

  test("of decisions too", async () => {
    const list = async (by: object) =>
      (await federation.store(COMMANDER).query("ListDecisions", { limit: 500, ...by }, COMMANDER)).decisions;
    const ids = (await list({})).map((it) => Number(it.id));
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
    expect(new Set((await list({ actor: ANALYST })).map((it) => it.actor))).toEqual(new Set([ANALYST]));
    expect(await list({ actor: "nobody" })).toEqual([]);
  });
});

describe("what is kept", () => {
  test("of the stable prompt once, under its own hash, however many turns had it", async () => {
    const system = `You are the Analyst, ${randomUUID()}.`;
    for (let n = 0; n < 3; n++) await turnOf({ record: record({ system, situation: `Turn ${n}.` }) });
    const rows = await federation.owner<{ sha256: string; turns: number }>(
      `select p.sha256, count(*)::int as turns from federation.system_prompts p join federation.turn_records r on r.system_prompt = p.sha256
       where p.text = $1 group by p.sha256`,
      [system],
    );
    expect(rows).toEqual([{ sha256: createHash("sha256").update(system).digest("hex"), turns: 3 }]);
  });

  test("of a new stable prompt once, when turns end with it at the same time", async () => {
    const system = `You are all the same, ${randomUUID()}.`;
    const actors = [LEAD, ANALYST];
    const turns = await Promise.all(
      actors.map((actor) => takeTurn(federation, actor, aside, { record: record({ system }) })),
    );
    for (const turn of turns) expect((await show(turn, COMMANDER)).record?.system).toBe(system);
  });

  test("of the messages it names, those of the conversation", async () => {
    const [elsewhere] = await federation.owner<{ id: string }>(
      "select id from federation.messages where conversation = $1 limit 1",
      [mission.id],
    );
    const read = [elsewhere?.id ?? "", whispered, randomUUID()];
    expect((await show(await turnOf({ record: record({ read }) }), ANALYST)).record?.read).toEqual([whispered]);
  });

  test("is bounded, and a turn that hands over more is not ended", async () => {
    const offer = { key: "wait", sentence: "I wait." };
    const strange: Readonly<Record<string, unknown>> = {
      "a long stable prompt": { ...record(), system: "x".repeat(65_537) },
      "a long situation": { ...record(), situation: "ä".repeat(131_073) },
      "no stable prompt": { ...record(), system: null },
      "many actions": { ...record(), offered: Array.from({ length: 65 }, () => offer) },
      "a long key": { ...record(), offered: [{ ...offer, key: "x".repeat(201) }] },
      "no sentence": { ...record(), offered: [{ key: "wait" }] },
      "an action that is none": { ...record(), offered: ["wait"] },
      "offers that are no list": { ...record(), offered: "wait" },
      "many rejected answers": { ...record(), rejected: Array.from({ length: 17 }, () => "echo") },
      "a long flaw": { ...record(), rejected: ["x".repeat(101)] },
      "many messages": { ...record(), read: ["no uuid"] },
    };
    const { turn } = await federation.store(ANALYST).beginTurn(aside);
    for (const [what, given] of Object.entries(strange)) {
      const ops = [{ op: "finish_turn", turn, deliveries: [], read: true, tokensIn: 1, tokensOut: 1, record: given }];
      await expect(federation.applyRaw(ANALYST, ops), what).rejects.toThrow();
      expect((await show(turn, ANALYST)).turn.state, what).toBe("running");
    }
    const largest = record({
      system: "x".repeat(65_536),
      situation: "ä".repeat(131_072),
      offered: Array.from({ length: 64 }, () => ({ key: "k".repeat(200), sentence: "s".repeat(1_000) })),
      rejected: Array.from({ length: 16 }, () => "r".repeat(100)),
    });
    expect((await show(await turnOf({ record: largest }), COMMANDER)).record).toEqual(largest);
  });
});

describe("a decision and a verdict belong to a turn", () => {
  test("of their own actor, there and under way, or to none", async () => {
    const ended = await turnOf();
    const { turn: others } = await federation.store(LEAD).beginTurn(aside);
    const { turn: mine } = await federation.store(ANALYST).beginTurn(aside);
    for (const make of [decisionIn, verdictIn]) {
      for (const turn of [ended, others, randomUUID()])
        await expect(federation.apply(ANALYST, make(turn, aside)), turn).rejects.toMatchObject({ code: "conflict" });
      await expect(federation.apply(ANALYST, make(mine, mission.id))).rejects.toMatchObject({ code: "conflict" });
      await federation.apply(ANALYST, make(mine, aside));
    }
    await takeTurn(federation, LEAD, aside);
    await turnOf();
  });

  test("beside the seal: what is sealed is the verdict, and its chain comes out", async () => {
    const turn = await turnOf({ does: (id) => [verdictIn(id, aside)] });
    await federation.owner("update federation.verdicts set at = at - interval '1 hour'");
    await expect
      .poll(
        async () => {
          await federation.store(LEAD).reconcile();
          return (await federation.store(LEAD).query("AuditVerdicts", {}, LEAD)).unsealed;
        },
        { timeout: 10_000 },
      )
      .toBe(0);
    const audit = async () => (await federation.store(LEAD).query("AuditVerdicts", {}, LEAD)).ok;
    expect(await audit()).toBe(true);
    await federation.owner("update federation.verdicts set turn = null where turn = $1", [turn]);
    expect(await audit()).toBe(true);
    await federation.owner(
      "update federation.verdicts set reason = 'otherwise' where id = (select max(id) from federation.verdicts)",
    );
    expect(await audit()).toBe(false);
  });

  test("and a decision that no node could read is refused, so that it hides no other", async () => {
    const decision = { ...decisionIn("", aside), turn: null };
    for (const strange of [
      { head: {} },
      { head: { kind: 7 } },
      { head: "wait" },
      { head: null },
      { probabilities: { wait: "much" } },
      { probabilities: { wait: null } },
      { seed: 2 ** 60 },
      { seed: "x" },
    ])
      await expect(
        federation.applyRaw(ANALYST, [{ ...decision, ...strange }]),
        JSON.stringify(strange),
      ).rejects.toThrow();
    // A kind that this build does not know is read all the same.
    await federation.applyRaw(ANALYST, [{ ...decision, head: { kind: "dance", with: ["lead"] } }]);
    const { decisions } = await federation.store(LEAD).query("ListDecisions", { conversation: aside, limit: 1 }, LEAD);
    expect(decisions).toMatchObject([{ head: { kind: "dance", with: ["lead"] }, turn: null }]);
  });
});
