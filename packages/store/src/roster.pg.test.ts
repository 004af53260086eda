import { randomUUID } from "node:crypto";
import type { ControlResponse } from "@federation/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openErrand } from "./testing/errand-driver.ts";
import { addExternal } from "./testing/external-actors.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD } from "./testing/federation-fixture.ts";
import { type MissionDriver, objective, runOut, startMission } from "./testing/mission-driver.ts";
import { claim, evidence, result, startTaskWorld, type TaskWorld } from "./testing/task-world.ts";
import { takeTurn } from "./testing/turns.ts";

/** What everybody is doing, as it follows from turns, claims, duties, questions and leases. */
let world: TaskWorld;
let federation: Federation;
beforeAll(async () => {
  world = await startTaskWorld();
  federation = world.federation;
});
afterAll(() => federation.drop());

type Entry = ControlResponse<"ListRoster">["actors"][number];
/** The entry of an actor, as it is shown to another. */
async function entry(actor: string, shownTo = COMMANDER): Promise<Entry> {
  const { actors } = await federation.store(shownTo).query("ListRoster", {}, shownTo);
  const found = actors.find((it) => it.actor === actor);
  if (found === undefined) throw new Error(`${actor} is not in the roster`);
  return found;
}
const activity = async (actor: string, shownTo = COMMANDER) => (await entry(actor, shownTo)).activity;
const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function mission(): Promise<MissionDriver> {
  const driver = await startMission(federation);
  ending.push(() => runOut(federation, driver));
  return driver;
}
async function thread(...members: string[]): Promise<string> {
  const id = randomUUID();
  await federation.apply(LEAD, { op: "start_thread", id, title: "Between us", members });
  return id;
}
/** A message that waits for an actor. Answers its id. */
async function sendTo(recipient: string, conversation: string): Promise<string> {
  const id = randomUUID();
  const words = { kind: "ask", text: "Well?", about: null, causation: null } as const;
  await federation.apply(LEAD, { op: "send_message", id, conversation, recipient, ...words });
  return id;
}
/** A turn about a message, under way until the test is over. */
async function runningTurn(actor: string, conversation: string): Promise<void> {
  const about = await sendTo(actor, conversation);
  await federation.store(actor).beginTurn(conversation);
  ending.push(() => takeTurn(federation, actor, conversation, { deliveries: [about] }));
}

