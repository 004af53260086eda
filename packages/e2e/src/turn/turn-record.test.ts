import { MeshError } from "@federation/core";
import { duty, idOf, message, proposal, task, viewOf } from "@federation/core/testing";
import { createScriptedInference, scriptedFailure } from "@federation/testkit/scripted-inference";
import { describe, expect, test } from "vitest";
import { conversation, only, running, voting } from "./testing/turn-cases.ts";
import { type TurnWorldOptions, turnWorld } from "./testing/turn-world.ts";

/** How a turn ends, and what its one transaction puts on record of what its model was given. */
async function finish(over: Partial<TurnWorldOptions> & Pick<TurnWorldOptions, "inference">) {
  const world = turnWorld({ views: [voting()], actor: "ana", role: "analyst", ...over });
  await world.runner.run(conversation, running());
  return only(world.applied[0]?.operations, "finish_turn");
}

const due = [message(1, "dev", "Please vote.")];
const given = { system: expect.stringContaining("Analyst"), situation: expect.stringContaining("Please vote.") };

describe("what a model was given goes on record", () => {
  test("when the action was refused at the gate", async () => {
    const inference = createScriptedInference({ choose: () => `vote:${idOf(10)}:yes` });
    const closed = voting({ proposals: [proposal(10, { state: "accepted" })] });
    const { record, about } = await finish({ inference, due, views: [voting(), closed] });
    expect(record).toMatchObject({ ...given, read: [idOf(101)], rejected: [] });
    expect(about).toBe(idOf(40));
  });

  test("when it wrote nothing that is an answer, with what was wrong each time", async () => {
    const inference = createScriptedInference({ generate: () => ({ text: "..." }) });
    const { record } = await finish({ inference, due });
    expect(record).toMatchObject({ ...given, rejected: ["empty", "empty", "empty"] });
  });

  test.each(["choose", "generate"] as const)("when inference failed to %s", async (at) => {
    const inference = createScriptedInference({ [at]: () => scriptedFailure("worker_lost") });
    const ended = await finish({ inference, due });
    expect(ended.failure).toContain("worker_lost");
    expect(ended.record).toMatchObject(given);
    // The duty keeps its turn, and the turn was about it all the same.
    expect(ended).toMatchObject({ obligation: null, about: idOf(40) });
  });

  test("when the database refused what it did", async () => {
    const refusal = new MeshError("conflict", "Somebody was faster.");
    expect(await finish({ inference: createScriptedInference(), due, refusal })).toMatchObject({
      failure: "conflict: Somebody was faster.",
      record: given,
    });
  });

  test("with the older messages it was shown, and without those said to another alone", async () => {
    const tail = [
      message(1, "lea", "For dev alone.", { recipient: "dev" }),
      message(2, "lea", "For all of us."),
      message(3, "dev", "For you.", { recipient: "ana" }),
    ];
    const { record } = await finish({ inference: createScriptedInference(), tail, due: tail.slice(2) });
    expect(record?.read).toEqual([idOf(102), idOf(103)]);
    expect(record?.situation).not.toContain("For dev alone.");
  });
});

describe("nothing goes on record", () => {
  test("of a turn that a rule ended", async () => {
    const broke = viewOf({ tokens: 100_000 });
    const ended = await finish({ inference: createScriptedInference(), due, views: [broke] });
    expect(ended).toMatchObject({ model: null, record: null });
  });

  test("where one action was lawful and had no words: its model was asked nothing", async () => {
    const view = viewOf({
      phase: "implement",
      proposals: [proposal(10, { state: "accepted" })],
      tasks: [task(20, { state: "assigned", assignee: "dev" })],
      obligations: [duty("dev", "implement", idOf(20), { turnsUsed: 2 })],
    });
    const inference = createScriptedInference();
    const ended = await finish({ inference, views: [view], actor: "dev", role: "developer" });
    expect(inference.requests).toEqual([]);
    expect(ended).toMatchObject({ obligation: null, about: idOf(40), record: null });
  });

  test("before there was a prompt", async () => {
    const away = {
      countTokens: () => {
        throw new MeshError("unavailable", "The worker is gone.");
      },
    };
    const many = Array.from({ length: 50 }, (_, i) => message(i + 1, "dev", `No. ${i}. ${"It goes on. ".repeat(12)}`));
    const ended = await finish({ inference: createScriptedInference({}, away), due: many });
    expect(ended.failure).toContain("prompt: ");
    expect(ended.record).toBeNull();
  });
});
