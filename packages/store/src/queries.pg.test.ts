import { randomUUID } from "node:crypto";
import { type ControlName, control, controlEntries } from "@federation/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tokenSha256 } from "./admin.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { type MissionDriver, startMission, toImplement } from "./testing/mission-driver.ts";

let federation: Federation;
let mission: MissionDriver;
let task: string;
/** A conversation of the lead and the analyst. */
const secret = { conversation: randomUUID(), message: randomUUID() };
beforeAll(async () => {
  federation = await startFederation();
  mission = await startMission(federation);
  task = await toImplement(mission);
  await mission.act(DEVELOPER, { kind: "claim", task });
  await mission.act(DEVELOPER, { kind: "submit", task }, { text: "Done.", files: [{ path: "a.md", content: "x" }] });
  await mission.act(LEAD, { kind: "remember" }, { text: "Retries need jitter and a bound." });
  await federation.apply(LEAD, { op: "start_thread", id: secret.conversation, title: "Aside", members: [ANALYST] });
  await federation.apply(LEAD, {
    op: "send_message",
    id: secret.message,
    conversation: secret.conversation,
    recipient: ANALYST,
    kind: "ask",
    text: "A secret question.",
    about: null,
    causation: null,
  });
  await federation.owner(
    "update federation.deliveries set state = 'dead', dead_at = clock_timestamp(), last_error = 'given up' where message in (select id from federation.messages where conversation = $1 and kind = 'critique')",
    [mission.id],
  );
  // Nobody has moved the mission on to the review of its result for an hour.
  await federation.owner("update federation.submissions set submitted_at = submitted_at - interval '1 hour'");
  await federation.logSettled();
});
afterAll(() => federation.drop());

/** Composed by the control service from more than rows. */
const composed: readonly ControlName[] = ["GetStatus", "ListEvents"];

describe("every query answers with rows of its response schema", () => {
  const requests: Readonly<Partial<Record<ControlName, () => object>>> = {
    ListRoster: () => ({}),
    GetOverdue: () => ({ graceMs: 0 }),
    ListInbox: () => ({ due: false }),
    ShowMessage: () => ({ message: secret.message }),
    ListDeadLetters: () => ({}),
    ListMissions: () => ({}),
    ShowMission: () => ({ mission: mission.id }),
    ReportMission: () => ({ mission: mission.id }),
    ListConversation: () => ({ conversation: mission.id }),
    ListProposals: () => ({ mission: mission.id }),
    ShowProposal: () => ({ proposal: "" }),
    ListTasks: () => ({}),
    ShowTask: () => ({ task }),
    ShowCharter: () => ({}),
    RecallMemory: () => ({ query: "jitter in retries" }),
  };
  const queries = controlEntries.filter((e) => e.kind === "query").map((e) => e.name as ControlName);

  test.each(queries.filter((name) => !composed.includes(name)))("%s", async (name) => {
    const given = requests[name]?.();
    expect(given, "this test has a request for it").toBeDefined();
    const proposal = (await mission.view()).proposals[0]?.id;
    const request = control[name].request.parse("proposal" in (given ?? {}) ? { proposal } : given);
    const answer = await federation.store(COMMANDER).query(name, request, COMMANDER);
    expect(control[name].response.parse(answer)).toEqual(answer);
    const rows = Object.values(answer).find(Array.isArray);
    if (rows !== undefined) expect(rows.length).toBeGreaterThan(0);
  });

  test.each(composed)("%s is not answered from the rows alone", async (name) => {
    const request = control[name].request.parse({});
    await expect(federation.store(COMMANDER).query(name, request, COMMANDER)).rejects.toMatchObject({
      code: "internal",
    });
  });

  test("events have the shape that ListEvents answers with", async () => {
    const events = await federation.store(COMMANDER).events(null, 1_000, null);
    expect(events.length).toBeGreaterThan(40);
    control.ListEvents.response.parse({ events, cursor: null });
  });
});

test("the report through the control API is the report", async () => {
  const report = await federation.store(LEAD).query("ReportMission", { mission: mission.id }, LEAD);
  const { durationMs: _, ...direct } = (await federation.store(COMMANDER).report(mission.id)) ?? { durationMs: 0 };
  expect(report).toMatchObject(direct);
  expect(report).toMatchObject({ outcome: null, files: [{ path: "a.md" }], deliveries: { dead: 3 } });
  expect(report.deliveries.open.map((d) => d.why)).toContain("given up");
  expect(report.result).toContain("still open");
});

