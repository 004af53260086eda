import { headKey, lawfulSet, MeshError } from "@federation/core";
import { duty, idOf, member, message, proposal, submission, task, team, viewOf } from "@federation/core/testing";
import type { ChooseRequest } from "@federation/runtime/ports";
import { createScriptedInference, scriptedFailure } from "@federation/testkit/scripted-inference";
import { describe, expect, test } from "vitest";
import { conversation, only, running, voting } from "./testing/turn-cases.ts";
import { turnId, turnWorld } from "./testing/turn-world.ts";

const someModel = {
  alias: "scripted",
  sha256: "0",
  contextTokens: 4_096,
  style: "sentences",
  meaningful: false,
  backend: "script",
} as const;

describe("a turn", () => {
  test("chooses, writes, passes the gate, and takes effect in one transaction with its marks", async () => {
    const inference = createScriptedInference({
      choose: () => ({ [`vote:${idOf(10)}:yes`]: 0.9, wait: 0.1 }),
      generate: () => ({ text: "It names an upper bound." }),
    });
    const due = [message(1, "dev", "Please vote soon."), message(2, "lea", "And give a reason.")];
    const world = turnWorld({ inference, views: [voting()], actor: "ana", role: "analyst", due });

    expect(await world.runner.run(conversation, running())).toBe("acted");

    expect(world.applied).toHaveLength(1);
    const [call] = world.applied;
    expect(call?.callId).toBe(`turn:${turnId}`);
    expect(call?.operations.map((o) => o.op)).toEqual([
      "record_verdict",
      "record_decision",
      "cast_ballot",
      "close_obligation",
      "finish_turn",
    ]);
    expect(only(call?.operations, "cast_ballot")).toMatchObject({
      choice: "yes",
      reason: "It names an upper bound.",
      textSha256: "sha-of-10",
    });
    expect(only(call?.operations, "record_verdict")).toMatchObject({ allowed: true, article: null, charterVersion: 1 });
    expect(only(call?.operations, "record_decision")).toMatchObject({
      origin: "model",
      phaseNo: 3,
      rejectedAnswers: 0,
      probabilities: { [`vote:${idOf(10)}:yes`]: 0.9, wait: 0.1, say: 0 },
      seed: expect.any(Number),
    });
    expect(only(call?.operations, "finish_turn")).toEqual({
      op: "finish_turn",
      turn: turnId,
      deliveries: due.map((m) => m.id),
      read: true,
      obligation: idOf(40),
      about: idOf(40),
      model: "scripted",
      tokensIn: 20,
      tokensOut: 10,
      failure: null,
      record: {
        system: expect.stringContaining("You are the Analyst."),
        situation: expect.stringMatching(/Please vote soon\..*And give a reason\..*What do you do now\?/s),
        offered: lawfulSet(voting(), "ana").heads.map((head) => ({
          key: headKey(head),
          sentence: expect.stringMatching(/^I /),
        })),
        read: due.map((m) => m.id),
        rejected: [],
      },
    });
    for (const op of ["record_verdict", "record_decision"] as const)
      expect(only(call?.operations, op).turn, op).toBe(turnId);
    expect(world.counters).toMatchObject({ acted: 1, failed: 0, tokensIn: 20, tokensOut: 10 });
  });

  test("offers the model every lawful head and nothing else, each as a sentence", async () => {
    const inference = createScriptedInference();
    const view = voting();
    await turnWorld({ inference, views: [view], actor: "ana", role: "analyst" }).runner.run(conversation, running());
    const options = inference.requests.flatMap((r) => ("options" in r ? r.options : []));
    expect(options.map((o) => o.id)).toEqual(lawfulSet(view, "ana").heads.map(headKey));
    expect(options.every((o) => o.sentence.startsWith("I "))).toBe(true);
  });

  test("draws the same under the same seed, and another seed may draw another", async () => {
    const drawn = async (seed: number): Promise<string> => {
      const inference = createScriptedInference({
        choose: ({ options }: ChooseRequest) => Object.fromEntries(options.map((o) => [o.id, 1 / options.length])),
      });
      const world = turnWorld({ inference, views: [voting({ seed })], actor: "ana", role: "analyst" });
      await world.runner.run(conversation, running());
      return headKey(only(world.applied[0]?.operations, "record_decision").head);
    };
    const seeds = Array.from({ length: 12 }, (_, i) => i);
    const first = await Promise.all(seeds.map(drawn));
    expect(await Promise.all(seeds.map(drawn))).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(2);
  });

  test("answers the latest message of whom it asks", async () => {
    const inference = createScriptedInference({ choose: () => "ask:dev" });
    const due = [message(1, "dev", "My plan is short."), message(2, "lea", "Any questions?")];
    const world = turnWorld({ inference, views: [voting()], actor: "ana", role: "analyst", due });
    await world.runner.run(conversation, running());
    expect(only(world.applied[0]?.operations, "send_message")).toMatchObject({
      recipient: "dev",
      causation: idOf(101),
    });
  });

  test("a claim does not cost the duty one of its turns", async () => {
    const view = viewOf({
      phase: "implement",
      proposals: [proposal(10, { state: "accepted" })],
      tasks: [task(20, { state: "assigned", assignee: "dev" })],
      obligations: [duty("dev", "implement", idOf(20))],
    });
    const inference = createScriptedInference({ choose: () => `claim:${idOf(20)}` });
    const world = turnWorld({ inference, views: [view], actor: "dev", role: "developer" });
    await world.runner.run(conversation, running());
    expect(world.applied[0]?.operations.map((o) => o.op)).toContain("claim_task");
    expect(only(world.applied[0]?.operations, "finish_turn").obligation).toBeNull();
    expect(inference.requests).toHaveLength(1);
  });

  test("recalls memory for a duty and not for talk", async () => {
    const talk = turnWorld({
      inference: createScriptedInference(),
      views: [viewOf()],
      actor: "ana",
      role: "analyst",
      due: [message(1, "dev", "Hello.")],
    });
    await talk.runner.run(conversation, running());
    expect(talk.calls).not.toContain("recall");
    const work = turnWorld({ inference: createScriptedInference(), views: [voting()], actor: "ana", role: "analyst" });
    await work.runner.run(conversation, running());
    expect(work.calls).toContain("recall");
  });
});

