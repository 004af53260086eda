import { randomUUID } from "node:crypto";
import type { Operation } from "@federation/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";

/** Questions to a person: asked by a member, answered once by whom they were put to, before their deadline. */
let federation: Federation;
let thread: string;
beforeAll(async () => {
  federation = await startFederation();
  thread = await open([LEAD, COMMANDER, DEVELOPER]);
});
afterAll(() => federation.drop());

async function open(members: readonly string[]): Promise<string> {
  const id = randomUUID();
  await federation.apply(LEAD, { op: "start_thread", id, title: "Talk", members: [...members] });
  return id;
}

type Ask = Extract<Operation, { readonly op: "ask_approval" }>;
const ask = (more: Partial<Omit<Ask, "op">> = {}): Ask => ({
  op: "ask_approval",
  id: randomUUID(),
  conversation: thread,
  whom: COMMANDER,
  question: "May I drop the old table?",
  dueInMs: 60_000,
  ...more,
});
const answer = (approval: string, approve: boolean, reason = ""): Operation => ({
  op: "answer_approval",
  approval,
  approve,
  reason,
});
async function asked(actor = LEAD, more: Partial<Omit<Ask, "op">> = {}): Promise<string> {
  const operation = ask(more);
  await federation.apply(actor, operation);
  return operation.id;
}

const of = async (id: string, actor = LEAD) =>
  (
    await federation
      .store(actor)
      .query("ListApprovals", { asked: "by_me", open: false, approval: id, limit: 50 }, actor)
  ).approvals[0];
const eventsOf = async (id: string): Promise<readonly string[]> =>
  (
    await federation.owner<{ kind: string }>(
      "select kind from federation.events where subject = $1 and kind like 'Approval%' order by id",
      [id],
    )
  ).map((row) => row.kind);
const toldTo = async (actor: string, conversation: string): Promise<readonly string[]> =>
  (await federation.store(actor).dueMessages(conversation)).map((m) => `${m.sender}: ${m.text}`);
const late = (id: string) =>
  federation.owner("update federation.approvals set deadline = clock_timestamp() - interval '1 s' where id = $1", [id]);
const deliveryOf = async (id: string) =>
  (
    await federation.owner<{ state: string; acted_by: string | null }>(
      "select state, acted_by from federation.deliveries where message = $1",
      [id],
    )
  )[0];

describe("a question", () => {
  test("reaches a person as a message, and the answer reaches who asked", async () => {
    const conversation = await open([COMMANDER]);
    const id = await asked(LEAD, { conversation });
    expect(await of(id)).toMatchObject({ askedBy: LEAD, whom: COMMANDER, state: "open", closedAt: null });
    expect(await toldTo(COMMANDER, conversation)).toEqual([expect.stringContaining("May I drop the old table?")]);
    await federation.apply(COMMANDER, answer(id, true, "It is empty."));
    expect(await of(id)).toMatchObject({ state: "approved", reason: "It is empty." });
    // The question waits no more, and the asker has something to wake for.
    expect(await deliveryOf(id)).toEqual({ state: "done", acted_by: "human" });
    expect(await toldTo(LEAD, conversation)).toEqual([
      `${COMMANDER}: Yes, to approval ${id}: May I drop the old table?\n\nReason: It is empty.`,
    ]);
    expect((await federation.store(LEAD).work()).conversations.map((c) => c.conversation)).toContain(conversation);
    expect(await eventsOf(id)).toEqual(["ApprovalAsked", "ApprovalAnswered"]);
  });

  test("asked again under its id is the same question; another one under it is refused", async () => {
    const operation = ask();
    await federation.apply(LEAD, operation);
    await federation.apply(LEAD, operation);
    expect(await eventsOf(operation.id)).toEqual(["ApprovalAsked"]);
    for (const [actor, more] of [
      [LEAD, { question: "May I drop all tables?" }],
      [LEAD, { whom: DEVELOPER }],
      [DEVELOPER, {}],
    ] as const)
      await expect(federation.apply(actor, { ...operation, ...more })).rejects.toMatchObject({ code: "conflict" });
  });

  test("is put to a person who takes part, is there, and is somebody else", async () => {
    await federation.addNode("guest", "observer", "human");
    const strangers = await open([DEVELOPER]);
    for (const [more, code] of [
      [{ whom: DEVELOPER }, "invalid_input"],
      [{ whom: "guest" }, "invalid_input"],
      [{ whom: "nobody" }, "not_found"],
      [{ whom: "federation" }, "not_found"],
      [{ conversation: strangers }, "refused"],
      [{ conversation: randomUUID() }, "not_found"],
    ] as const)
      await expect(federation.apply(LEAD, ask(more)), JSON.stringify(more)).rejects.toMatchObject({ code });
    await expect(federation.apply(COMMANDER, ask())).rejects.toMatchObject({ code: "refused" });
    await expect(federation.apply(ANALYST, ask())).rejects.toMatchObject({ code: "refused" });
    await expect(federation.apply("guest", ask())).rejects.toMatchObject({ code: "refused" });
  });

  test("has a time to be answered in, and words", async () => {
    for (const more of [
      { dueInMs: 9_999 },
      { dueInMs: 604_800_001 },
      { dueInMs: null },
      { question: "" },
      { question: "x".repeat(4_001) },
      { question: null },
    ])
      await expect(
        federation.applyRaw(LEAD, [{ ...ask(), ...more }]),
        JSON.stringify(more).slice(0, 50),
      ).rejects.toMatchObject({ code: "FD001" });
  });

  test("is one of at most twenty that an asker has open with a person, however many come at once", async () => {
    const node = await federation.addNode("curious", "developer");
    const conversation = randomUUID();
    await federation.apply("curious", { op: "start_thread", id: conversation, title: "T", members: [COMMANDER] });
    const questions = Array.from({ length: 30 }, () => ask({ conversation }));
    const ends = await Promise.allSettled(questions.map((q) => federation.apply("curious", q)));
    expect(ends.filter((e) => e.status === "fulfilled")).toHaveLength(20);
    for (const end of ends) if (end.status === "rejected") expect(end.reason).toMatchObject({ code: "limit_exceeded" });
    const { approvals } = await node.query("ListApprovals", { asked: "by_me", open: true, limit: 50 }, "curious");
    expect(approvals).toHaveLength(20);
    for (const { id } of approvals) await federation.apply("curious", { op: "withdraw_approval", approval: id });
    await federation.apply("curious", ask({ conversation }));
  });
});

