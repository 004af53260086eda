import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openErrand } from "./testing/errand-driver.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { type MissionDriver, objective, runOut, startMission, toVote } from "./testing/mission-driver.ts";
import { openMotion } from "./testing/motion-driver.ts";

/** Conversations in a line, their messages with how far each came, and what of the work in them is shown. */
let federation: Federation;
let mission: MissionDriver;
const aside = randomUUID();
beforeAll(async () => {
  federation = await startFederation();
  mission = await startMission(federation);
  await federation.apply(LEAD, { op: "start_thread", id: aside, title: "Aside", members: [ANALYST] });
  for (const text of ["One.", "Two.", "Three.", "Four.", "Five."]) await say(text);
});
afterAll(async () => {
  await runOut(federation, mission);
  await federation.drop();
});

async function say(text: string, conversation = aside): Promise<string> {
  const id = randomUUID();
  const sent = { op: "send_message", id, conversation, kind: "say", recipient: null, text } as const;
  await federation.apply(LEAD, { ...sent, about: null, causation: null });
  return id;
}
const list = async (actor: string, by: object = {}, through = actor) =>
  (await federation.store(through).query("ListConversations", { mine: false, limit: 50, ...by }, actor)).conversations;
const page = async (by: object, actor = ANALYST) =>
  (
    await federation
      .store(actor)
      .query("ListConversation", { conversation: aside, afterSeq: 0, limit: 50, ...by }, actor)
  ).messages;

describe("a conversation in a line", () => {
  test("has its members, what was said last, and what is due there to who asks", async () => {
    const [first] = await list(ANALYST);
    expect(first).toEqual({
      id: aside,
      kind: "thread",
      title: "Aside",
      createdBy: LEAD,
      createdAt: expect.stringMatching(/Z$/),
      members: [LEAD, ANALYST].sort(),
      phase: null,
      outcome: null,
      messages: 5,
      due: 5,
      last: { sender: LEAD, text: "Five.", at: expect.stringMatching(/Z$/) },
    });
    expect((await list(LEAD, { conversation: aside }))[0]?.due).toBe(0);
    expect(await list(ANALYST, { conversation: mission.id })).toMatchObject([
      { kind: "mission", title: objective, phase: "propose", outcome: null, createdBy: COMMANDER },
    ]);
  });

  test("comes first where something was said last", async () => {
    const other = randomUUID();
    await federation.apply(LEAD, { op: "start_thread", id: other, title: "Newer", members: [ANALYST] });
    expect((await list(ANALYST)).map((it) => it.title)).toEqual(["Newer", "Aside", objective]);
    await say("Six.");
    expect((await list(ANALYST)).map((it) => it.title)).toEqual(["Aside", "Newer", objective]);
    expect((await list(ANALYST)).find((it) => it.id === other)).toMatchObject({ messages: 0, last: null });
    expect(await list(ANALYST, { limit: 1 })).toHaveLength(1);
  });

  test("is listed by kind, by whether one is a member, and only to who may see it", async () => {
    const motion = await openMotion(federation, DEVELOPER, { kind: "decision", title: "Meet at noon", motive: "" });
    const errand = await openErrand(federation, { title: "Mend the roof" });
    const ids = async (actor: string, by: object = {}) => (await list(actor, by)).map((it) => it.id).sort();
    expect(await ids(ANALYST, { kinds: ["motion", "errand"] })).toEqual([motion.id, errand.id].sort());
    expect(await ids(ANALYST, { kinds: [] })).toEqual([]);
    expect(await ids(DEVELOPER, { kinds: ["thread"] })).toEqual([]);
    expect(await ids(DEVELOPER, { conversation: aside })).toEqual([]);
    // The commander sees every conversation, and is a member of some.
    expect(await ids(COMMANDER)).toContain(aside);
    expect(await ids(COMMANDER, { mine: true })).not.toContain(aside);
    expect(await ids(COMMANDER, { mine: true })).toContain(mission.id);
    // Through the node of a member, somebody else is shown no more.
    expect((await list(DEVELOPER, {}, LEAD)).map((it) => it.id)).not.toContain(aside);
    await motion.end();
    await runOut(federation, errand);
    expect(await list(ANALYST, { conversation: motion.id })).toMatchObject([{ phase: "closed", outcome: "vetoed" }]);
  });
});

