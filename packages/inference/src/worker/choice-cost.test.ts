/** What choices cost, counted in evaluated tokens, on the fixture model. */
import type { ChooseOutcome } from "@federation/runtime/ports";
import { expect, test } from "vitest";
import { chooseRequest, sayRequest, startTestNode, type TestNode } from "../test-node.ts";

async function onFreshNode<T>(run: (node: TestNode) => Promise<T>): Promise<T> {
  const node = await startTestNode({ sequences: 3 });
  try {
    await node.workerPid();
    return await run(node);
  } finally {
    await node.stop();
  }
}

function tokensOf(outcome: ChooseOutcome): number {
  if (outcome.outcome !== "complete") throw new Error(outcome.detail);
  return outcome.tokens.input;
}

function chanceOf(outcome: ChooseOutcome): readonly number[] {
  return outcome.outcome === "complete" ? outcome.probabilities.map((each) => each.probability) : [];
}

test("three first choices at the same time measure the biases once, and all get them", async () => {
  const [alone, warm, single] = await onFreshNode(async ({ client }) => {
    const first = await client.choose(chooseRequest({ actor: "a" }));
    const second = await client.choose(chooseRequest({ actor: "b" }));
    return [tokensOf(first), tokensOf(second), chanceOf(first)];
  });
  expect(alone).toBeGreaterThan(2 * warm);
  await onFreshNode(async ({ client }) => {
    const outcomes = await Promise.all(["a", "b", "c"].map((actor) => client.choose(chooseRequest({ actor }))));
    const spent = outcomes.reduce((sum, outcome) => sum + tokensOf(outcome), 0);
    expect(spent).toBeLessThanOrEqual(alone + 2 * warm);
    for (const outcome of outcomes) {
      chanceOf(outcome).forEach((chance, index) => {
        expect(chance).toBeCloseTo(single[index] ?? Number.NaN, 2);
      });
    }
  });
}, 180_000);

test("measuring biases leaves an actor's own prompt in its sequence", async () => {
  await onFreshNode(async ({ client }) => {
    const say = sayRequest({ actor: "a" });
    const before = await client.generate(say);
    const choice = await client.choose(chooseRequest({ actor: "a", messages: say.messages }));
    const after = await client.generate(sayRequest({ actor: "a", messages: say.messages }));
    if (before.outcome !== "complete" || after.outcome !== "complete") throw new Error("A request failed.");
    expect(tokensOf(choice)).toBeGreaterThan(0);
    expect(after.tokens.input).toBeLessThan(before.tokens.input / 4);
  });
}, 180_000);
