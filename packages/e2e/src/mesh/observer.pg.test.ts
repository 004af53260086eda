import { randomUUID } from "node:crypto";
import { type ControlName, type ControlResponse, chosenKey, control, MeshError, toolName } from "@federation/core";
import { startControlEndpoint } from "@federation/mcp/testing";
import { connectPeer, type Peer, type Told } from "@federation/mcp/testing/peers";
import { createChangeFeed, createNews, createTurnCounters, createTurnRunner } from "@federation/runtime";
import type { ControlService } from "@federation/runtime/ports";
import { createScriptedInference } from "@federation/testkit/scripted-inference";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clock, log, type Mesh, type MeshNode, random, startMesh, type TurnsOf, until } from "./mesh-fixture.ts";

/** What a person sees at their own node of a mesh in which a model works at another: over MCP, from real rows. */
let mesh: Mesh;
let lea: MeshNode;
let dev: MeshNode;
let rob: MeshNode;
let rod: Peer;
let closePeer: () => Promise<void> = async () => {};

/** A model that says yes to what it is asked. */
const modelOf: TurnsOf = (store, me) =>
  createTurnRunner({
    store,
    inference: createScriptedInference({
      choose: ({ options }) => options.find(({ id }) => id.endsWith(":yes"))?.id ?? options[0]?.id ?? "wait",
      generate: () => ({ text: "It is bounded, and that is enough for me." }),
    }),
    clock,
    random,
    log,
    me,
    counters: createTurnCounters(),
  });

beforeAll(async () => {
  mesh = await startMesh({ settleMs: 0 });
  lea = await mesh.add("lea", "lead");
  dev = await mesh.add("dev", "developer");
  await mesh.add("ana", "analyst", modelOf);
  rob = await mesh.add("rob", "commander");
  const stop = new AbortController();
  const changes = createChangeFeed({ store: rob.store, news: createNews(clock), clock, log, signal: stop.signal });
  const service: ControlService = {
    call: (name, request, caller) => {
      if (caller.actor !== "rob") throw new MeshError("internal", "another actor's call");
      return rob.call(name, request, caller.callId);
    },
  };
  const tokens = { token: { actor: "rob", role: "commander", kind: "human" } } as const;
  const endpoint = await startControlEndpoint({ control: service, changes, tokens });
  rod = await connectPeer(endpoint.url, "token", "2026");
  closePeer = async () => {
    await rod.close();
    stop.abort();
    await endpoint.close();
  };
});
afterAll(async () => {
  await closePeer();
  await mesh.drop({ leaves: ["phase", "duty", "proposal", "move", "message"] });
});

/** Calls a tool as rob's client does; what comes back has the form the list says. */
async function ask<N extends ControlName>(name: N, request: Record<string, unknown> = {}): Promise<ControlResponse<N>> {
  const answer = await rod.request("tools/call", { name: toolName(name), arguments: request });
  expect(answer["isError"], JSON.stringify(answer["content"])).not.toBe(true);
  return control[name].response.parse(answer["structuredContent"]) as ControlResponse<N>;
}

describe("a vote in which a model takes part", () => {
  let proposal: string;
  let mission: string;
  beforeAll(async () => {
    ({ mission } = await rob.call("StartMission", { objective: "Choose a retry policy and write it down", seed: 7 }));
    proposal = (await lea.call("Propose", { mission, title: "Back off", text: "Double the pause, up to a bound." }))
      .proposal;
    await dev.call("Propose", { mission, title: "Wait", text: "Wait a second each time." });
    const inPhase = (phase: string) =>
      until(phase, async () => (await rob.call("ShowMission", { mission })).mission.phase === phase);
    await until("the lead may advance", async () =>
      (await rob.call("ShowMission", { mission })).mission.obligations.some((o) => o.duty === "advance"),
    );
    await lea.call("AdvancePhase", { mission });
    await inPhase("critique");
    // The model criticises, and closes the phase, or its deadline does.
    await mesh.owner(
      "update federation.missions set phase_deadline = clock_timestamp() + interval '1 s' where conversation = $1",
      [mission],
    );
    await inPhase("vote");
    await until("the model has voted", async () => {
      const shown = (await rob.call("ShowProposal", { proposal })).proposal;
      return shown.ballots.some((ballot) => ballot.voter === "ana");
    });
    await until("the model has read what was said meanwhile", async () => {
      const ana = (await rob.call("ListRoster", {})).actors.find((it) => it.actor === "ana");
      return ana?.due === 0 && ana.activity.state === "waiting";
    });
  });

  test("its turn is laid open: what it was shown, what it could choose, what it chose and how likely each was", async () => {
    const { turns } = await ask("ListTurns", { actor: "ana", subject: proposal });
    expect(turns[0]).toMatchObject({ duty: "vote", action: "vote", origin: "model", state: "done", model: "scripted" });
    const { turn, record, decisions, verdicts } = await ask("ShowTurn", { turn: turns[0]?.id });
    expect(turn).toEqual(turns[0]);
    expect(record?.system).toContain("You are the Analyst.");
    expect(record?.situation).toContain("Double the pause");
    expect(record?.offered.map((it) => it.key)).toContain(`vote:${proposal}:yes`);
    expect(decisions).toMatchObject([{ actor: "ana", turn: turn.id, head: { kind: "vote", choice: "yes" } }]);
    expect(Object.keys(decisions[0]?.probabilities ?? {}).sort()).toEqual(record?.offered.map((it) => it.key).sort());
    // The head was a row's, and is still known by the key it was offered under.
    expect(chosenKey(decisions[0]?.head)).toBe(`vote:${proposal}:yes`);
    expect(verdicts).toMatchObject([{ action: `vote:${proposal}:yes`, allowed: true }]);
    // The model's own node reads it; another member sees the turn, and not the prompt.
    expect((await lea.call("ShowTurn", { turn: turn.id })).record).toBeNull();
  });

  test("its decisions, costs and usage are added up", async () => {
    const { decisions } = await ask("ListDecisions", { actor: "ana", conversation: mission });
    expect(decisions.some((it) => it.head.kind === "vote" && it.origin === "model")).toBe(true);
    const { costs, total } = await ask("ListCosts");
    const ana = costs.find((it) => it.id === "ana");
    expect(ana?.tokensIn).toBeGreaterThan(0);
    expect(total.tokensIn).toBe(ana?.tokensIn);
    expect(ana?.budgets.find((it) => it.name === "turnsPerConversation")?.conversation).toBe(mission);
    const { actors } = await ask("GetUsage");
    const used = actors.find((it) => it.actor === "ana");
    expect(used?.tokensIn.reduce((a, b) => a + b, 0)).toBe(ana?.tokensIn);
  });

  test("the roster says who waits for whom", async () => {
    const { actors } = await ask("ListRoster");
    const ana = actors.find((it) => it.actor === "ana");
    expect(ana).toMatchObject({
      description: expect.stringContaining("You are the Analyst."),
      version: "0.1.0",
      broker: expect.stringMatching(/^publish \w+, consume \w+$/),
      activity: { state: "waiting", conversation: mission, waitingFor: ["dev", "lea"] },
    });
    expect(ana?.tokensPerSecond).toBeGreaterThan(0);
  });

  test("the conversation is listed, and its messages say how far they came", async () => {
    const { conversations } = await ask("ListConversations", { kinds: ["mission"] });
    expect(conversations[0]).toMatchObject({ id: mission, phase: "vote", members: ["ana", "dev", "lea", "rob"] });
    const { messages } = await ask("ListConversation", { conversation: mission, beforeSeq: 1_000_000, limit: 3 });
    expect(messages).toHaveLength(3);
    expect(messages.at(-1)?.seq).toBe(conversations[0]?.messages);
    expect(messages[0]?.ladder.recipients).toBeGreaterThan(1);
  });
});

