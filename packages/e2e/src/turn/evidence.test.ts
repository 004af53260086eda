import type { MissionView, Operation } from "@federation/core";
import { duty, idOf, message, proposal, submission, task, viewOf } from "@federation/core/testing";
import { createScriptedInference, type Script, scriptedFailure } from "@federation/testkit/scripted-inference";
import { describe, expect, test } from "vitest";
import { conversation, only, running } from "./testing/turn-cases.ts";
import { type TurnWorldOptions, turnWorld } from "./testing/turn-world.ts";

const held = { state: "claimed", assignee: "dev", holder: "dev", fence: 2, leaseLive: true } as const;
const submit = `submit:${idOf(20)}`;
const decidedProposal = `proposal:${idOf(10)}`;
const spoken = [message(1, "ana", "Name a bound.", { kind: "critique" }), message(2, "lea", "Write one page.")];

/** dev holds the task, and is in the last turn for it: it hands in a result. */
const implementing = (over: Partial<MissionView> = {}): MissionView =>
  viewOf({
    phase: "implement",
    proposals: [proposal(10, { state: "accepted" })],
    tasks: [task(20, { ...held, reassignments: 1 })],
    obligations: [duty("dev", "implement", idOf(20), { turnsUsed: 2 })],
    ...over,
  });

const result = { text: "The relay doubles its pause.", files: [{ path: "policy.md", content: "# Policy" }] };

function holding(script: Script, over: Partial<TurnWorldOptions> = {}) {
  const inference = createScriptedInference({ generate: () => result, ...script });
  const options = { inference, views: [implementing()], actor: "dev", role: "developer", tail: spoken } as const;
  return { inference, world: turnWorld({ ...options, ...over }) };
}

const decisionsOf = (operations: readonly Operation[] | undefined) =>
  (operations ?? []).filter((o) => o.op === "record_decision");