describe("an actor", () => {
  test("of whom nothing is known is idle, and has done nothing", async () => {
    await federation.addNode("new", "developer");
    expect(await entry("new")).toEqual({
      actor: "new",
      kind: "agent",
      role: "developer",
      // Four were registered before it.
      ordinal: 4,
      description: expect.stringContaining("You are the Developer."),
      online: true,
      model: null,
      activity: {
        state: "idle",
        conversation: null,
        title: null,
        duty: null,
        task: null,
        since: null,
        waitingFor: [],
      },
      version: "0.1.0",
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      broker: null,
      host: null,
      queued: 0,
      dead: 0,
      tokensPerSecond: null,
      lastReload: null,
      paused: false,
      pauseReason: null,
      due: 0,
      tokensIn: 0,
      tokensOut: 0,
      lastSeenAt: expect.stringMatching(/Z$/),
    });
  });

  test("that has ended a turn is idle since then", async () => {
    const talk = await thread("new");
    await takeTurn(federation, "new", talk);
    const [turn] = await federation.owner<{ at: string }>(
      "select federation.iso(ended_at) as at from federation.turns where actor = 'new'",
    );
    expect(await activity("new")).toMatchObject({ state: "idle", since: turn?.at, conversation: null });
  });

  test("with a turn under way is thinking: where, since when, about which duty", async () => {
    const { id } = await mission();
    await federation.store(LEAD).beginTurn(id);
    ending.push(() => takeTurn(federation, LEAD, id));
    expect(await activity(LEAD)).toEqual({
      state: "thinking",
      conversation: id,
      title: objective,
      duty: "propose",
      task: null,
      since: expect.stringMatching(/Z$/),
      waitingFor: [],
    });
  });

  test("whose turn was left, and has nothing to be taken up for any more, is not thinking", async () => {
    const { id } = await mission();
    await runningTurn(ANALYST, id);
    expect(await activity(ANALYST)).toMatchObject({ state: "thinking", conversation: id, duty: null });
    await federation.owner(
      "update federation.deliveries set state = 'done', acted_at = clock_timestamp(), acted_by = 'model' where recipient = $1 and state = 'due'",
      [ANALYST],
    );
    expect(await activity(ANALYST)).toMatchObject({ state: "waiting", conversation: id });
  });

  test("that holds a claim is working on its task, and while a turn of it runs it is thinking about it", async () => {
    const errand = await openErrand(federation, { title: "Mend the roof" });
    await federation.apply(DEVELOPER, claim(errand.task));
    const [claimed] = await federation.owner<{ at: string }>(
      "select federation.iso(at) as at from federation.task_history where task = $1 and to_state = 'claimed'",
      [errand.task],
    );
    const where = { conversation: errand.id, title: "Mend the roof", duty: "implement", task: errand.task };
    expect(await activity(DEVELOPER)).toEqual({ state: "working", ...where, since: claimed?.at, waitingFor: [] });
    const { turn } = await federation.store(DEVELOPER).beginTurn(errand.id);
    expect(await activity(DEVELOPER)).toMatchObject({ state: "thinking", ...where });
    await takeTurn(federation, DEVELOPER, errand.id);
    expect(turn).toBeDefined();
    await world.expireLease(errand.task);
    expect((await activity(DEVELOPER)).state).not.toBe("working");
    await federation.overdue();
    await federation.apply(DEVELOPER, claim(errand.task));
    await errand.act(DEVELOPER, { kind: "submit", task: errand.task, evidence }, result);
    await errand.move();
    await errand.act(ANALYST, { kind: "accept", task: errand.task }, { text: "It is dry." });
    expect(await errand.move()).toEqual(["closed"]);
  });

  test("waits for those who owe something where it takes part and owes nothing itself", async () => {
    const driver = await mission();
    // Lead and developer owe a proposal.
    expect(await activity(ANALYST)).toMatchObject({
      state: "waiting",
      conversation: driver.id,
      title: objective,
      waitingFor: [DEVELOPER, LEAD],
    });
    expect((await activity(LEAD)).state).toBe("idle");
    await driver.act(LEAD, { kind: "propose" }, { title: "Back off", text: "Double the pause." });
    const [closed] = await federation.owner<{ at: string }>(
      "select federation.iso(closed_at) as at from federation.obligations where conversation = $1 and actor = $2",
      [driver.id, LEAD],
    );
    expect(await activity(LEAD)).toMatchObject({ state: "waiting", waitingFor: [DEVELOPER], since: closed?.at });
    expect((await activity(DEVELOPER)).state).toBe("idle");
  });

  test("waits for a person it has asked, as only those see who may see where", async () => {
    const talk = await thread(COMMANDER);
    const question = { whom: COMMANDER, question: "May I?", dueInMs: 60_000 };
    const id = randomUUID();
    await federation.apply(LEAD, { op: "ask_approval", id, conversation: talk, ...question });
    for (const shownTo of [COMMANDER, LEAD])
      expect(await activity(LEAD, shownTo), shownTo).toMatchObject({
        state: "waiting",
        conversation: talk,
        title: "Between us",
        waitingFor: [COMMANDER],
      });
    expect(await activity(LEAD, ANALYST)).toMatchObject({
      state: "waiting",
      conversation: null,
      title: null,
      waitingFor: [],
    });
    await federation.apply(LEAD, { op: "withdraw_approval", approval: id });
    expect((await activity(LEAD)).state).toBe("idle");
  });

  test("is shown thinking in a thread, and where only to its members and the commander", async () => {
    const talk = await thread(ANALYST);
    await runningTurn(ANALYST, talk);
    for (const shownTo of [COMMANDER, LEAD, ANALYST])
      expect(await activity(ANALYST, shownTo), shownTo).toMatchObject({ conversation: talk, title: "Between us" });
    expect(await activity(ANALYST, DEVELOPER)).toMatchObject({ state: "thinking", conversation: null, title: null });
    // Through the node of somebody who may see it, neither.
    const { actors } = await federation.store(LEAD).query("ListRoster", {}, DEVELOPER);
    expect(actors.find((it) => it.actor === ANALYST)?.activity.conversation).toBeNull();
  });

  test("that is paused is paused whatever it was at, and away when its lease is over", async () => {
    const { id } = await mission();
    await runningTurn(ANALYST, id);
    await federation.apply(COMMANDER, { op: "pause_node", node: ANALYST, reason: "Too loud." });
    expect(await activity(ANALYST)).toMatchObject({ state: "paused", conversation: null, since: expect.any(String) });
    await world.goAway(ANALYST);
    expect(await entry(ANALYST)).toMatchObject({
      online: false,
      paused: true,
      activity: { state: "away", since: expect.any(String) },
    });
    await world.comeBack(ANALYST);
    await federation.apply(COMMANDER, { op: "resume_node", node: ANALYST });
    expect(await activity(ANALYST)).toMatchObject({ state: "thinking", conversation: id });
  });
});