describe("what the caller may not see is as if it were not there", () => {
  test("a message of others", async () => {
    const show = (actor: string) => federation.store(actor).query("ShowMessage", { message: secret.message }, actor);
    await expect(show(DEVELOPER)).rejects.toMatchObject({ code: "not_found" });
    const absent = await federation
      .store(DEVELOPER)
      .query("ShowMessage", { message: randomUUID() }, DEVELOPER)
      .catch((e: unknown) => String(e));
    expect(await show(DEVELOPER).catch((e: unknown) => String(e))).toBe(absent);
    for (const actor of [LEAD, ANALYST, COMMANDER])
      expect(await show(actor), actor).toMatchObject({ deliveries: [{ recipient: ANALYST }] });
  });

  test("a conversation of others, its tail and its events", async () => {
    const list = async (actor: string) =>
      (
        await federation
          .store(actor)
          .query("ListConversation", { conversation: secret.conversation, afterSeq: 0, limit: 50 }, actor)
      ).messages.length;
    const tail = async (actor: string) => (await federation.store(actor).tail(secret.conversation, 10)).length;
    const events = async (actor: string) =>
      (await federation.store(actor).events(null, 50, secret.conversation)).length;
    for (const look of [list, tail, events]) {
      expect(await look(DEVELOPER)).toBe(0);
      for (const actor of [LEAD, ANALYST, COMMANDER]) expect(await look(actor), actor).toBeGreaterThan(0);
    }
  });

  test("what another caller of the same node may see is not shown to this one", async () => {
    // The lead's login sees the aside; the developer, calling through the lead's node, does not.
    const store = federation.store(LEAD);
    await expect(store.query("ShowMessage", { message: secret.message }, DEVELOPER)).rejects.toMatchObject({
      code: "not_found",
    });
    expect(
      await store.query("ListConversation", { conversation: secret.conversation, afterSeq: 0, limit: 9 }, DEVELOPER),
    ).toEqual({ messages: [] });
    expect(await store.events(null, 50, secret.conversation, DEVELOPER)).toEqual([]);
    expect((await store.events(null, 50, secret.conversation, ANALYST)).length).toBeGreaterThan(0);
  });

  test("an inbox of others", async () => {
    const inbox = await federation
      .store(DEVELOPER)
      .query("ListInbox", { due: false, markRead: false, limit: 500 }, DEVELOPER);
    expect(inbox.items.every((item) => item.delivery.recipient === DEVELOPER)).toBe(true);
    expect(inbox.items.some((item) => item.conversation === secret.conversation)).toBe(false);
  });
});

test("a list answers with no more rows than were asked for, newest first where it says so", async () => {
  const store = federation.store(COMMANDER);
  const inbox = await store.query("ListInbox", { due: false, markRead: false, limit: 3 }, COMMANDER);
  expect(inbox.items).toHaveLength(3);
  const seqs = inbox.items.map((item) => item.seq);
  expect(seqs).toEqual([...seqs].sort((a, b) => b - a));
  const page = await store.query("ListConversation", { conversation: mission.id, afterSeq: 2, limit: 2 }, COMMANDER);
  expect(page.messages.map((m) => m.seq)).toEqual([3, 4]);
});

test("a token is known by its hash until it is revoked or over", async () => {
  const store = federation.store(LEAD);
  const { token } = federation.credentials(ANALYST);
  const who = () => store.authenticate(tokenSha256(token));
  expect(await who()).toEqual({ actor: ANALYST, role: "analyst" });
  expect(await store.authenticate(tokenSha256(`${token}x`))).toBeUndefined();
  const set = (what: string) =>
    federation.owner(`update federation.credentials set ${what} where actor = $1`, [ANALYST]);
  await set("expires_at = clock_timestamp() - interval '1 s'");
  expect(await who()).toBeUndefined();
  await set("expires_at = clock_timestamp() + interval '1 h'");
  expect(await who()).toEqual({ actor: ANALYST, role: "analyst" });
  await set("revoked_at = clock_timestamp()");
  expect(await who()).toBeUndefined();
});

test("who I am, and the charter in force", async () => {
  expect(await federation.store(ANALYST).me()).toMatchObject({
    actor: ANALYST,
    role: "analyst",
    kind: "agent",
    charterVersion: 0,
    persona: { description: expect.stringContaining("Analyst") },
    parameters: { budgets: { maxHops: 6 } },
  });
  expect(await federation.store(LEAD).counts()).toMatchObject({ actors: 4, online: 4, openMissions: 1, dead: 3 });
});
