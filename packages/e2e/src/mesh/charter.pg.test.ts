import { randomUUID } from "node:crypto";
import { MeshError } from "@federation/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Mesh, type MeshNode, startMesh, until } from "./mesh-fixture.ts";

/** The law is changed by those it governs, while all nodes run: what was refused is lawful after, and the reverse. */
let mesh: Mesh;
let lea: MeshNode;
let dev: MeshNode;
let ana: MeshNode;
let rob: MeshNode;
let agents: readonly MeshNode[];

beforeAll(async () => {
  mesh = await startMesh({
    parameters: (shipped) => ({
      ...shipped,
      budgets: { ...shipped.budgets, talkPerPhase: 1 },
      "human-veto": { windowMs: 60_000 },
      audit: { sealWithinMs: 200 },
    }),
  });
  lea = await mesh.add("lea", "lead");
  dev = await mesh.add("dev", "developer");
  ana = await mesh.add("ana", "analyst");
  rob = await mesh.add("rob", "commander");
  agents = [lea, dev, ana];
});
afterAll(() => mesh.drop());

async function errorOf(promise: Promise<unknown>): Promise<MeshError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof MeshError) return error;
    throw error;
  }
  throw new Error("it went through");
}

const viewOf = async (mission: string) => (await rob.call("ShowMission", { mission })).mission;
const inPhase = (motion: string, phase: string) =>
  until(`the phase ${phase}`, async () => (await viewOf(motion)).phase === phase);
const versionOf = async (node: MeshNode) => (await node.call("GetStatus")).charterVersion;
const set = (article: string, parameter: string, value: unknown) => ({
  change: "set_parameter",
  article,
  parameter,
  value,
});
const title = "An amendment";
const text = "It was too strict.";

/** Everyone who owes a comment makes it; then those named vote. */
async function discussAndVote(motion: string, ballots: readonly (readonly [MeshNode, "yes" | "no" | "abstain"])[]) {
  const author = (await viewOf(motion)).createdBy;
  for (const node of agents)
    if (node.actor !== author) await node.call("Critique", { proposal: motion, text: "What does it cost?" });
  await inPhase(motion, "vote");
  for (const [node, choice] of ballots)
    await node.call("CastBallot", { proposal: motion, choice, reason: "As I see it." });
}
const allYes = () => agents.map((node) => [node, "yes"] as const);
const closed = async (motion: string) => {
  await inPhase(motion, "closed");
  return (await viewOf(motion)).outcome;
};
/** Lets the window of an accepted motion pass without a veto. */
async function enacted(motion: string) {
  await inPhase(motion, "veto");
  await mesh.owner("update federation.missions set phase_deadline = clock_timestamp() where conversation = $1", [
    motion,
  ]);
  return await closed(motion);
}

test("an amendment that was voted through changes at run time what every node refuses", async () => {
  const { mission } = await rob.call("StartMission", { objective: "Choose a retry policy", seed: 7 });
  const say = (node: MeshNode) => node.call("SendMessage", { conversation: mission, text: "A word." });
  const openTask = (node: MeshNode) =>
    node.call("OpenTask", { title: "Sweep", instructions: "Sweep.", kind: "feature", assignee: "dev" });
  for (const node of agents) {
    await say(node);
    expect((await errorOf(say(node))).details).toMatchObject({ article: "budgets", charterVersion: 0 });
  }
  for (const node of [lea, rob])
    expect((await errorOf(openTask(node))).details["article"]).toBe("propose-before-implement");

  const amendments = [set("budgets", "talkPerPhase", 5), set("propose-before-implement", "kindsNeedingProposal", [])];
  for (const change of amendments) {
    const { verdicts } = await dev.call("ListVerdicts", { refused: true, limit: 1 });
    const incident = verdicts[0]?.id;
    const made = await dev.call("ProposeAmendment", { title, text, change, incident, motive: "It stopped our work." });
    expect(made.motive).toMatch(/^On \d{4}-\d\d-\d\d the article .* refused .*\nIt stopped our work\.$/);
    await discussAndVote(made.motion, allYes());
    expect(await enacted(made.motion)).toBe("enacted");
  }

  for (const node of agents) await say(node);
  for (const node of [lea, rob]) await openTask(node);
  for (const node of [...agents, rob]) expect(await versionOf(node)).toBe(2);
  const { verdicts } = await rob.call("ListVerdicts", { actor: "lea", conversation: mission });
  expect(verdicts.map((v) => [v.action, v.allowed, v.charterVersion])).toEqual([
    ["say", true, 2],
    ["say", false, 0],
    ["say", true, 0],
  ]);
  const { differences } = await ana.call("DiffCharter", { from: 0 });
  expect(differences).toEqual([
    { article: "propose-before-implement", what: "kindsNeedingProposal", before: ["feature"], after: [] },
    { article: "budgets", what: "talkPerPhase", before: 1, after: 5 },
  ]);
  const history = await ana.call("ListCharterVersions");
  expect(history.versions.map((v) => [v.version, v.how, v.adoptedBy])).toEqual([
    [2, "vote", "dev"],
    [1, "vote", "dev"],
    [0, "shipped", "shipped"],
  ]);

  // And the reverse: what was lawful is refused again.
  const back = await lea.call("ProposeAmendment", {
    title,
    text,
    change: set("budgets", "talkPerPhase", 0),
    motive: "Chatter.",
  });
  await discussAndVote(back.motion, allYes());
  await enacted(back.motion);
  for (const node of agents)
    expect((await errorOf(say(node))).details).toMatchObject({ article: "budgets", charterVersion: 3 });
});

