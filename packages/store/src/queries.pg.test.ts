import { randomUUID } from "node:crypto";
import { type ControlName, type ControlRequest, control, controlEntries } from "@federation/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tokenSha256 } from "./admin.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { type MissionDriver, startMission, toImplement } from "./testing/mission-driver.ts";
import { type MotionDriver, openMotion, setParameter } from "./testing/motion-driver.ts";
import { decisionIn, takeTurn } from "./testing/turns.ts";

let federation: Federation;
let mission: MissionDriver;
let motion: MotionDriver;
let task: string;
let turn: string;
let refusal: string;
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
  motion = await openMotion(federation, DEVELOPER, { change: setParameter("budgets.talkPerPhase", 9) });
  const about = {
    action: "vote",
    article: "one-ballot",
    lawful: "say what you think instead",
    charterVersion: 0,
  } as const;
  await federation.apply(
    ANALYST,
    { op: "record_verdict", conversation: null, allowed: false, reason: "your ballot is cast, and is final", ...about },
    { op: "record_verdict", conversation: mission.id, allowed: true, reason: "", ...about, article: null },
  );
  [refusal = ""] = (await federation.owner<{ id: string }>("select id from federation.verdicts where not allowed")).map(
    (row) => row.id,
  );
  await federation.apply(ANALYST, {
    op: "add_signing_key",
    actor: ANALYST,
    publicKey: `ssh-ed25519 ${"A".repeat(68)}`,
    fingerprint: `SHA256:${"a".repeat(43)}`,
  });
  await federation.apply(ANALYST, { op: "record_reload", id: randomUUID(), stage: null, reason: "", tookMs: 900 });
  const thread = randomUUID();
  await federation.apply(LEAD, { op: "start_thread", id: thread, title: "A question", members: [COMMANDER] });
  const question = { whom: COMMANDER, question: "May I?", dueInMs: 3_600_000 };
  await federation.apply(LEAD, { op: "ask_approval", id: randomUUID(), conversation: thread, ...question });
  turn = await takeTurn(federation, ANALYST, secret.conversation, {
    does: (of) => [decisionIn(of, secret.conversation)],
    record: { system: "You are the Analyst.", situation: "Team.", offered: [], read: [secret.message], rejected: [] },
  });
  // Nobody has moved the mission on to the review of its result for an hour.
  await federation.owner("update federation.submissions set submitted_at = submitted_at - interval '1 hour'");
  await federation.logSettled();
});
afterAll(() => federation.drop());

/** Composed by the control service from more than rows; or, of pages, asked with the credential besides. */
const composed: Readonly<Partial<Record<ControlName, object>>> = {
  GetStatus: {},
  ListEvents: {},
  CountEvents: {},
  DiffCharter: { from: 0 },
  ListPageSessions: {},
};
/** Of what there is none here. */
const empty: readonly ControlName[] = ["ListClaims"];

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
    ListConversations: () => ({}),
    ListProposals: () => ({ mission: mission.id }),
    ShowProposal: () => ({ proposal: "" }),
    ListTasks: () => ({}),
    ShowTask: () => ({ task }),
    ShowCharter: () => ({}),
    ListCharterVersions: () => ({}),
    ListMotions: () => ({ open: true }),
    ListVerdicts: () => ({ actor: ANALYST }),
    AuditVerdicts: () => ({}),
    ShowIncident: () => ({ incident: refusal }),
    ShowClaim: () => ({ task, fence: 1 }),
    ListClaims: () => ({}),
    ListSigningKeys: () => ({}),
    ListApprovals: () => ({}),
    ListWaiting: () => ({}),
    ListTurns: () => ({}),
    ShowTurn: () => ({ turn }),
    ListDecisions: () => ({}),
    ListCosts: () => ({}),
    GetUsage: () => ({}),
    ListReloads: () => ({}),
    ListTokens: () => ({ actor: "all", live: false }),
    RecallMemory: () => ({ query: "jitter in retries" }),
  };
  const queries = controlEntries.filter((e) => e.kind === "query").map((e) => e.name as ControlName);

  test.each(queries.filter((name) => composed[name] === undefined))("%s", async (name) => {
    const given = requests[name]?.();
    expect(given, "this test has a request for it").toBeDefined();
    const proposal = (await mission.view()).proposals[0]?.id;
    const request = control[name].request.parse("proposal" in (given ?? {}) ? { proposal } : given);
    const answer = await federation.store(COMMANDER).query(name, request, COMMANDER);
    expect(control[name].response.parse(answer)).toEqual(answer);
    const rows = Object.values(answer).find(Array.isArray);
    if (rows !== undefined && !empty.includes(name)) expect(rows.length).toBeGreaterThan(0);
  });

  test.each(queries.filter((name) => composed[name] !== undefined))(
    "%s is not answered from the rows alone",
    async (name) => {
      const request = control[name].request.parse(composed[name]);
      await expect(federation.store(COMMANDER).query(name, request, COMMANDER)).rejects.toMatchObject({
        code: "internal",
      });
    },
  );

  test("events have the shape that ListEvents answers with", async () => {
    const { events } = await federation.store(COMMANDER).events(null, 1_000);
    expect(events.length).toBeGreaterThan(40);
    control.ListEvents.response.parse({ events, cursor: null });
  });
});