describe("messages of a conversation", () => {
  const texts = async (by: object) => (await page(by)).map((it) => it.text);

  test("are read from the beginning or from the end, oldest first both times", async () => {
    expect(await texts({ limit: 2 })).toEqual(["One.", "Two."]);
    expect(await texts({ afterSeq: 2, limit: 2 })).toEqual(["Three.", "Four."]);
    expect(await texts({ beforeSeq: 1_000_000, limit: 2 })).toEqual(["Five.", "Six."]);
    expect(await texts({ beforeSeq: 5, limit: 2 })).toEqual(["Three.", "Four."]);
    expect(await texts({ beforeSeq: 3, limit: 50 })).toEqual(["One.", "Two."]);
    expect(await texts({ beforeSeq: 1, limit: 50 })).toEqual([]);
    expect(await texts({ afterSeq: 1, beforeSeq: 4, limit: 50 })).toEqual(["Two.", "Three."]);
    expect(await page({}, DEVELOPER)).toEqual([]);
    expect(await page({ beforeSeq: 100 }, DEVELOPER)).toEqual([]);
  });

  test("say how many of their recipients they reached how far", async () => {
    const [first, second] = await page({});
    expect(first?.ladder).toEqual({ recipients: 1, sent: 0, received: 0, read: 0, acted: 0, dead: 0 });
    await federation.store(ANALYST).markReceived([first?.id ?? ""], "frame");
    await federation.apply(ANALYST, { op: "mark_read", messages: [first?.id ?? ""] });
    await federation.owner(
      "update federation.deliveries set state = 'dead', dead_at = clock_timestamp(), last_error = 'given up' where message = $1",
      [second?.id],
    );
    expect((await page({})).slice(0, 2).map((it) => it.ladder)).toEqual([
      { recipients: 1, sent: 0, received: 1, read: 1, acted: 1, dead: 0 },
      { recipients: 1, sent: 0, received: 0, read: 0, acted: 0, dead: 1 },
    ]);
    const opening = (
      await federation
        .store(COMMANDER)
        .query("ListConversation", { conversation: mission.id, afterSeq: 0, limit: 1 }, COMMANDER)
    ).messages[0];
    expect(opening?.ladder.recipients).toBe(3);
    const { deliveries } = await federation.store(ANALYST).query("ListDeadLetters", { limit: 50 }, ANALYST);
    expect(deliveries).toMatchObject([
      {
        message: second?.id,
        recipient: ANALYST,
        conversation: aside,
        sender: LEAD,
        text: "Two.",
        diedAt: expect.stringMatching(/Z$/),
        lastError: "given up",
      },
    ]);
    expect((await federation.store(DEVELOPER).query("ListDeadLetters", { limit: 50 }, DEVELOPER)).deliveries).toEqual(
      [],
    );
  });
});

describe("the work", () => {
  test("a mission is listed with who began it and until when its phase lasts", async () => {
    const { missions } = await federation.store(LEAD).query("ListMissions", { open: true, limit: 50 }, LEAD);
    const { phaseDeadline } = await mission.view();
    expect(missions).toMatchObject([{ id: mission.id, createdBy: COMMANDER, phaseDeadline }]);
  });

  test("a proposal has when it was made, voted on and decided, and when each ballot was cast", async () => {
    const driver = await startMission(federation);
    const proposal = await toVote(driver);
    const shown = async () => (await federation.store(LEAD).query("ShowProposal", { proposal }, LEAD)).proposal;
    const { phaseDeadline } = await driver.view();
    expect(await shown()).toMatchObject({
      conversation: driver.id,
      conversationKind: "mission",
      phase: "vote",
      phaseDeadline,
      createdAt: expect.stringMatching(/Z$/),
      votingOpenedAt: expect.stringMatching(/Z$/),
      decidedAt: null,
      ballots: [],
    });
    for (const voter of [LEAD, DEVELOPER, ANALYST])
      await driver.act(voter, { kind: "vote", proposal, choice: "no" }, { text: "Not yet." });
    await driver.move();
    const after = await shown();
    expect(after.ballots).toHaveLength(3);
    for (const { castAt } of after.ballots) expect(castAt >= (after.votingOpenedAt ?? "")).toBe(true);
    expect(after.decidedAt).toEqual(expect.stringMatching(/Z$/));
    await runOut(federation, driver);
  });

  test("a task has its history, and is shown with those that it needs and that need it", async () => {
    const first = await openErrand(federation, { title: "First" });
    const second = await openErrand(federation, { title: "Second", needs: [first.task] });
    const shown = (task: string) => federation.store(LEAD).query("ShowTask", { task }, LEAD);
    await first.act(DEVELOPER, { kind: "claim", task: first.task });
    const of = await shown(first.task);
    const [row] = await federation.owner<{ until: string }>(
      "select federation.iso(lease_until) as until from federation.tasks where id = $1",
      [first.task],
    );
    expect(of.task).toMatchObject({
      conversation: first.id,
      conversationKind: "errand",
      createdBy: COMMANDER,
      createdAt: expect.stringMatching(/Z$/),
      leaseUntil: row?.until,
    });
    expect(of.history).toMatchObject([
      { actor: COMMANDER, from: null, to: "assigned", fence: 0, reason: `opened for ${DEVELOPER}` },
      { actor: DEVELOPER, from: "assigned", to: "claimed", fence: 1 },
    ]);
    expect([of.needs, of.neededBy]).toEqual([[], [{ id: second.task, title: "Second", state: "assigned" }]]);
    const other = await shown(second.task);
    expect([other.needs, other.neededBy]).toEqual([[{ id: first.task, title: "First", state: "claimed" }], []]);
    expect(other.task).toMatchObject({ leaseUntil: null, needs: [first.task] });
    await expect(shown(randomUUID())).rejects.toMatchObject({ code: "not_found" });
    for (const errand of [first, second]) await runOut(federation, errand);
  });
});