describe("an answer", () => {
  test("is given once: the same again is the same, another is refused", async () => {
    const id = await asked();
    await federation.apply(COMMANDER, answer(id, false, "Not yet."));
    await federation.apply(COMMANDER, answer(id, false, "Still not."));
    expect(await of(id)).toMatchObject({ state: "denied", reason: "Not yet." });
    await expect(federation.apply(COMMANDER, answer(id, true))).rejects.toMatchObject({ code: "conflict" });
    expect(await eventsOf(id)).toEqual(["ApprovalAsked", "ApprovalAnswered"]);
  });

  test("is one of twenty that come at once, and who asked hears one", async () => {
    const conversation = await open([COMMANDER]);
    const id = await asked(LEAD, { conversation });
    const ends = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => federation.apply(COMMANDER, answer(id, i % 2 === 0))),
    );
    const state = (await of(id))?.state;
    ends.forEach((end, i) => {
      const mine = i % 2 === 0 ? "approved" : "denied";
      if (mine === state) expect(end.status).toBe("fulfilled");
      else expect(end).toMatchObject({ status: "rejected", reason: { code: "conflict" } });
    });
    expect(await toldTo(LEAD, conversation)).toHaveLength(1);
    expect(await eventsOf(id)).toEqual(["ApprovalAsked", "ApprovalAnswered"]);
  });

  test("is the asked person's alone, also past every type and by a stolen login", async () => {
    const id = await asked();
    for (const actor of [LEAD, DEVELOPER])
      await expect(federation.apply(actor, answer(id, true))).rejects.toMatchObject({ code: "refused" });
    // Who is no member does not even learn that it is there.
    await expect(federation.apply(ANALYST, answer(id, true))).rejects.toMatchObject({ code: "not_found" });
    await expect(federation.applyRaw(LEAD, [answer(id, true)], { as: COMMANDER })).rejects.toMatchObject({
      code: "FD004",
    });
    for (const approve of [null, "yes", undefined, 1])
      await expect(
        federation.applyRaw(COMMANDER, [{ op: "answer_approval", approval: id, approve }]),
      ).rejects.toMatchObject({ code: "FD001" });
    const thief = await federation.raw(LEAD);
    for (const sql of [
      "update federation.approvals set state = 'approved', closed_at = clock_timestamp()",
      "delete from federation.approvals",
      `select federation.op_answer_approval('${COMMANDER}', '${JSON.stringify(answer(id, true))}')`,
      "select federation.reconcile_approvals()",
      "select federation.end_approval(a, 'human', 'Yes') from federation.approvals a",
    ])
      await expect(thief.query(sql), sql).rejects.toMatchObject({ code: "42501" });
    expect(await of(id)).toMatchObject({ state: "open" });
  });

  test("comes before the deadline, on the database's clock", async () => {
    const id = await asked();
    await late(id);
    await expect(federation.apply(COMMANDER, answer(id, true))).rejects.toMatchObject({ code: "conflict" });
    expect(await of(id)).toMatchObject({ state: "open" });
    expect(await federation.overdue()).toEqual([]);
    expect(await of(id)).toMatchObject({ state: "expired" });
  });

  test("to somebody who has left since is on record all the same", async () => {
    await federation.addNode("leaver", "developer");
    const conversation = randomUUID();
    await federation.apply("leaver", { op: "start_thread", id: conversation, title: "T", members: [COMMANDER] });
    const [first, second] = [await asked("leaver", { conversation }), await asked("leaver", { conversation })];
    await federation.owner("update federation.actors set retired_at = clock_timestamp() where name = 'leaver'");
    await federation.apply(COMMANDER, answer(first, true));
    await late(second);
    await federation.store(LEAD).reconcile();
    const rows = await federation.owner(
      "select id, state from federation.approvals where conversation = $1 order by created_at",
      [conversation],
    );
    expect(rows).toEqual([
      { id: first, state: "approved" },
      { id: second, state: "expired" },
    ]);
  });
});