test("who asks is told who they are, and what time it is at the database", async () => {
  const { you, now } = await ask("GetStatus");
  expect(you).toEqual({ actor: "rob", role: "commander", scopes: ["read", "act", "manage"] });
  const [row] = await mesh.owner<{ late: number }>(
    "select abs(extract(epoch from clock_timestamp() - $1::timestamptz))::float8 as late",
    [now],
  );
  expect(row?.late).toBeLessThan(10);
});

test("the log is read backwards, and a count of it comes out", async () => {
  await until("the log is settled", async () => {
    const rows = await mesh.owner(
      "select 1 from federation.events where xact >= pg_snapshot_xmin(pg_current_snapshot()) limit 1",
    );
    return rows.length === 0;
  });
  let pages = 0;
  let seen = 0;
  const newest = (await ask("ListEvents", { before: "end", limit: 1 })).events[0]?.cursor;
  for (let before: string | null = "end"; before !== null; pages++) {
    const page: ControlResponse<"ListEvents"> = await ask("ListEvents", { before, limit: 40 });
    if (pages === 0) expect(page.events.at(-1)?.cursor).toBe(newest);
    seen += page.events.length;
    before = page.cursor;
  }
  expect(pages).toBeGreaterThan(1);
  expect(await ask("CountEvents", { upTo: newest })).toEqual({ count: seen, upTo: newest });
  const { events } = await ask("ListEvents", { before: "end", text: "double the PAUSE", kinds: ["ProposalMade"] });
  expect(events).toMatchObject([{ actor: "lea", kind: "ProposalMade" }]);
});

test("what waits for a person is a resource, and who subscribed to it hears when it changes", async () => {
  await rod.subscribe("federation://waiting");
  const id = randomUUID();
  await lea.call("AskApproval", { id, whom: "rob", question: "May I drop the old table?" });
  const isUpdate = (told: Told) => told.params["uri"] === "federation://waiting";
  await rod.hears(isUpdate);
  const { contents } = await rod.request("resources/read", { uri: "federation://waiting" });
  const { items } = control.ListWaiting.response.parse(JSON.parse(Array.isArray(contents) ? contents[0].text : ""));
  expect(items.filter((it) => it.id === id)).toMatchObject([{ kind: "approval", from: "lea", optional: false }]);
  await rob.call("AnswerApproval", { approval: id, approve: true });
  expect((await ask("ListWaiting")).items.filter((it) => it.id === id)).toEqual([]);
});

test("who watches the log at one node is told of what another does while it does it", async () => {
  const { conversation } = await lea.call("SendMessage", { to: "dev", text: "begin" });
  const told = new Set<string>();
  let watching = true;
  const { cursor } = await rob.call("ListEvents", { after: "end", limit: 1 });
  const watch = (async () => {
    for (let after = cursor; watching; ) {
      // Longer than what is waited for below: an answer that comes only when this is over is none.
      const page: ControlResponse<"ListEvents"> = await rob.call("ListEvents", {
        after: after ?? "end",
        waitMs: 25_000,
      });
      for (const { subject, kind } of page.events) if (kind === "MessageSent" && subject !== null) told.add(subject);
      after = page.cursor ?? after;
    }
  })();
  for (let n = 0; n < 20; n++) {
    const { id } = await lea.call("SendMessage", { conversation, to: "dev", text: String(n) });
    await until(`message ${n} is told`, () => told.has(id));
  }
  watching = false;
  await lea.call("SendMessage", { conversation, to: "dev", text: "the end" });
  await watch;
});
