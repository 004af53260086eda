import { duty, idOf, proposal, viewOf } from "@federation/core/testing";
import { createScriptedInference, scriptedFailure } from "@federation/testkit/scripted-inference";
import { describe, expect, test } from "vitest";
import { conversation, only, running } from "./testing/turn-cases.ts";
import { turnWorld } from "./testing/turn-world.ts";

describe("an answer that is none", () => {
  const report = viewOf({
    phase: "synthesise",
    proposals: [proposal(10, { state: "accepted" })],
    obligations: [duty("lea", "report", null, { turnsUsed: 2 })],
  });
  const echo = { text: "Retry with doubling pauses and jitter." };
  const own = { text: "The team wrote down how the relay stops." };

  test("is asked for again under another seed", async () => {
    let asked = 0;
    const inference = createScriptedInference(
      { generate: () => (asked++ === 0 ? echo : own) },
      { model: { meaningful: true } },
    );
    const world = turnWorld({ inference, views: [report], actor: "lea", role: "lead" });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    const requests = inference.requests.filter((r) => "sampling" in r);
    expect(new Set(requests.map((r) => r.sampling.seed)).size).toBe(2);
    expect(new Set(requests.map((r) => r.id)).size).toBe(2);
    expect(only(world.applied[0]?.operations, "record_decision").rejectedAnswers).toBe(1);
    expect(only(world.applied[0]?.operations, "report").text).toBe(own.text);
  });

  test("that copies its example is asked for again with another example", async () => {
    const copied: string[] = [];
    const inference = createScriptedInference(
      {
        generate: ({ messages }) => {
          copied.push(messages[2]?.text ?? "");
          return copied.length === 1 ? { text: String(Object.values(JSON.parse(copied[0] ?? "{}"))[0]) } : own;
        },
      },
      { model: { meaningful: true } },
    );
    const world = turnWorld({ inference, views: [report], actor: "lea", role: "lead" });
    await world.runner.run(conversation, running());
    expect(new Set(copied).size).toBe(2);
    expect(only(world.applied[0]?.operations, "report").text).toBe(own.text);
  });

  test("is given up after two retries as no contribution: on record, without effect, and the duty's turn counts", async () => {
    const inference = createScriptedInference({ generate: () => echo }, { model: { meaningful: true } });
    const world = turnWorld({ inference, views: [report], actor: "lea", role: "lead" });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    expect(inference.requests).toHaveLength(3);
    expect(world.applied[0]?.operations.map((o) => o.op)).toEqual(["record_decision", "finish_turn"]);
    expect(only(world.applied[0]?.operations, "record_decision")).toMatchObject({
      rejectedAnswers: 3,
      note: "no contribution: echo, echo, echo",
    });
    expect(only(world.applied[0]?.operations, "finish_turn")).toMatchObject({ obligation: idOf(40), failure: null });
  });

  test("broken output counts as such an answer, not as a model that is away", async () => {
    const inference = createScriptedInference({ generate: () => scriptedFailure("output_invalid") });
    const world = turnWorld({ inference, views: [report], actor: "lea", role: "lead" });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    expect(only(world.applied[0]?.operations, "record_decision").note).toBe(
      "no contribution: malformed, malformed, malformed",
    );
  });

  test("the fixture model's words are taken as they are", async () => {
    const inference = createScriptedInference({ generate: () => echo }, { model: { meaningful: false } });
    const world = turnWorld({ inference, views: [report], actor: "lea", role: "lead" });
    await world.runner.run(conversation, running());
    expect(only(world.applied[0]?.operations, "report").text).toBe(echo.text);
  });
});
