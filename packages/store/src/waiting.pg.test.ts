import { randomUUID } from "node:crypto";
import type { ControlResponse } from "@federation/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { historyOf, openErrand } from "./testing/errand-driver.ts";
import { addExternal } from "./testing/external-actors.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD } from "./testing/federation-fixture.ts";
import { objective, runOut, startMission, toVote } from "./testing/mission-driver.ts";
import { enact, everyone, openMotion, setParameter } from "./testing/motion-driver.ts";
import { claim, evidence, result, startTaskWorld, type TaskWorld } from "./testing/task-world.ts";

/** What waits for somebody, in one list: each thing once, the most urgent first. */
let world: TaskWorld;
let federation: Federation;
beforeAll(async () => {
  world = await startTaskWorld();
  federation = world.federation;
});
afterAll(() => federation.drop());
const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
  await federation.owner(
    "update federation.deliveries set state = 'done', acted_at = clock_timestamp(), acted_by = 'rule' where state = 'due'",
  );
});

type Item = ControlResponse<"ListWaiting">["items"][number];
const waiting = (actor: string, through = actor) => federation.store(through).query("ListWaiting", {}, actor);
const items = async (actor: string): Promise<readonly Item[]> => (await waiting(actor)).items;
const only = async (actor: string, kind: Item["kind"]): Promise<Item> => {
  const [item, ...more] = (await items(actor)).filter((it) => it.kind === kind);
  if (item === undefined || more.length > 0) throw new Error(`expected one ${kind}, got ${JSON.stringify(more)}`);
  return item;
};
const time = expect.stringMatching(/^\d{4}-.*Z$/);
const none = { duty: null, subject: null, deadline: null, fence: null };

async function thread(...members: string[]): Promise<string> {
  const id = randomUUID();
  await federation.apply(LEAD, { op: "start_thread", id, title: "Between us", members });
  return id;
}
async function message(conversation: string, kind: "ask" | "say", recipient: string | null, text: string) {
  const id = randomUUID();
  const sent = { op: "send_message", id, conversation, kind, recipient, text, about: null, causation: null } as const;
  await federation.apply(LEAD, sent);
  return id;
}

test("nothing waits for whom nothing waits", async () => {
  expect(await waiting(ANALYST)).toEqual({ items: [], unread: 0 });
});

describe("a vote", () => {
  test("waits as a ballot under the proposal's id, until it is cast", async () => {
    const driver = await startMission(federation);
    const proposal = await toVote(driver);
    ending.push(async () => {
      await federation.apply(COMMANDER, { op: "veto", proposal, reason: "The test is over." });
      await driver.move();
    });
    const view = await driver.view();
    expect(await only(ANALYST, "ballot")).toEqual({
      kind: "ballot",
      id: proposal,
      optional: false,
      conversation: driver.id,
      conversationKind: "mission",
      conversationTitle: objective,
      duty: "vote",
      subject: proposal,
      from: LEAD,
      text: "Back off with jitter",
      since: time,
      deadline: view.phaseDeadline,
      fence: null,
    });
    await driver.act(ANALYST, { kind: "vote", proposal, choice: "yes" }, { text: "It is bounded." });
    expect((await items(ANALYST)).filter((it) => it.kind === "ballot")).toEqual([]);
    // The commander has no vote in it, and may not stop what is not decided.
    expect((await items(COMMANDER)).filter((it) => it.conversation === driver.id)).toEqual([]);
  });
});

describe("another duty", () => {
  test("waits under its own id, about what it is about, and not beyond its phase", async () => {
    const driver = await startMission(federation);
    const own = (await driver.view()).obligations.find((o) => o.actor === LEAD);
    expect(await only(LEAD, "duty")).toMatchObject({
      id: own?.id,
      duty: "propose",
      subject: null,
      from: null,
      text: objective,
    });
    await driver.act(LEAD, { kind: "propose" }, { title: "Back off", text: "Double the pause." });
    expect(await items(LEAD)).toEqual([]);
    await federation.owner(
      "update federation.missions set phase_deadline = clock_timestamp() where conversation = $1",
      [driver.id],
    );
    // Overdue, it still waits; the phase left behind, it does not.
    expect(await only(DEVELOPER, "duty")).toMatchObject({ duty: "propose" });
    await world.reconcile();
    await driver.move();
    expect((await items(DEVELOPER)).filter((it) => it.kind === "duty")).toEqual([]);
    await runOut(federation, driver);
  });
});

