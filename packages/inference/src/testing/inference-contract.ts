/** What the runtime may count on from any `Inference`: run on the worker's client and on the scripted double alike. */
import type { Inference } from "@federation/runtime/ports";
import { expect, test } from "vitest";
import { chooseRequest, sayRequest } from "../test-node.ts";

export function inferenceContract(get: () => Inference): void {
  test("is ready with a named model, or says why not, by the deadline", async () => {
    const status = await get().whenReady({ deadlineMs: 30_000 });
    expect(status).toMatchObject({ state: "ready", model: { contextTokens: expect.any(Number) } });
    expect(get().status()).toEqual(status);
  });

  test("fills the fields that were asked for, each with its kind of value, and no others", async () => {
    const outcome = await get().generate(
      sayRequest({
        maxTokens: 250,
        output: {
          kind: "object",
          fields: [
            { name: "say", kind: "sentences", min: 1, max: 2 },
            { name: "kind", kind: "enum", values: ["note", "plan"] },
            { name: "files", kind: "files", maxFiles: 1, maxSentences: 2 },
          ],
        },
      }),
    );
    if (outcome.outcome !== "complete") throw new Error(outcome.detail);
    expect(Object.keys(outcome.fields)).toEqual(["say", "kind", "files"]);
    expect(outcome.fields).toMatchObject({ say: expect.stringMatching(/\w/), files: expect.any(Array) });
    expect(["note", "plan"]).toContain(outcome.fields["kind"]);
    expect(JSON.parse(outcome.text)).toEqual(outcome.fields);
    expect(outcome.tokens.output).toBeGreaterThan(0);
  });

  test("gives the same outcome for the same id, whether it is under way or over", async () => {
    const words = sayRequest();
    const [first, second] = await Promise.all([get().generate(words), get().generate(words)]);
    expect(second).toEqual(first);
    expect(await get().generate(words)).toEqual(first);
    const choice = chooseRequest();
    const chosen = await get().choose(choice);
    expect(await get().choose(choice)).toEqual(chosen);
  });

  test("weighs offered options only, with weights that sum to 1", async () => {
    const request = chooseRequest();
    const outcome = await get().choose(request);
    if (outcome.outcome !== "complete") throw new Error(outcome.detail);
    const offered = request.options.map((option) => option.id);
    for (const { id, probability } of outcome.probabilities) {
      expect(offered).toContain(id);
      expect(probability).toBeGreaterThanOrEqual(0);
    }
    expect(outcome.probabilities.reduce((sum, each) => sum + each.probability, 0)).toBeCloseTo(1, 9);
  });

  test("counts nothing for nothing and more for more; embeds to unit length; aborts what is not there without a word", async () => {
    expect(await get().countTokens("")).toBe(0);
    expect(await get().countTokens("one two three four five")).toBeGreaterThan(await get().countTokens("one"));
    const vectors = await get().embed(["one", "two"]);
    expect(vectors).toHaveLength(2);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(get().abort("nobody asked this")).toBeUndefined();
  });
}