describe("a turn without a model's choice", () => {
  test("with nothing due and no duty nothing begins and no token is spent", async () => {
    const inference = createScriptedInference();
    const world = turnWorld({ inference, views: [viewOf()], actor: "ana", role: "analyst" });
    expect(await world.runner.run(conversation, running())).toBe("idle");
    expect(world.calls).toEqual(["missionView", "dueMessages"]);
    expect(inference.requests).toEqual([]);
  });

  test("where nothing but waiting is lawful it ends by rule, without the model, and what was due is not called read", async () => {
    const inference = createScriptedInference();
    const broke = viewOf({ tokens: 100_000 });
    const due = [message(1, "dev", "Hello.")];
    const world = turnWorld({ inference, views: [broke], actor: "ana", role: "analyst", due });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    expect(world.applied[0]?.operations.map((o) => o.op)).toEqual(["record_decision", "finish_turn"]);
    expect(only(world.applied[0]?.operations, "record_decision")).toMatchObject({
      head: { kind: "wait" },
      origin: "rule",
    });
    expect(only(world.applied[0]?.operations, "finish_turn")).toMatchObject({
      read: false,
      deliveries: [idOf(101)],
      model: null,
      tokensIn: 0,
    });
    expect(inference.requests).toEqual([]);
  });

  test("a used-up turn budget leaves only the ending by rule", async () => {
    const inference = createScriptedInference();
    const tired = voting({ members: team.map((m) => (m.actor === "ana" ? { ...m, turns: 100 } : m)) });
    const world = turnWorld({ inference, views: [tired], actor: "ana", role: "analyst" });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    expect(only(world.applied[0]?.operations, "record_decision").note).toContain("turn budget");
    expect(only(world.applied[0]?.operations, "finish_turn").obligation).toBe(idOf(40));
    expect(inference.requests).toEqual([]);
  });

  test("a notice alone asks for nothing", async () => {
    const inference = createScriptedInference();
    const due = [message(1, "federation", "A message could not be delivered.", { kind: "notice" })];
    const world = turnWorld({ inference, views: [viewOf()], actor: "ana", role: "analyst", due });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    expect(inference.requests).toEqual([]);
  });

  test("one lawful head is not chosen, but its words are the model's", async () => {
    const inference = createScriptedInference({ generate: () => ({ text: "We decided and it was built." }) });
    const view = viewOf({
      phase: "synthesise",
      proposals: [proposal(10, { state: "accepted" })],
      tasks: [task(20, { state: "accepted", submission: submission({ state: "accepted" }) })],
      obligations: [duty("lea", "report", null, { turnsUsed: 2 })],
    });
    const world = turnWorld({ inference, views: [view], actor: "lea", role: "lead" });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    expect(inference.requests.map((r) => "options" in r)).toEqual([false]);
    expect(only(world.applied[0]?.operations, "record_decision")).toMatchObject({
      origin: "model",
      probabilities: null,
    });
    expect(only(world.applied[0]?.operations, "report").text).toBe("We decided and it was built.");
  });

  test("one lawful head without words is a rule's decision", async () => {
    const inference = createScriptedInference();
    const view = viewOf({
      phase: "implement",
      tokens: 0,
      proposals: [proposal(10, { state: "accepted" })],
      tasks: [task(20, { state: "assigned", assignee: "dev" })],
      obligations: [duty("dev", "implement", idOf(20), { turnsUsed: 2 })],
    });
    const world = turnWorld({ inference, views: [view], actor: "dev", role: "developer" });
    await world.runner.run(conversation, running());
    expect(only(world.applied[0]?.operations, "record_decision")).toMatchObject({
      head: { kind: "claim" },
      origin: "rule",
      seed: null,
    });
    expect(inference.requests).toEqual([]);
  });

  test("a chain of answers at its bound is not gone on with", async () => {
    const inference = createScriptedInference();
    const due = [message(1, "dev", "And again?", { hops: 8 })];
    const world = turnWorld({ inference, views: [viewOf()], actor: "ana", role: "analyst", due });
    await world.runner.run(conversation, running());
    const offered = inference.requests.flatMap((r) => ("options" in r ? r.options.map((o) => o.id) : []));
    expect(offered).toEqual(["remember", "wait"]);
  });
});