describe("an approval", () => {
  test("waits for whom it was put to, once: its message is not a question besides", async () => {
    const talk = await thread(COMMANDER);
    const id = randomUUID();
    const question = "May I drop the old table?";
    await federation.apply(LEAD, {
      op: "ask_approval",
      id,
      conversation: talk,
      whom: COMMANDER,
      question,
      dueInMs: 60_000,
    });
    expect(await items(COMMANDER)).toEqual([
      {
        ...none,
        kind: "approval",
        id,
        optional: false,
        conversation: talk,
        conversationKind: "thread",
        conversationTitle: "Between us",
        from: LEAD,
        text: question,
        since: time,
        deadline: time,
      },
    ]);
    expect(await items(LEAD)).toEqual([]);
    await federation.apply(COMMANDER, { op: "answer_approval", approval: id, approve: false, reason: "" });
    expect(await items(COMMANDER)).toEqual([]);
  });
});

describe("a message", () => {
  test("that asks waits as a question, put to one or to all; any other is only counted", async () => {
    const talk = await thread(ANALYST, DEVELOPER);
    const mine = await message(talk, "ask", ANALYST, "What do you think?");
    const everybodys = await message(talk, "ask", null, `${"And who else? ".repeat(40)}`);
    await message(talk, "say", null, "Just so you know.");
    const asked = await items(ANALYST);
    expect(asked).toMatchObject([
      { ...none, kind: "question", id: mine, from: LEAD, text: "What do you think?" },
      { ...none, kind: "question", id: everybodys },
    ]);
    expect([...(asked[1]?.text ?? "")]).toHaveLength(400);
    expect((await waiting(ANALYST)).unread).toBe(1);
    expect((await items(DEVELOPER)).map((it) => it.id)).toEqual([everybodys]);
    expect(await waiting(LEAD)).toEqual({ items: [], unread: 0 });
    // Read, a question still waits; dealt with, it does not.
    await federation.apply(ANALYST, { op: "mark_read", messages: [mine, everybodys] });
    expect(await items(ANALYST)).toHaveLength(2);
    await federation.apply(ANALYST, { op: "mark_acted", messages: [mine] });
    expect((await items(ANALYST)).map((it) => it.id)).toEqual([everybodys]);
  });
});

describe("a task", () => {
  test("waits for its assignee, then for its holder with the fence; the duty to implement is not listed besides", async () => {
    const errand = await openErrand(federation, { title: "Mend the roof" });
    const assigned = await items(DEVELOPER);
    expect(assigned).toEqual([
      {
        kind: "task",
        id: errand.task,
        optional: false,
        conversation: errand.id,
        conversationKind: "errand",
        conversationTitle: "Mend the roof",
        duty: "implement",
        subject: errand.task,
        from: COMMANDER,
        text: "Mend the roof",
        since: time,
        deadline: time,
        fence: null,
      },
    ]);
    await federation.apply(DEVELOPER, claim(errand.task));
    const held = await only(DEVELOPER, "task");
    const [row] = await federation.owner<{ until: string }>(
      "select federation.iso(lease_until) as until from federation.tasks where id = $1",
      [errand.task],
    );
    expect(held).toMatchObject({ id: errand.task, duty: "implement", fence: 1, deadline: row?.until });
    await errand.act(DEVELOPER, { kind: "submit", task: errand.task, evidence }, result);
    expect((await items(DEVELOPER)).filter((it) => it.kind === "task")).toEqual([]);
    await errand.move();
    expect(await only(ANALYST, "duty")).toMatchObject({
      duty: "review",
      subject: errand.task,
      from: DEVELOPER,
      text: "Mend the roof",
    });
    await errand.act(ANALYST, { kind: "accept", task: errand.task }, { text: "It is dry." });
    await errand.move();
    expect(await items(ANALYST)).toEqual([]);
  });

  test("taken over waits for who has it, and no more for whom it was taken from", async () => {
    const errand = await openErrand(federation, { title: "Mend the wall" });
    await errand.act(COMMANDER, { kind: "take_over", task: errand.task }, { text: "I can do it." });
    expect((await items(DEVELOPER)).filter((it) => it.conversation === errand.id)).toEqual([]);
    expect(await only(COMMANDER, "task")).toMatchObject({ id: errand.task, fence: 1, duty: "implement" });
    await errand.act(COMMANDER, { kind: "submit", task: errand.task, evidence }, result);
    await errand.move();
    await errand.act(ANALYST, { kind: "accept", task: errand.task }, { text: "It stands." });
    await errand.move();
    expect(await historyOf(federation, errand.task)).toHaveLength(4);
  });

  test("that waits for another one does not wait for its assignee", async () => {
    const first = await openErrand(federation, { title: "First" });
    const second = await openErrand(federation, { title: "Second", needs: [first.task] });
    expect((await items(DEVELOPER)).map((it) => it.text)).toEqual(["First"]);
    await federation.apply(DEVELOPER, claim(first.task));
    await first.act(DEVELOPER, { kind: "submit", task: first.task, evidence }, result);
    await first.move();
    await first.act(ANALYST, { kind: "accept", task: first.task }, { text: "Done." });
    await first.move();
    expect((await items(DEVELOPER)).map((it) => it.text)).toEqual(["Second"]);
    await federation.apply(DEVELOPER, claim(second.task));
    await second.act(DEVELOPER, { kind: "submit", task: second.task, evidence }, result);
    await second.move();
    await second.act(ANALYST, { kind: "accept", task: second.task }, { text: "Done." });
    await second.move();
  });
});