test("an amendment that is vetoed in its window is not in force", async () => {
  const version = await versionOf(rob);
  const change = { change: "switch_off", article: "truthful-completion" };
  const { motion } = await ana.call("ProposeAmendment", { title, text, change, motive: "Too much paper." });
  await discussAndVote(motion, allYes());
  await inPhase(motion, "veto");
  await rob.call("VetoProposal", { proposal: motion, reason: "Evidence stays." });
  expect(await closed(motion)).toBe("vetoed");
  expect(await versionOf(ana)).toBe(version);
  expect((await ana.call("ShowCharter")).off).toEqual([]);
});

test("what is entrenched changes with the commander's yes, and not without", async () => {
  const version = await versionOf(rob);
  const change = set("human-veto", "windowMs", 61_000);
  const propose = () => lea.call("ProposeAmendment", { title, text, change, motive: "A veto came too late." });
  const without = await propose();
  await discussAndVote(without.motion, [...allYes(), [rob, "abstain"]]);
  expect(await closed(without.motion)).toBe("rejected");
  expect(await versionOf(dev)).toBe(version);
  const withIt = await propose();
  await discussAndVote(withIt.motion, [...allYes(), [rob, "yes"]]);
  expect(await enacted(withIt.motion)).toBe("enacted");
  expect(await versionOf(dev)).toBe(version + 1);
});

test("an optional article is switched off by vote, and then nobody is refused by it", async () => {
  const lesson = "Retries need a bound.";
  const { motion } = await ana.call("ProposeAmendment", {
    title,
    text,
    change: { change: "switch_off", article: "truthful-completion" },
    motive: "Too much paper.",
  });
  await discussAndVote(motion, allYes());
  expect(await enacted(motion)).toBe("enacted");
  const { task, errand } = await lea.call("OpenTask", { title: "Sweep", instructions: "Sweep.", assignee: "dev" });
  const { fence } = await dev.call("ClaimTask", { task });
  await dev.call("SubmitTask", { task, fence, summary: "Swept." });
  await inPhase(errand, "review");
  await rob.call("ReviewTask", { task, accept: false, reason: "The corner is dusty." });
  const incident = await ana.call("ShowIncident", { incident: task });
  expect(incident).toMatchObject({ kind: "rejected_result", actor: "dev" });
  expect(incident.text).toContain("The corner is dusty.");
  await dev.call("Remember", { text: lesson, incident: task });
  const { episodes } = await ana.call("RecallMemory", { query: "retries bound" });
  expect(episodes).toMatchObject([{ actor: "dev", text: lesson, source: `incident:rejected_result:${task}` }]);
});