describe("what a result rests on", () => {
  test("is chosen after its words, among what is there, and stands on record with what was likely", async () => {
    const { inference, world } = holding({
      choose: () => ({ [`message:${idOf(101)}`]: 0.9, "file:policy.md": 0.1, "commit:none": 7 }),
    });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    expect(inference.requests.map((r) => r.id.split(":")[1])).toEqual(["words", "evidence"]);
    const [, asked] = inference.requests;
    expect(asked !== undefined && "options" in asked ? asked.options.map((o) => o.sentence) : []).toEqual([
      "My result rests on the proposal that was decided.",
      "My result rests on the file that I hand in.",
      "My result rests on the critique of ana.",
      "My result rests on the message of lea.",
    ]);
    const operations = world.applied[0]?.operations;
    expect(only(operations, "submit_task")).toMatchObject({ evidence: [`message:${idOf(101)}`], summary: result.text });
    const [what, why] = decisionsOf(operations);
    expect(what).toMatchObject({ head: { kind: "submit", task: idOf(20) }, origin: "model" });
    expect(why).toMatchObject({
      head: { kind: "submit", task: idOf(20), evidence: [`message:${idOf(101)}`] },
      origin: "model",
      probabilities: {
        [decidedProposal]: 0,
        "file:policy.md": 0.1,
        [`message:${idOf(101)}`]: 0.9,
        [`message:${idOf(102)}`]: 0,
      },
      seed: expect.any(Number),
      note: "what the result rests on",
    });
    expect(only(operations, "record_verdict")).toMatchObject({ allowed: true });
    expect(only(operations, "close_obligation")).toMatchObject({ obligation: idOf(40), as: "met" });
  });

  test("is asked with the prompt of the choice, what was written, and nothing else", async () => {
    const { inference, world } = holding(
      { choose: ({ options }) => options.find((o) => o.id === submit)?.id ?? options[0]?.id ?? "" },
      {
        views: [implementing({ obligations: [duty("dev", "implement", idOf(20))] })],
      },
    );
    await world.runner.run(conversation, running());
    const [choice, , evidence] = inference.requests;
    expect(evidence?.messages[0]).toEqual(choice?.messages[0]);
    const before = choice?.messages[1]?.text.split("\nObjective:")[0] ?? "?";
    expect(evidence?.messages).toHaveLength(2);
    expect(evidence?.messages[1]?.text).toBe(
      `${before}\nYou wrote: "The relay doubles its pause."\nObjective: "${viewOf().objective}". What does your result rest on? Answer with one sentence.`,
    );
  });

  test("is not asked where there is one thing only, and the record says that a rule decided", async () => {
    const { inference, world } = holding({ generate: () => ({ text: result.text, files: [] }) }, { tail: [] });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    expect(inference.requests.map((r) => "options" in r)).toEqual([false]);
    const operations = world.applied[0]?.operations;
    expect(only(operations, "submit_task").evidence).toEqual([decidedProposal]);
    expect(decisionsOf(operations)[1]).toMatchObject({ origin: "rule", probabilities: null, seed: null });
  });

  test("is not asked while the article is off", async () => {
    const off = implementing({ articlesOff: ["truthful-completion"] });
    const { inference, world } = holding({}, { views: [off] });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    expect(inference.requests.map((r) => "options" in r)).toEqual([false]);
    expect(only(world.applied[0]?.operations, "submit_task").evidence).toEqual([]);
    expect(decisionsOf(world.applied[0]?.operations)).toHaveLength(1);
  });

  test("is more than one thing where the charter wants more, by the model's own ranking and one choice", async () => {
    const wants = (minEvidence: number): MissionView =>
      implementing({ parameters: { ...viewOf().parameters, "truthful-completion": { minEvidence } } });
    const weights = { "file:policy.md": 1, [decidedProposal]: 0.0001, [`message:${idOf(102)}`]: 0.00005 };
    const two = holding({ choose: () => weights }, { views: [wants(2)] });
    await two.world.runner.run(conversation, running());
    expect(two.inference.requests).toHaveLength(2);
    expect(only(two.world.applied[0]?.operations, "submit_task").evidence).toEqual(["file:policy.md", decidedProposal]);

    const all = holding({}, { views: [wants(4)] });
    await all.world.runner.run(conversation, running());
    expect(all.inference.requests).toHaveLength(1);
    expect(only(all.world.applied[0]?.operations, "submit_task").evidence).toHaveLength(4);
    expect(decisionsOf(all.world.applied[0]?.operations)[1]).toMatchObject({ origin: "rule" });
  });

  test("that is nothing is refused at the gate, on record with the article", async () => {
    const errand = implementing({ kind: "errand", proposals: [], tasks: [task(20, { ...held, proposal: null })] });
    const { world } = holding(
      { generate: () => ({ text: result.text, files: [] }), choose: () => submit },
      { views: [errand], tail: [] },
    );
    expect(await world.runner.run(conversation, running())).toBe("acted");
    const operations = world.applied[0]?.operations;
    expect(operations?.map((o) => o.op)).toEqual(["record_verdict", "record_decision", "finish_turn"]);
    expect(only(operations, "record_verdict")).toMatchObject({ allowed: false, article: "truthful-completion" });
    expect(world.counters.refused).toBe(1);
  });

  test("that the model could not be asked for ends the turn as failed", async () => {
    const { world } = holding({ choose: () => scriptedFailure("worker_lost") });
    expect(await world.runner.run(conversation, running())).toBe("failed");
    expect(only(world.applied[0]?.operations, "finish_turn").failure).toContain("evidence: worker_lost");
  });

  test("is asked for under the same id by a turn that is resumed", async () => {
    const inference = createScriptedInference({ generate: () => result, choose: () => "file:policy.md" });
    const options = { inference, views: [implementing()], actor: "dev", role: "developer", tail: spoken } as const;
    await turnWorld(options).runner.run(conversation, running());
    await turnWorld({ ...options, attempt: 2 }).runner.run(conversation, running());
    expect(inference.requests).toHaveLength(2);
    expect(inference.joined).toEqual(inference.requests.map((r) => r.id));
  });

  test("is not asked of an action that is no result", async () => {
    const review = viewOf({
      phase: "review",
      proposals: [proposal(10, { state: "accepted" })],
      tasks: [task(20, { state: "submitted", assignee: "dev", submission: submission() })],
      obligations: [duty("ana", "review", idOf(20))],
    });
    const inference = createScriptedInference({ choose: () => `accept:${idOf(20)}` });
    const world = turnWorld({ inference, views: [review], actor: "ana", role: "analyst", tail: spoken });
    await world.runner.run(conversation, running());
    expect(inference.requests.some((r) => r.id.includes(":evidence:"))).toBe(false);
  });
});