describe("the law's own records", () => {
  const ask = <N extends ControlName>(name: N, request: ControlRequest<N>) =>
    federation.store(LEAD).query(name, request, LEAD);

  test("missions and motions are listed apart, and each is shown by its id", async () => {
    const { missions } = await ask("ListMissions", { open: false, limit: 50 });
    expect(missions.map((m) => m.id)).toEqual([mission.id]);
    const { motions } = await ask("ListMotions", { open: true, limit: 50 });
    expect(motions).toMatchObject([
      {
        id: motion.id,
        proposal: motion.proposal,
        kind: "amendment",
        author: DEVELOPER,
        phase: "critique",
        outcome: null,
      },
    ]);
    expect((await ask("ShowMission", { mission: motion.id })).mission.kind).toBe("motion");
    expect((await federation.store(LEAD).counts()).openMissions).toBe(1);
  });

  test("verdicts are found by actor, by conversation and by what was refused", async () => {
    const find = async (by: object) =>
      (await ask("ListVerdicts", { refused: false, limit: 50, ...by })).verdicts.map((v) => [v.actor, v.allowed]);
    expect(await find({ actor: ANALYST, refused: true })).toEqual([[ANALYST, false]]);
    expect(await find({ conversation: mission.id })).toEqual([[ANALYST, true]]);
    expect(await find({ actor: LEAD })).toEqual([]);
  });

  test("an older version is shown as it was, and one that never was is not there", async () => {
    expect(await ask("ShowCharter", { version: 0 })).toMatchObject({
      version: 0,
      how: "shipped",
      off: [],
      advisories: [],
    });
    await expect(ask("ShowCharter", { version: 99 })).rejects.toMatchObject({ code: "not_found" });
  });

  test("an incident is told from its rows: a refused action, a rejected result, a claim that ran out", async () => {
    expect(await ask("ShowIncident", { incident: refusal })).toMatchObject({
      kind: "refused_action",
      actor: ANALYST,
      text: expect.stringContaining(
        `the article one-ballot (charter version 0) refused "vote" to ${ANALYST}: your ballot is cast, and is final.`,
      ),
    });
    await expect(ask("ShowIncident", { incident: task })).rejects.toMatchObject({ code: "not_found" });
    await expect(ask("ShowIncident", { incident: "999999" })).rejects.toMatchObject({ code: "not_found" });
    const other = await startMission(federation);
    const failed = await toImplement(other);
    await other.act(DEVELOPER, { kind: "claim", task: failed });
    await federation.owner("update federation.tasks set lease_until = clock_timestamp() where id = $1", [failed]);
    await federation.store(LEAD).reconcile();
    expect(await ask("ShowIncident", { incident: failed.toUpperCase() })).toMatchObject({
      kind: "expired_claim",
      actor: DEVELOPER,
      text: expect.stringContaining(`the lease of ${DEVELOPER} ran out`),
    });
    await other.act(DEVELOPER, { kind: "claim", task: failed });
    const view = await other.view();
    const proposal = view.proposals[0]?.id ?? "";
    await other.act(
      DEVELOPER,
      { kind: "submit", task: failed, evidence: [`proposal:${proposal}`] },
      { text: "Done.", files: [] },
    );
    await other.move();
    await other.act(ANALYST, { kind: "reject", task: failed }, { text: "The bound is missing." });
    expect(await ask("ShowIncident", { incident: failed })).toMatchObject({
      kind: "rejected_result",
      actor: DEVELOPER,
      text: expect.stringContaining(`${ANALYST} rejected the result of ${DEVELOPER}`),
    });
    await other.act(COMMANDER, { kind: "veto", proposal }, { text: "The test is over." });
    await other.move();
  });
});

test("a report tells what is there, and what is still open", async () => {
  const report = await federation.store(LEAD).query("ReportMission", { mission: mission.id }, LEAD);
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
      (await federation.store(actor).events(null, 50, { conversation: secret.conversation })).events.length;
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
    const events = async (as: string) =>
      (await store.events(null, 50, { conversation: secret.conversation }, as)).events.length;
    expect(await events(DEVELOPER)).toBe(0);
    expect(await events(ANALYST)).toBeGreaterThan(0);
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

test("memory is found by its words, and without any the newest comes first", async () => {
  const ask = (request: { query?: string; limit: number }) =>
    federation.store(LEAD).query("RecallMemory", request, LEAD);
  await federation.apply(LEAD, {
    op: "remember",
    id: randomUUID(),
    conversation: null,
    text: "Clocks of two machines disagree.",
    source: "test",
  });
  const texts = (answer: { episodes: readonly { text: string }[] }) => answer.episodes.map((episode) => episode.text);
  expect(texts(await ask({ query: "jitter", limit: 9 }))).toEqual(["Retries need jitter and a bound."]);
  expect(texts(await ask({ limit: 1 }))).toEqual(["Clocks of two machines disagree."]);
});

test("a token is known by its hash until it is revoked or over", async () => {
  const store = federation.store(LEAD);
  const { token } = federation.credentials(ANALYST);
  const who = () => store.authenticate(tokenSha256(token));
  expect(await who()).toEqual({
    actor: ANALYST,
    role: "analyst",
    kind: "agent",
    scopes: ["read", "act", "manage"],
    credential: `bearer:${tokenSha256(token)}`,
  });
  expect(await store.authenticate(tokenSha256(`${token}x`))).toBeUndefined();
  const set = (what: string) =>
    federation.owner(`update federation.credentials set ${what} where actor = $1`, [ANALYST]);
  await set("expires_at = clock_timestamp() - interval '1 s'");
  expect(await who()).toBeUndefined();
  await set("expires_at = clock_timestamp() + interval '1 h'");
  expect(await who()).toMatchObject({ actor: ANALYST, role: "analyst" });
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
