import { control, controlEntries, isErrorCode, MeshError } from "@federation/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Mesh, type MeshNode, startMesh, until } from "./mesh-fixture.ts";

let mesh: Mesh;
let lea: MeshNode;
let dev: MeshNode;
let ana: MeshNode;
let rob: MeshNode;

beforeAll(async () => {
  mesh = await startMesh();
  lea = await mesh.add("lea", "lead");
  dev = await mesh.add("dev", "developer");
  ana = await mesh.add("ana", "analyst");
  rob = await mesh.add("rob", "commander");
});
afterAll(() => mesh.drop());

const startMission = async (): Promise<string> =>
  (await rob.call("StartMission", { objective: "Choose a retry policy and write it down", seed: 7 })).mission;
const viewOf = async (mission: string) => (await rob.call("ShowMission", { mission })).mission;
const inPhase = (mission: string, phase: string) =>
  until(`the phase ${phase}`, async () => (await viewOf(mission)).phase === phase);
const owes = (mission: string, actor: string, duty: string) =>
  until(`${actor} owes ${duty}`, async () =>
    (await viewOf(mission)).obligations.some((o) => o.actor === actor && o.duty === duty && o.state === "open"),
  );

async function errorOf(promise: Promise<unknown>): Promise<MeshError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof MeshError) return error;
    throw error;
  }
  throw new Error("it went through");
}

/** Brings a mission to the vote: both builders propose, the lead advances, the analyst criticises and advances. */
async function toTheVote(): Promise<{ readonly mission: string; readonly proposals: readonly string[] }> {
  const mission = await startMission();
  const text = "Double the pause each time, with jitter, up to a bound.";
  const made = [
    (await dev.call("Propose", { mission, title: "Back off", text })).proposal,
    (await lea.call("Propose", { mission, title: "Fixed pause", text: "Wait a second each time." })).proposal,
  ];
  await owes(mission, "lea", "advance");
  await lea.call("AdvancePhase", { mission });
  await inPhase(mission, "critique");
  await ana.call("Critique", { proposal: made[0], text: "It lacks a bound on the number of tries." });
  await owes(mission, "ana", "advance");
  await ana.call("AdvancePhase", { mission });
  await inPhase(mission, "vote");
  return { mission, proposals: made };
}

test("a mission is carried from objective to result by control calls alone, each step by the one whose it is", async () => {
  const { mission, proposals } = await toTheVote();
  const [first, second] = proposals;
  for (const node of [lea, dev, ana]) {
    await node.call("CastBallot", { proposal: first, choice: "yes", reason: "It is sound." });
    await node.call("CastBallot", { proposal: second, choice: "no", reason: "It storms." });
  }
  await inPhase(mission, "assign");
  const task = (await viewOf(mission)).tasks[0]?.id;
  expect(task).toBeDefined();
  await lea.call("AssignTask", { task, assignee: "dev", instructions: "Write it down, please." });
  await inPhase(mission, "implement");
  const claim = await dev.call("ClaimTask", { task });
  expect(claim).toMatchObject({ claimed: true, holder: "dev", fence: 1 });
  const files = [{ path: "policy.md", content: "# Retry\n" }];
  const evidence = ["file:policy.md"];
  await dev.call("SubmitTask", { task, fence: claim.fence, summary: "Written.", evidence, files });
  await inPhase(mission, "review");
  await ana.call("ReviewTask", { task, accept: false, reason: "The bound is missing." });
  await inPhase(mission, "implement");
  const { fence } = (await dev.call("ShowTask", { task })).task;
  await dev.call("SubmitTask", { task, fence, summary: "With the bound.", evidence, files });
  await inPhase(mission, "review");
  await ana.call("ReviewTask", { task, accept: true, reason: "Now it is whole." });
  await inPhase(mission, "synthesise");
  // The report is the lead's duty and has no control entry: its deadline closes the mission.
  await mesh.owner("update federation.missions set phase_deadline = clock_timestamp() where conversation = $1", [
    mission,
  ]);
  await inPhase(mission, "closed");
  const report = await rob.call("ReportMission", { mission });
  expect(control.ReportMission.response.safeParse(report).success).toBe(true);
  expect(report).toMatchObject({ outcome: "accepted", files: [{ path: "policy.md" }] });
  expect(report.decisions.byHuman).toBeGreaterThan(10);
  expect(report.verdicts).toEqual({ allowed: report.decisions.byHuman, refused: 0 });
  const { messages } = await rob.call("ListConversation", { conversation: mission });
  expect(messages.filter((m) => m.sender !== "federation").map((m) => [m.sender, m.kind])).toEqual([
    ["rob", "say"],
    ["dev", "propose"],
    ["lea", "propose"],
    ["ana", "critique"],
    ["lea", "say"],
    ["dev", "say"],
    ["ana", "say"],
    ["dev", "say"],
    ["ana", "say"],
  ]);
});