describe("a motion", () => {
  test("that the gate or the database refuses is on record, with its article", async () => {
    const propose = (change: object) => dev.call("ProposeAmendment", { title, text, change, motive: "It happened." });
    const notOptional = await errorOf(propose({ change: "switch_off", article: "one-ballot" }));
    expect(notOptional.details).toMatchObject({
      article: "amendments",
      reason: "the article one-ballot is not optional",
    });
    const outOfBounds = await errorOf(propose(set("budgets", "talkPerPhase", 1_000)));
    expect(outOfBounds).toMatchObject({ code: "refused", details: { article: "amendments" } });
    expect(outOfBounds.message).toBe("budgets.talkPerPhase must be a whole number from 0 to 100");
    const silenced = await errorOf(propose({ change: "switch_off", article: "audit" }));
    expect(silenced.details["article"]).toBe("audit");
    const { verdicts } = await rob.call("ListVerdicts", { actor: "dev", refused: true, limit: 3 });
    expect(verdicts.map((v) => [v.action, v.article, v.conversation])).toEqual(
      ["audit", "amendments", "amendments"].map((article) => ["amend", article, null]),
    );
  });

  test("repeated under its call id or its own id is the same motion", async () => {
    const id = randomUUID();
    const propose = (callId?: string) =>
      ana.call("ProposeDecision", { id, title: "Rest", text: "We rest on Sundays." }, callId);
    const made = await Promise.all([propose("rest-1"), propose("rest-1"), propose()]);
    expect(made).toEqual(Array(3).fill({ motion: id, proposal: id }));
    const { motions } = await rob.call("ListMotions", { open: true });
    expect(motions.map((m) => m.id)).toEqual([id]);
    expect((await rob.call("ListMissions", { limit: 500 })).missions.map((m) => m.id)).not.toContain(id);
    expect((await errorOf(dev.call("WithdrawProposal", { proposal: id, reason: "No." }))).details["article"]).toBe(
      "amendments",
    );
    await ana.call("WithdrawProposal", { proposal: id, reason: "Not now." });
    expect(await closed(id)).toBe("withdrawn");
  });

  test("for a task opens it for the one it names when it is accepted", async () => {
    const { motion } = await dev.call("ProposeTask", {
      title: "Write the policy down",
      text: "Everybody asks for it.",
      assignee: "dev",
      instructions: "Write it into docs/retry.md.",
      scope: ["docs/**"],
    });
    await discussAndVote(motion, allYes());
    expect(await enacted(motion)).toBe("enacted");
    const { tasks } = await dev.call("ListTasks", { open: true, assignee: "dev" });
    expect(tasks.find((t) => t.proposal === motion)).toMatchObject({
      title: "Write the policy down",
      state: "assigned",
      scope: ["docs/**"],
    });
  });
});

test("the founding vote and the commander's word are calls like any other, refused where they are not due", async () => {
  expect((await errorOf(dev.call("RatifyCharter"))).code).toBe("forbidden");
  expect((await errorOf(lea.call("AdoptCharter", { reason: "Mine." }))).code).toBe("forbidden");
  expect((await errorOf(rob.call("AdoptCharter", { reason: "Now." }))).details["article"]).toBe("amendments");
  const { motion } = await lea.call("RatifyCharter");
  await inPhase(motion, "vote");
  expect((await errorOf(rob.call("AdoptCharter", { reason: "Now." }))).details["article"]).toBe("amendments");
  for (const node of agents) await node.call("CastBallot", { proposal: motion, choice: "no", reason: "Not yet." });
  expect(await closed(motion)).toBe("rejected");
  const { version } = await rob.call("AdoptCharter", { reason: "Somebody must begin." });
  expect(await ana.call("ShowCharter")).toMatchObject({
    version,
    how: "commander",
    adoptedBy: "rob",
    motive: "Somebody must begin.",
  });
  expect((await errorOf(rob.call("AdoptCharter", { reason: "Again." }))).details["article"]).toBe("amendments");
});

test("every verdict of all this is sealed, and the chain is whole", async () => {
  await until("all is sealed", async () => (await rob.call("AuditVerdicts")).unsealed === 0, 30_000);
  const audit = await ana.call("AuditVerdicts");
  expect(audit).toMatchObject({ ok: true, brokenAt: null, unsealed: 0 });
  expect(audit.sealed).toBeGreaterThan(60);
  await mesh.owner(
    "update federation.verdicts set allowed = true, article = null where id = (select min(id) from federation.verdicts where not allowed)",
  );
  expect(await dev.call("AuditVerdicts")).toMatchObject({ ok: false, brokenAt: 1 });
});