test("a node is shown with what waits for it, how it speaks to the broker, and how its last reload ended", async () => {
  const store = federation.store(DEVELOPER);
  await store.renewPresence({ model: "tiny", broker: "publish connected, consume closed", ttlMs: 60_000 });
  await federation.apply(DEVELOPER, { op: "record_reload", id: randomUUID(), stage: null, reason: "", tookMs: 900 });
  await federation.apply(DEVELOPER, {
    op: "record_reload",
    id: randomUUID(),
    stage: "health",
    reason: "It did not answer.",
    tookMs: 40,
  });
  const before = await entry(DEVELOPER);
  const talk = await thread(DEVELOPER);
  const message = await sendTo(DEVELOPER, talk);
  const after = await entry(DEVELOPER);
  expect(after).toMatchObject({
    model: "tiny",
    broker: "publish connected, consume closed",
    lastReload: { state: "failed", reason: "It did not answer.", at: expect.stringMatching(/Z$/) },
  });
  expect(after.queued - before.queued).toBe(1);
  expect(after.due - before.due).toBe(1);
  await federation.owner(
    "update federation.deliveries set state = 'dead', dead_at = clock_timestamp(), last_error = 'given up' where message = $1",
    [message],
  );
  expect(await entry(DEVELOPER)).toMatchObject({ dead: before.dead + 1, due: before.due });
  await world.comeBack(DEVELOPER);
});

test("how fast it writes counts what models wrote in turns of the last five minutes", async () => {
  const node = "writer";
  await federation.addNode(node, "developer");
  const talk = await thread(node);
  for (const tokensOut of [100, 50, 1_000]) await takeTurn(federation, node, talk, { tokensOut });
  await takeTurn(federation, node, talk, { model: null, tokensIn: 0, tokensOut: 0 });
  expect((await entry(node)).tokensPerSecond).toBeGreaterThan(0);
  const set = (step: number, seconds: number, ago: string) =>
    federation.owner(
      `update federation.turns set ended_at = clock_timestamp() - $4::interval, started_at = clock_timestamp() - $4::interval - make_interval(secs => $3)
       where actor = $1 and step = $2`,
      [node, step, seconds, ago],
    );
  await set(1, 10, "1 minute");
  await set(2, 5, "4 minutes");
  await set(3, 1, "6 minutes");
  await set(4, 100, "1 minute");
  expect(await entry(node)).toMatchObject({ tokensPerSecond: 10, tokensOut: 1_150 });
  await set(1, 10, "6 minutes");
  await set(2, 5, "6 minutes");
  expect((await entry(node)).tokensPerSecond).toBeNull();
});

test("an actor without a daemon is shown with its host while it has one, and not at all once it is retired", async () => {
  const token = await addExternal(federation, "guest");
  expect(await entry("guest")).toMatchObject({
    description: "A guest.",
    online: false,
    host: null,
    version: null,
    startedAt: null,
    activity: { state: "away", since: null },
  });
  await federation.store(LEAD).hostActor(token.credential, 30_000);
  expect(await entry("guest")).toMatchObject({ online: true, host: LEAD, activity: { state: "idle" } });
  // It asks through its host, and sees no thread of its host.
  const talk = await thread(ANALYST);
  await runningTurn(ANALYST, talk);
  const { actors } = await federation.store(LEAD).query("ListRoster", {}, "guest");
  expect(actors.find((it) => it.actor === ANALYST)?.activity).toMatchObject({ state: "thinking", title: null });
  await federation.apply(COMMANDER, { op: "retire_actor", name: "guest" });
  await expect(entry("guest")).rejects.toThrow("not in the roster");
});