describe("a refusal", () => {
  test("names its article and what would be lawful, and is on record", async () => {
    const mission = await startMission();
    const [before] = await verdicts(mission);
    const error = await errorOf(ana.call("VetoProposal", { proposal: mission, reason: "No." }));
    expect(error.code).toBe("forbidden");
    const proposal = (await dev.call("Propose", { mission, title: "T", text: "Some text." })).proposal;
    const early = await errorOf(lea.call("CastBallot", { proposal, choice: "yes", reason: "Yes." }));
    expect(early.code).toBe("refused");
    expect(early.details).toEqual({
      article: "propose-before-implement",
      reason: "vote does not belong to the phase propose",
      lawful: "vote is lawful in: vote",
      charterVersion: expect.any(Number),
    });
    const [after] = await verdicts(mission);
    expect((after?.refused ?? 0) - (before?.refused ?? 0)).toBe(1);
    // The log shows an event once no older transaction is under way.
    await until("the event is in the log", async () => {
      const { events } = await rob.call("ListEvents", { conversation: mission, limit: 500 });
      return events.some((e) => e.kind === "ActionRefused" && e.actor === "lea");
    });
  });

  test("is answered each time, and recorded ten times a second at most", async () => {
    const mission = await startMission();
    const proposal = (await dev.call("Propose", { mission, title: "T", text: "Some text." })).proposal;
    const errors = await Promise.all(
      Array.from({ length: 60 }, () => errorOf(ana.call("CastBallot", { proposal, choice: "no", reason: "No." }))),
    );
    expect(errors.every((e) => e.code === "refused")).toBe(true);
    const [{ refused } = { refused: 0 }] = await verdicts(mission);
    expect(refused).toBeGreaterThanOrEqual(10);
    expect(refused).toBeLessThan(60);
    expect(ana.counters.verdicts_dropped).toBeGreaterThan(0);
  });

  const verdicts = (mission: string) =>
    mesh.owner<{ refused: number }>(
      "select count(*)::int as refused from federation.verdicts where conversation = $1 and not allowed",
      [mission],
    );
});

describe("a call repeated under its id", () => {
  test("answers as it did and changes nothing, although the law would refuse it now", async () => {
    const { mission, proposals } = await toTheVote();
    const ballot = { proposal: proposals[0], choice: "yes", reason: "It is sound." };
    const first = await ana.call("CastBallot", ballot, `ballot-${mission}`);
    expect(await ana.call("CastBallot", ballot, `ballot-${mission}`)).toEqual(first);
    const again = await errorOf(ana.call("CastBallot", ballot));
    expect(again.details["article"]).toBe("one-ballot");
    const shown = (await viewOf(mission)).proposals.find((p) => p.id === proposals[0]);
    expect(shown?.ballots).toHaveLength(1);
  });

  test("stays refused", async () => {
    const mission = await startMission();
    // Not by ana, whose many refusals above may still be more than are recorded in a second.
    const advance = () => errorOf(dev.call("AdvancePhase", { mission }, `advance-${mission}`));
    expect((await advance()).code).toBe("refused");
    expect((await advance()).code).toBe("refused");
    // An id belongs to its first call: another thing under it is not done, however lawful.
    const propose = dev.call("Propose", { mission, title: "T", text: "Some text." }, `advance-${mission}`);
    expect((await errorOf(propose)).code).toBe("conflict");
    expect((await viewOf(mission)).proposals).toEqual([]);
  });

  test("makes one proposal, one message and one conversation", async () => {
    const mission = await startMission();
    const make = () => dev.call("Propose", { mission, title: "T", text: "Some text." }, `propose-${mission}`);
    const made = await Promise.all([make(), make(), make()]);
    expect(new Set(made.map((m) => m.proposal)).size).toBe(1);
    const id = "0198c5a4-7a1b-7cde-8f00-0123456789ab";
    const say = () => rob.call("SendMessage", { id, to: "dev", text: "A word with you." });
    const sent = [await say(), await say()];
    expect(sent[0]).toEqual(sent[1]);
    const open = () => rob.call("SendMessage", { to: "dev", text: "Another word." }, "one-thread");
    expect(await open()).toEqual(await open());
  });
});

