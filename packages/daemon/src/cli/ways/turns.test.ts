import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCliFolder, token } from "../testing/cli-run.ts";

const id = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001";
const turn = {
  id,
  actor: "baby",
  conversation: id,
  step: 3,
  attempts: 1,
  state: "done",
  model: "tiny",
  tokensIn: 900,
  tokensOut: 60,
  startedAt: "2026-01-02T03:04:05.000Z",
  endedAt: "2026-01-02T03:04:17.500Z",
  failure: null,
  duty: "vote",
  subject: id,
  action: "vote",
  origin: "model",
};
const decision = {
  id: "7",
  at: "2026-01-02T03:04:17.000Z",
  conversation: id,
  phaseNo: 2,
  actor: "baby",
  turn: id,
  // In the order in which the database gives the fields back.
  head: { kind: "vote", choice: "yes", proposal: id },
  origin: "model",
  probabilities: { [`vote:${id}:yes`]: 0.75, wait: 0.25 },
  seed: 7,
  rejectedAnswers: 0,
  note: "",
};

let control = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
let folder: Awaited<ReturnType<typeof createCliFolder>>;
beforeEach(async () => {
  control = createHandFedControl();
  endpoint = await startControlEndpoint({
    control: control.service,
    tokens: { [token]: { actor: "commander", role: "commander" } },
  });
  folder = await createCliFolder(endpoint.url);
});
afterEach(async () => {
  await endpoint.close();
  await folder.remove();
});
const requests = () => control.calls.map((call) => call.request);
const text = async (...argv: string[]): Promise<string> => {
  const { out, err } = await folder.run(argv);
  expect(err).toBe("");
  return out;
};

describe("turns", () => {
  it("are listed with who, how long and with what end", async () => {
    control.on("ListTurns", () => ({ turns: [turn, { ...turn, state: "running", endedAt: null, action: null }] }));
    const lines = (await text("turn", "list", "--actor", "baby", "--subject", id)).split("\n");
    expect(lines[1]).toContain("baby   done     2026-01-02 03:04:05  12.5     900        60   vote  vote    model");
    expect(lines[2]).toContain("running  2026-01-02 03:04:05  -");
    expect(requests()).toEqual([{ actor: "baby", subject: id, limit: 50 }]);
  });

  it("are laid open: the prompt as words that a terminal does not obey, each offer with its probability", async () => {
    const record = {
      system: "You are the Analyst.",
      situation: 'Team: baby.\nlead: "vote\u001b[2J now"',
      offered: [
        { key: `vote:${id}:yes`, sentence: "I vote yes on this proposal." },
        { key: "wait", sentence: "I wait and say nothing now." },
      ],
      read: [id],
      rejected: ["echo"],
    };
    const verdict = { action: "vote", allowed: true, article: null, reason: "", lawful: "" };
    control.on("ShowTurn", () => ({ turn, record, decisions: [decision], verdicts: [verdict] }));
    const out = await text("turn", "show", id);
    expect(out).toContain("Stable prompt\n│ You are the Analyst.\n");
    expect(out).toContain('│ Team: baby.\n│ lead: "vote now"\n');
    expect(out).not.toContain("\u001b");
    expect(out).toMatch(/vote:\S+:yes +0\.750 +I vote yes on this proposal\.\n/);
    expect(out).toMatch(/wait +0\.250 +I wait and say nothing now\./);
    expect(out).toContain("answers thrown away  echo");
    expect(JSON.parse(await text("turn", "show", id, "--json"))).toMatchObject({ record, decisions: [decision] });
  });

  it("are shown without a prompt where there is none to read", async () => {
    control.on("ShowTurn", () => ({ turn, record: null, decisions: [], verdicts: [] }));
    const out = await text("turn", "show", id);
    expect(out).toContain("not yours to read");
    expect(out).toContain("No decisions.");
  });
});