describe("a veto", () => {
  test("may be cast by a human commander, while an accepted motion has its window, and is never due", async () => {
    await enact(federation, LEAD, { change: setParameter("budgets.maxHops", 7) });
    const motion = await openMotion(federation, DEVELOPER, {
      kind: "decision",
      title: "Meet at noon",
      change: null,
      motive: "",
    });
    await motion.comment();
    expect(await items(COMMANDER)).toEqual([]);
    await motion.vote(everyone("yes"));
    const view = await motion.view();
    expect(view.phase).toBe("veto");
    expect(await items(COMMANDER)).toEqual([
      {
        kind: "veto",
        id: motion.proposal,
        optional: true,
        conversation: motion.id,
        conversationKind: "motion",
        conversationTitle: "Meet at noon",
        duty: null,
        subject: motion.proposal,
        from: DEVELOPER,
        text: "Meet at noon",
        since: view.phaseEnteredAt,
        deadline: view.phaseDeadline,
        fence: null,
      },
    ]);
    for (const actor of [LEAD, DEVELOPER, ANALYST]) expect(await items(actor), actor).toEqual([]);
    // What must be done comes before what may be.
    const talk = await thread(COMMANDER);
    const asked = await message(talk, "ask", COMMANDER, "Well?");
    expect((await items(COMMANDER)).map((it) => it.id)).toEqual([asked, motion.proposal]);
    await motion.end();
    expect((await items(COMMANDER)).map((it) => it.kind)).toEqual(["question"]);
  });
});

test("what is due first comes first, what has no deadline after it, and then the older one", async () => {
  const talk = await thread(COMMANDER);
  const first = await message(talk, "ask", COMMANDER, "The older question.");
  const second = await message(talk, "ask", COMMANDER, "The younger question.");
  const ask = async (dueInMs: number): Promise<string> => {
    const id = randomUUID();
    await federation.apply(LEAD, {
      op: "ask_approval",
      id,
      conversation: talk,
      whom: COMMANDER,
      question: "May I?",
      dueInMs,
    });
    return id;
  };
  const [late, soon] = [await ask(600_000), await ask(60_000)];
  expect((await items(COMMANDER)).map((it) => it.id)).toEqual([soon, late, first, second]);
  for (const approval of [late, soon]) await federation.apply(LEAD, { op: "withdraw_approval", approval });
});

test("it is answered to the actor's own node, or to that of its host, and to nobody else", async () => {
  const talk = await thread(ANALYST);
  await message(talk, "ask", ANALYST, "For you alone.");
  expect(await waiting(ANALYST, LEAD)).toEqual({ items: [], unread: 0 });
  expect(await waiting(ANALYST, COMMANDER)).toEqual({ items: [], unread: 0 });
  const guest = await addExternal(federation, "guest");
  const withGuest = await thread("guest");
  await message(withGuest, "ask", "guest", "Are you there?");
  expect(await waiting("guest", DEVELOPER)).toEqual({ items: [], unread: 0 });
  await federation.store(DEVELOPER).hostActor(guest.credential, 30_000);
  expect((await waiting("guest", DEVELOPER)).items).toMatchObject([{ kind: "question", text: "Are you there?" }]);
  expect(await waiting("guest", LEAD)).toEqual({ items: [], unread: 0 });
});