describe("a question that nobody answers in time", () => {
  test("is overdue and waits for the person, until the reconciler makes it a no and tells who asked", async () => {
    const conversation = await open([COMMANDER]);
    const id = await asked(LEAD, { conversation });
    await federation.store(LEAD).reconcile();
    expect(await of(id)).toMatchObject({ state: "open" });
    await late(id);
    const rows = await federation.owner("select kind, owner from federation.overdue where subject = $1", [id]);
    expect(rows).toEqual([{ kind: "approval", owner: COMMANDER }]);
    await Promise.all([LEAD, DEVELOPER, ANALYST].map((actor) => federation.store(actor).reconcile()));
    expect(await of(id)).toMatchObject({ state: "expired" });
    expect(await toldTo(LEAD, conversation)).toEqual([
      `federation: ${COMMANDER} did not answer approval ${id} in time, which counts as a no: May I drop the old table?`,
    ]);
    expect(await deliveryOf(id)).toEqual({ state: "done", acted_by: "rule" });
    expect(await eventsOf(id)).toEqual(["ApprovalAsked", "ApprovalExpired"]);
    await expect(federation.apply(COMMANDER, answer(id, false))).rejects.toMatchObject({ code: "conflict" });
  });
});

test("a question is withdrawn by who asked it, while it is open", async () => {
  const id = await asked();
  const withdraw: Operation = { op: "withdraw_approval", approval: id };
  for (const actor of [COMMANDER, DEVELOPER])
    await expect(federation.apply(actor, withdraw)).rejects.toMatchObject({ code: "refused" });
  await expect(federation.apply(ANALYST, withdraw)).rejects.toMatchObject({ code: "not_found" });
  await federation.apply(LEAD, withdraw);
  await federation.apply(LEAD, withdraw);
  expect(await of(id)).toMatchObject({ state: "withdrawn" });
  expect(await deliveryOf(id)).toEqual({ state: "done", acted_by: "rule" });
  expect(await eventsOf(id)).toEqual(["ApprovalAsked", "ApprovalWithdrawn"]);
  await expect(federation.apply(COMMANDER, answer(id, true))).rejects.toMatchObject({ code: "conflict" });
  const answered = await asked();
  await federation.apply(COMMANDER, answer(answered, true));
  await expect(federation.apply(LEAD, { op: "withdraw_approval", approval: answered })).rejects.toMatchObject({
    code: "conflict",
  });
});

describe("questions are seen", () => {
  test("by members of their conversation alone, and by the commander", async () => {
    const id = await asked();
    for (const [actor, rows] of [
      [LEAD, 1],
      [DEVELOPER, 1],
      [COMMANDER, 1],
      [ANALYST, 0],
    ] as const) {
      const client = await federation.raw(actor);
      const seen = await client.query("select 1 from federation.approvals where id = $1", [id]);
      expect(seen.rowCount, actor).toBe(rows);
    }
    await federation.logSettled();
    const kinds = async (actor: string) =>
      (await federation.store(actor).events(null, 1000, { conversation: thread }, actor)).events.map((e) => e.kind);
    expect(await kinds(DEVELOPER)).toContain("ApprovalAsked");
    expect(await kinds(ANALYST)).toEqual([]);
  });

  test("in lists: those of mine that wait, those I asked, and one by its id", async () => {
    const [open, closed] = [await asked(), await asked()];
    await federation.apply(COMMANDER, answer(closed, true));
    const ids = async (actor: string, request: { asked: "of_me" | "by_me"; open: boolean; approval?: string }) =>
      (await federation.store(actor).query("ListApprovals", { ...request, limit: 500 }, actor)).approvals.map(
        (a) => a.id,
      );
    expect(await ids(COMMANDER, { asked: "of_me", open: true })).toEqual(expect.arrayContaining([open]));
    expect(await ids(COMMANDER, { asked: "of_me", open: true })).not.toContain(closed);
    expect(await ids(COMMANDER, { asked: "of_me", open: false })).toEqual(expect.arrayContaining([open, closed]));
    expect(await ids(COMMANDER, { asked: "by_me", open: false })).toEqual([]);
    expect(await ids(LEAD, { asked: "by_me", open: false })).toEqual(expect.arrayContaining([open, closed]));
    for (const actor of [LEAD, COMMANDER])
      expect(await ids(actor, { asked: "of_me", open: true, approval: closed })).toEqual([closed]);
    expect(await ids(DEVELOPER, { asked: "of_me", open: false, approval: closed })).toEqual([]);
  });
});