it("decisions are listed with by whom each was made", async () => {
  const strange = {
    ...decision,
    id: "8",
    head: { kind: "dance" },
    origin: "rule",
    probabilities: null,
    note: "why not",
  };
  control.on("ListDecisions", () => ({ decisions: [strange, decision] }));
  const out = await text("decision", "list", "--conversation", id);
  expect(out).toMatch(/8 +2026-01-02 03:04:17 +baby +rule +dance +- +\S+ +why not/);
  expect(out).toMatch(/7 +2026-01-02 03:04:17 +baby +model +vote +0\.750/);
  expect(requests()).toEqual([{ conversation: id, limit: 50 }]);
});

it("costs are listed with the budget that is nearest to its end, and a line for all of them", async () => {
  const budgets = [
    { name: "tokensPerConversation", used: 900, limit: 1_000, conversation: id },
    { name: "turnsPerConversation", used: 2, limit: 100, conversation: id },
  ];
  const spent = { turns: 3, failedTurns: 1, tokensIn: 900, tokensOut: 60, ms: 12_400 };
  control.on("ListCosts", () => ({
    costs: [{ id: "baby", title: "baby", kind: "actor", ...spent, budgets }],
    total: spent,
  }));
  const lines = (await text("cost", "list", "--within", "60")).split("\n");
  expect(lines[1]).toMatch(/^actor +3 +1 +900 +60 +12 +90 % of tokensPerConversation +baby$/);
  expect(lines[2]).toMatch(/^all +3 +1 +900 +60 +12$/);
  expect(requests()).toEqual([{ by: "actor", withinMs: 3_600_000, limit: 50 }]);
  expect((await folder.run(["cost", "list", "--by", "moon"])).code).toBe(2);
  control.on("ListCosts", () => ({ costs: [], total: { ...spent, turns: 0 } }));
  expect(await text("cost", "list", "--by", "task")).toBe("No turn was taken.\n");
});

it("usage is a line a step, a column an actor", async () => {
  control.on("GetUsage", () => ({
    from: "2026-01-02T03:00:00.000Z",
    stepMs: 60_000,
    actors: [{ actor: "baby", tokensIn: [0, 900], tokensOut: [0, 60], turns: [0, 2] }],
  }));
  expect(await text("usage", "--step", "60", "--steps", "2")).toBe(
    "FROM                 baby\n2026-01-02 03:00:00  -\n2026-01-02 03:01:00  2: 900 in, 60 out\n",
  );
  expect(requests()).toEqual([{ stepMs: 60_000, steps: 2 }]);
});

describe("events", () => {
  it("are read backwards, and picked by what is given", async () => {
    control.on("ListEvents", () => ({ events: [], cursor: null }));
    const filter = [
      "--actor",
      "baby",
      "--kind",
      "TaskClaimed",
      "--kind",
      "TaskSubmitted",
      "--text",
      "50 %",
      "--subject",
      id,
    ];
    await text("events", "--before", "end", ...filter);
    expect(requests()).toEqual([
      {
        before: "end",
        actor: "baby",
        kinds: ["TaskClaimed", "TaskSubmitted"],
        text: "50 %",
        subject: id,
        waitMs: 0,
        limit: 50,
      },
    ]);
    expect(await folder.run(["events", "--before", "end", "--follow"])).toMatchObject({ code: 2 });
  });

  it("are counted, under the same options as of a command of their own", async () => {
    control.on("CountEvents", () => ({ count: 41, upTo: "c9" }));
    expect(await text("events", "count", "--after", "c1", "--actor", "baby")).toBe("41 events, up to c9\n");
    expect(requests()).toEqual([{ after: "c1", upTo: "end", actor: "baby" }]);
  });

  it("are followed by the same choice", async () => {
    const stop = new AbortController();
    control.on("ListEvents", () => {
      stop.abort();
      return { events: [], cursor: "c1" };
    });
    const argv = ["events", "--follow", "--kind", "TaskClaimed", "--after", "c1"];
    expect((await folder.run(argv, { interrupted: stop.signal })).code).toBe(130);
    expect(requests()[0]).toMatchObject({ after: "c1", kinds: ["TaskClaimed"] });
  });
});

it("an option behind a command of a group is that command's own", async () => {
  control.on("ListReloads", () => ({ reloads: [] }));
  await text("reload", "list", "--node", "lead");
  expect(requests()).toEqual([{ node: "lead", limit: 50 }]);
});