test("a result under another fence than the claim's is a zombie's", async () => {
  const { mission, proposals } = await toTheVote();
  for (const node of [lea, dev, ana])
    for (const [i, proposal] of proposals.entries())
      await node.call("CastBallot", { proposal, choice: i === 0 ? "yes" : "no", reason: "So be it." });
  await inPhase(mission, "assign");
  const task = (await viewOf(mission)).tasks[0]?.id;
  await rob.call("AssignTask", { task, assignee: "dev", instructions: "Write it down." });
  await inPhase(mission, "implement");
  const { fence } = await dev.call("ClaimTask", { task });
  const evidence = [`proposal:${proposals[0]}`];
  const stale = await errorOf(dev.call("SubmitTask", { task, fence: fence + 1, summary: "Mine.", evidence }));
  expect(stale.code).toBe("fenced");
  expect((await errorOf(ana.call("ClaimTask", { task }))).details["article"]).toBe("explicit-assignment");
  expect((await errorOf(dev.call("ClaimTask", { task }))).message).toMatch(/held by dev under fence 1/);
});

test("a veto of the decided proposal closes the mission at once", async () => {
  const { mission, proposals } = await toTheVote();
  for (const proposal of proposals) await rob.call("VetoProposal", { proposal, reason: "Not like this." });
  await inPhase(mission, "closed");
  expect((await viewOf(mission)).outcome).toBe("vetoed");
});

describe("messages outside missions", () => {
  test("one to an actor opens a conversation, and an answer goes there", async () => {
    const { conversation, recipients } = await rob.call("SendMessage", { to: "dev", text: "How far are you?" });
    expect(recipients).toBe(1);
    const { items } = await dev.call("ListInbox");
    const asked = items.find((item) => item.conversation === conversation);
    expect(asked).toMatchObject({ sender: "rob", kind: "ask", text: "How far are you?" });
    await dev.call("SendMessage", { conversation, text: "Half way.", causation: asked?.id });
    await dev.call("AcknowledgeMessage", { message: asked?.id });
    const inbox = await rob.call("ListInbox", { markRead: true });
    expect(inbox.items.some((item) => item.text === "Half way.")).toBe(true);
    const later = await rob.call("ListInbox");
    expect(later.items.some((item) => item.text === "Half way.")).toBe(false);
  });

  test("who is not in a conversation neither writes nor reads there", async () => {
    const { conversation, id } = await rob.call("SendMessage", { to: "dev", text: "Between us." });
    expect((await errorOf(ana.call("SendMessage", { conversation, text: "And me." }))).code).toBe("refused");
    expect((await ana.call("ListConversation", { conversation })).messages).toEqual([]);
    expect((await errorOf(ana.call("ShowMessage", { message: id }))).code).toBe("not_found");
  });

  test("to an actor who does not exist is not found, and nothing is left behind", async () => {
    expect((await errorOf(rob.call("SendMessage", { to: "nobody", text: "Hello?" }))).code).toBe("not_found");
    const unknown = "0198c5a4-7a1b-7cde-8f00-00000000dead";
    expect((await errorOf(rob.call("SendMessage", { conversation: unknown, text: "Hello?" }))).code).toBe("not_found");
  });
});

test("every query answers in the form that the control list promises", async () => {
  const mission = await startMission();
  const { proposal } = await dev.call("Propose", { mission, title: "T", text: "Some text." });
  await dev.call("Remember", { text: "Jitter prevents storms.", conversation: mission });
  await dev.call("Remember", { text: "Storms are bad." });
  const { id } = await rob.call("SendMessage", { conversation: mission, text: "Go on." });
  await errorOf(lea.call("CastBallot", { proposal, choice: "yes", reason: "Yes." }));
  const { verdicts } = await lea.call("ListVerdicts", { refused: true, limit: 1 });
  const refusal = verdicts[0]?.id;
  const requests: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    ShowMessage: { message: id },
    ShowMission: { mission },
    ReportMission: { mission },
    ListConversation: { conversation: mission },
    ShowProposal: { proposal },
    RecallMemory: { query: "storms" },
    DiffCharter: { from: 0 },
    ShowClaim: { task: mission, fence: 1 },
    ShowIncident: { incident: refusal },
  };
  for (const { name, kind, response } of controlEntries) {
    // Nobody has a task or a turn to show here.
    if (kind !== "query" || ["ShowTask", "ShowTurn"].includes(name)) continue;
    const answer = await callByName(rob, name, requests[name] ?? {});
    expect(response.safeParse(answer).error?.issues ?? [], name).toEqual([]);
  }
  const { episodes } = await ana.call("RecallMemory", { query: "storms" });
  expect(episodes.map((e) => [e.actor, e.source])).toEqual(expect.arrayContaining([["dev", "client"]]));
});

