import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openErrand } from "./testing/errand-driver.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { startMission, toImplement, toVote } from "./testing/mission-driver.ts";

let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.drop());

/** What is overdue in one conversation: kind and owner. */
async function overdueIn(conversation: string): Promise<readonly string[]> {
  const rows = await federation.owner<{ line: string }>(
    "select kind || ': ' || owner as line from federation.overdue where conversation = $1 order by 1",
    [conversation],
  );
  return rows.map((row) => row.line);
}
const ago = (table: string, column: string, conversation: string, interval = "2 hours") =>
  federation.owner(`update federation.${table} set ${column} = ${column} - $2::interval where conversation = $1`, [
    conversation,
    interval,
  ]);

/** After the reconciler and the movers nothing is left of it. */
const settles = async () => expect(await federation.overdue()).toEqual([]);

describe("is overdue, with whom it waits for, until reconciler and movers have run:", () => {
  test("a phase past its deadline, and each duty in it", async () => {
    const mission = await startMission(federation);
    await ago("missions", "phase_deadline", mission.id);
    expect(await overdueIn(mission.id)).toEqual([`duty: ${DEVELOPER}`, `duty: ${LEAD}`, `phase: ${LEAD}`]);
    await settles();
  });

  test("a vote", async () => {
    const mission = await startMission(federation);
    await toVote(mission);
    await ago("missions", "phase_deadline", mission.id);
    expect(await overdueIn(mission.id)).toEqual(
      [`duty: ${DEVELOPER}`, `duty: ${ANALYST}`, `duty: ${LEAD}`, `phase: ${LEAD}`, `proposal: ${LEAD}`].sort(),
    );
    await settles();
    expect((await mission.view()).proposals[0]?.state).toBe("rejected");
  });

  test("a phase that nobody moves on", async () => {
    const mission = await startMission(federation);
    for (const actor of [LEAD, DEVELOPER])
      await mission.act(actor, { kind: "propose" }, { title: "Back off", text: "With jitter." });
    expect(await overdueIn(mission.id)).toEqual([]);
    await ago("obligations", "closed_at", mission.id);
    expect(await overdueIn(mission.id)).toEqual([`move: ${LEAD}`]);
    await settles();
  });

  test("a task that its assignee does not claim", async () => {
    const errand = await openErrand(federation);
    await ago("tasks", "assigned_at", errand.id);
    await ago("missions", "phase_entered_at", errand.id);
    expect(await overdueIn(errand.id)).toEqual([`unclaimed task: ${DEVELOPER}`]);
    await settles();
  });

  test("a claim past its lease, and a task past its due time", async () => {
    const errand = await openErrand(federation);
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    await ago("tasks", "lease_until", errand.id);
    await ago("tasks", "due_at", errand.id, "2 days");
    expect(await overdueIn(errand.id)).toEqual([`claim: ${DEVELOPER}`, `task past due: ${DEVELOPER}`]);
    await settles();
  });

  test("a result that nobody has been asked to review", async () => {
    const mission = await startMission(federation);
    const task = await toImplement(mission);
    await mission.act(DEVELOPER, { kind: "claim", task });
    await mission.act(DEVELOPER, { kind: "submit", task }, { text: "Done." });
    await federation.owner(
      "update federation.submissions set submitted_at = submitted_at - interval '1 hour' where task = $1",
      [task],
    );
    expect(await overdueIn(mission.id)).toEqual([`unreviewed result: ${DEVELOPER}`]);
    await settles();
    expect((await mission.view()).phase).toBe("review");
  });

  test("a turn that its node never ended: it has failed, and what the node still writes is refused", async () => {
    const mission = await startMission(federation);
    const { turn } = await federation.store(DEVELOPER).beginTurn(mission.id);
    await ago("turns", "started_at", mission.id);
    expect(await overdueIn(mission.id)).toEqual([`turn: ${DEVELOPER}`]);
    await settles();
    const finish = { op: "finish_turn", turn, deliveries: [], read: true, obligation: null, model: null } as const;
    await expect(
      federation.apply(DEVELOPER, { ...finish, tokensIn: 1, tokensOut: 1, failure: null }),
    ).rejects.toMatchObject({ code: "conflict" });
    expect(await federation.store(DEVELOPER).beginTurn(mission.id)).toMatchObject({ attempt: 1, step: 2 });
  });
});