describe("a turn that does not go through", () => {
  test("is refused at the gate when the state has moved on, on record with the article, and has no effect", async () => {
    const inference = createScriptedInference({ choose: () => `vote:${idOf(10)}:yes` });
    const closed = voting({ proposals: [proposal(10, { state: "accepted" })] });
    const world = turnWorld({ inference, views: [voting(), closed], actor: "ana", role: "analyst" });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    expect(world.applied[0]?.operations.map((o) => o.op)).toEqual(["record_verdict", "record_decision", "finish_turn"]);
    expect(only(world.applied[0]?.operations, "record_verdict")).toMatchObject({
      allowed: false,
      article: "one-ballot",
      action: `vote:${idOf(10)}:yes`,
    });
    expect(world.counters.refused).toBe(1);
  });

  test.each(["conflict", "fenced", "refused"] as const)(
    "ends as failed, on record, when the database says %s",
    async (code) => {
      const inference = createScriptedInference();
      const due = [message(1, "dev", "Hello.")];
      const refusal = new MeshError(code, "Somebody was faster.");
      const world = turnWorld({ inference, views: [voting()], actor: "ana", role: "analyst", due, refusal });
      expect(await world.runner.run(conversation, running())).toBe("failed");
      expect(world.applied).toHaveLength(1);
      expect(world.applied[0]?.callId).toBe(`turn:${turnId}:failed`);
      expect(only(world.applied[0]?.operations, "finish_turn")).toMatchObject({
        failure: `${code}: Somebody was faster.`,
        deliveries: [],
        read: false,
      });
      expect(world.warnings).toHaveLength(1);
    },
  );

  test("stays open, to be resumed, when the database is away", async () => {
    const refusal = new MeshError("unavailable", "The database is away.");
    const world = turnWorld({
      inference: createScriptedInference(),
      views: [voting()],
      actor: "ana",
      role: "analyst",
      refusal,
    });
    expect(await world.runner.run(conversation, running())).toBe("failed");
    expect(world.applied).toEqual([]);
    expect(world.warnings).toHaveLength(1);
  });

  test.each(["choose", "generate"] as const)(
    "ends as failed when inference fails to %s, and leaves what was due",
    async (at) => {
      const inference = createScriptedInference({ [at]: () => scriptedFailure("worker_lost") });
      const due = [message(1, "dev", "Hello.")];
      const world = turnWorld({ inference, views: [voting()], actor: "ana", role: "analyst", due });
      expect(await world.runner.run(conversation, running())).toBe("failed");
      expect(world.applied[0]?.operations.map((o) => o.op)).toEqual(["finish_turn"]);
      const finish = only(world.applied[0]?.operations, "finish_turn");
      expect(finish).toMatchObject({ deliveries: [], read: false, obligation: null });
      expect(finish.failure).toContain("worker_lost");
      expect(finish.tokensIn).toBeGreaterThan(0);
    },
  );

  test("ends as failed, and is not left running, when its prompt cannot be counted", async () => {
    const inference = createScriptedInference(
      {},
      {
        countTokens: () => {
          throw new MeshError("unavailable", "The worker is gone.");
        },
      },
    );
    const due = Array.from({ length: 50 }, (_, i) =>
      message(i + 1, "dev", `Remark ${i}. ${"It goes on. ".repeat(12)}`),
    );
    const world = turnWorld({ inference, views: [voting()], actor: "ana", role: "analyst", due });
    expect(await world.runner.run(conversation, running())).toBe("failed");
    expect(world.applied.map((c) => c.callId)).toEqual([`turn:${turnId}:failed`]);
    expect(only(world.applied[0]?.operations, "finish_turn")).toMatchObject({
      failure: "prompt: The worker is gone.",
      deliveries: [],
      read: false,
    });
    expect(inference.requests).toEqual([]);
  });

  test("no turn begins, and no attempt is counted, while there is no model", async () => {
    const inference = createScriptedInference(
      {},
      { status: () => ({ state: "failed", reason: "the file is truncated" }) },
    );
    const world = turnWorld({ inference, views: [voting()], actor: "ana", role: "analyst" });
    expect(await world.runner.run(conversation, running())).toBe("failed");
    expect(world.calls).not.toContain("beginTurn");
    expect(world.warnings[0]).toContain("the file is truncated");
  });

  test("what happened while the model was loading is seen before the turn begins", async () => {
    let asked = 0;
    const inference = createScriptedInference(
      {},
      {
        status: () =>
          asked++ === 0
            ? { state: "loading", alias: "scripted", progress: 0.5 }
            : { state: "ready", model: someModel, workerPid: 1 },
      },
    );
    const done = voting({ phase: "assign", obligations: [] });
    const world = turnWorld({ inference, views: [voting(), done], actor: "ana", role: "analyst" });
    expect(await world.runner.run(conversation, running())).toBe("idle");
    expect(world.calls).not.toContain("beginTurn");
    expect(inference.requests).toEqual([]);
  });

  test("a model that answers with nothing that was offered moves nothing", async () => {
    const inference = createScriptedInference({ choose: () => ({ [`veto:${idOf(10)}`]: 1, advance: 1 }) });
    const world = turnWorld({ inference, views: [voting()], actor: "ana", role: "analyst" });
    expect(await world.runner.run(conversation, running())).toBe("failed");
    expect(world.applied[0]?.operations.map((o) => o.op)).toEqual(["finish_turn"]);
  });
});