const callByName = async (node: MeshNode, name: string, request: unknown): Promise<unknown> => {
  const known = Object.keys(control).find((key): key is keyof typeof control => key === name);
  if (known === undefined) throw new Error(name);
  return await node.call(known, request);
};

describe("who waits for events", () => {
  test("hears of another node's commit within little more than a second, and misses none", async () => {
    const cursor = async (after: string | null): Promise<string | null> => {
      const page = await rob.call("ListEvents", { limit: 500, ...(after === null ? {} : { after }) });
      return page.events.length === 0 ? after : await cursor(page.cursor);
    };
    const after = await cursor(null);
    const startedMs = performance.now();
    const waiting = rob.call("ListEvents", { after, waitMs: 10_000 });
    await lea.call("SendMessage", { to: "all", text: "News." });
    const { events } = await waiting;
    expect(events.map((e) => e.kind)).toContain("MessageSent");
    expect(performance.now() - startedMs).toBeLessThan(2_500);
  });

  test("from the end shows what happens after, and nothing of before", async () => {
    const { events, cursor } = await rob.call("ListEvents", { after: "end" });
    expect(events).toEqual([]);
    await lea.call("SendMessage", { to: "all", text: "Only this." });
    const next = await rob.call("ListEvents", { after: cursor, waitMs: 10_000 });
    expect(next.events[0]).toMatchObject({ kind: "MessageSent" });
  });

  test("with nothing that fits is answered empty when the time is over, with the cursor behind what was looked through", async () => {
    const { cursor: after } = await rob.call("ListEvents", { after: "end" });
    const { id } = await lea.call("SendMessage", { to: "all", text: "Not what they wait for." });
    const nowhere = { conversation: "0198c5a4-7a1b-7cde-8f00-00000000dead" };
    const page = await rob.call("ListEvents", { after, ...nowhere, waitMs: 300 });
    expect(page.events).toEqual([]);
    // What could not be read yet was not passed over: it lies on one side of the cursor, and on one alone.
    await until(
      "the message can be read",
      async () => (await rob.call("CountEvents", { after, subject: id })).count > 0,
    );
    const before = await rob.call("CountEvents", { after, upTo: page.cursor ?? "", subject: id });
    const behind = await rob.call("CountEvents", { after: page.cursor ?? "", subject: id });
    expect(before.count + behind.count).toBe(1);
  });
});

describe("what does not get in", () => {
  test.each([
    ["an unknown argument", "ListRoster", { loud: true }, "invalid_input"],
    ["a value out of range", "ListEvents", { limit: 0 }, "invalid_input"],
    ["an empty message", "SendMessage", { text: "" }, "invalid_input"],
    ["a message over the bound", "SendMessage", { text: "x".repeat(1_048_576) }, "invalid_input"],
    ["NUL in a text", "Remember", { text: "a\0b" }, "invalid_input"],
    ["a mission that does not exist", "ShowMission", { mission: "0198c5a4-7a1b-7cde-8f00-00000000dead" }, "not_found"],
    ["a report of none", "ReportMission", { mission: "0198c5a4-7a1b-7cde-8f00-00000000dead" }, "not_found"],
    ["a mission with a stranger", "StartMission", { objective: "o", members: ["nobody"] }, "not_found"],
    ["a mission without an agent", "StartMission", { objective: "o", members: ["rob"] }, "invalid_input"],
    ["a cursor that is none", "ListEvents", { after: "x" }, "invalid_input"],
  ] as const)("%s", async (_, name, request, code) => {
    const error = await errorOf(rob.call(name, request));
    expect(error.code).toBe(code);
    expect(isErrorCode(error.code)).toBe(true);
    expect(error.message.length).toBeLessThanOrEqual(1_024);
  });

  test("a role that a command is not for", async () => {
    expect((await errorOf(dev.call("StartMission", { objective: "o" }))).code).toBe("forbidden");
    expect((await errorOf(ana.call("RedriveDelivery", { message: "x", recipient: "dev" }))).code).toBe("forbidden");
  });
});