describe("is overdue, and nobody moves it but whom it waits for:", () => {
  test("a message that an agent does not read although it is there", async () => {
    const conversation = randomUUID();
    await federation.apply(LEAD, { op: "start_thread", id: conversation, title: "T", members: [DEVELOPER, COMMANDER] });
    await federation.apply(LEAD, {
      op: "send_message",
      id: randomUUID(),
      conversation,
      recipient: null,
      kind: "ask",
      text: "How far are you?",
      about: null,
      causation: null,
    });
    expect(await overdueIn(conversation)).toEqual([]);
    await ago("deliveries", "stored_at", conversation);
    // A person reads in their own time.
    expect(await overdueIn(conversation)).toEqual([`message: ${DEVELOPER}`]);
    await federation.owner("update federation.presence set lease_until = clock_timestamp() where actor = $1", [
      DEVELOPER,
    ]);
    expect(await overdueIn(conversation)).toEqual([]);
    await federation.owner("update federation.presence set lease_until = 'infinity' where actor = $1", [DEVELOPER]);
    await federation.apply(COMMANDER, { op: "pause_node", node: DEVELOPER, reason: "Rest." });
    expect(await overdueIn(conversation)).toEqual([]);
    await federation.apply(COMMANDER, { op: "resume_node", node: DEVELOPER });
    expect((await federation.overdue()).map((row) => [row.kind, row.owner])).toEqual([["message", DEVELOPER]]);
    const { turn } = await federation.store(DEVELOPER).beginTurn(conversation);
    const [due] = await federation.store(DEVELOPER).dueMessages(conversation);
    await federation.apply(DEVELOPER, {
      op: "finish_turn",
      turn,
      deliveries: [due?.id ?? ""],
      read: true,
      obligation: null,
      model: "hand",
      tokensIn: 1,
      tokensOut: 1,
      failure: null,
    });
    await settles();
  });

  test("a wake-up that no relay sends", async () => {
    const errand = await openErrand(federation);
    await federation.owner("delete from federation.outbox where conversation = $1 and queue is distinct from $2", [
      errand.id,
      DEVELOPER,
    ]);
    await ago("outbox", "created_at", errand.id);
    expect(await overdueIn(errand.id)).toEqual([`wake-up: ${DEVELOPER}`]);
    await settles();
  });

  test("a call without an outcome, and work left in a mission that is closed: no path leads there", async () => {
    await federation.owner(
      "insert into federation.call_outcomes (actor, call_id, command) values ($1, 'lost', 'Test')",
      [LEAD],
    );
    const errand = await openErrand(federation);
    await federation.owner(
      "update federation.missions set phase = 'closed', outcome = 'not_done', closed_at = clock_timestamp(), phase_deadline = null where conversation = $1",
      [errand.id],
    );
    expect((await federation.overdue()).map((row) => [row.kind, row.owner])).toEqual(
      expect.arrayContaining([
        ["call without outcome", LEAD],
        ["task of a closed mission", DEVELOPER],
        ["duty", DEVELOPER],
      ]),
    );
    await federation.owner("delete from federation.call_outcomes where call_id = 'lost'");
    await federation.owner("update federation.tasks set state = 'cancelled' where conversation = $1", [errand.id]);
    await federation.owner(
      "update federation.obligations set state = 'cancelled', closed_at = clock_timestamp() where conversation = $1 and state = 'open'",
      [errand.id],
    );
    await settles();
  });
});

test("a daemon asks for it through its door, past a grace of its own, and reads nobody's words there", async () => {
  const mission = await startMission(federation);
  await ago("missions", "phase_deadline", mission.id, "1 hour");
  const store = federation.store(ANALYST);
  const { items } = await store.query("GetOverdue", { graceMs: 0 }, ANALYST);
  expect(items.filter((it) => it.conversation === mission.id && it.kind === "phase")).toMatchObject([
    { subject: "propose", owner: LEAD },
  ]);
  expect((await store.query("GetOverdue", { graceMs: 24 * 3_600_000 }, ANALYST)).items).toEqual([]);
  const client = await federation.raw(ANALYST);
  await expect(client.query("select * from federation.overdue")).rejects.toMatchObject({ code: "42501" });
  await settles();
});