describe("a conversation outside any mission", () => {
  test("is answered by talk alone, the same way", async () => {
    const inference = createScriptedInference(
      { generate: () => ({ text: "I am well." }) },
      { model: { meaningful: true } },
    );
    const due = [message(1, "rob", "How are you?")];
    const world = turnWorld({
      inference,
      views: [undefined],
      actor: "ana",
      role: "analyst",
      due,
    });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    const offered = inference.requests.flatMap((r) => ("options" in r ? r.options.map((o) => o.id) : []));
    expect(offered).toEqual(["say", "wait"]);
    expect(only(world.applied[0]?.operations, "send_message")).toMatchObject({
      text: "I am well.",
      causation: idOf(101),
    });
  });

  test("with nothing due it is left alone", async () => {
    const world = turnWorld({
      inference: createScriptedInference(),
      views: [undefined],
      actor: "ana",
      role: "analyst",
    });
    expect(await world.runner.run(conversation, running())).toBe("idle");
  });
});

test("every prompt repeats the objective in its last words", async () => {
  const inference = createScriptedInference({ choose: () => `vote:${idOf(10)}:yes` });
  await turnWorld({ inference, views: [voting()], actor: "ana", role: "analyst" }).runner.run(conversation, running());
  expect(inference.requests).toHaveLength(2);
  for (const request of inference.requests) {
    const last = request.messages.at(-1)?.text.split("\n").at(-1) ?? "";
    expect(last).toContain(`Objective: "${viewOf().objective}"`);
  }
});

test("what was said to one other member is not shown", async () => {
  const inference = createScriptedInference();
  const tail = [message(1, "lea", "For dev alone.", { recipient: "dev" }), message(2, "lea", "For all of us.")];
  await turnWorld({ inference, views: [voting()], actor: "ana", role: "analyst", tail }).runner.run(
    conversation,
    running(),
  );
  const text = inference.requests[0]?.messages[1]?.text ?? "";
  expect(text).toContain("For all of us.");
  expect(text).not.toContain("For dev alone.");
});

test("a crowd of due messages is read in one turn, as long as the model's context holds it", async () => {
  const inference = createScriptedInference({ choose: () => "wait" });
  const due = Array.from({ length: 60 }, (_, i) =>
    message(i + 1, "dev", `Remark ${i}: ${"it goes on and on. ".repeat(9)}`),
  );
  const members = [...team, member("dan", "developer")];
  const world = turnWorld({ inference, views: [viewOf({ members })], actor: "ana", role: "analyst", due });
  await world.runner.run(conversation, running());
  expect(only(world.applied[0]?.operations, "finish_turn").deliveries).toEqual(due.map((m) => m.id));
});
