/** The ways of a larger model (free JSON text, structured decisions), run on the fixture model. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveModel } from "../catalogue/resolve-model.ts";
import { chooseRequest, sayRequest, startTestNode, type TestNode } from "../test-node.ts";

let dir: string;
let node: TestNode;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fi-"));
  const model = await resolveModel("fixture", { dir, style: "prose", choice: "library_decision" });
  node = await startTestNode({ model: { ...model, template: "auto" } });
  await node.workerPid();
});

afterAll(async () => {
  await node.stop();
  await rm(dir, { recursive: true });
});

test("free text and files stay within their bounds, whatever is sampled", async () => {
  let files = 0;
  for (let seed = 0; seed < 12; seed += 1) {
    const outcome = await node.client.generate(
      sayRequest({
        output: {
          kind: "object",
          fields: [
            { name: "say", kind: "sentences", min: 1, max: 4 },
            { name: "files", kind: "files", maxFiles: 2, maxSentences: 3 },
          ],
        },
        maxTokens: 1_200,
        sampling: { temperature: 1.2, topP: 1, minP: 0, seed },
      }),
    );
    if (outcome.outcome !== "complete") throw new Error(`${seed}: ${outcome.reason}, ${outcome.detail}`);
    expect(String(outcome.fields["say"]).length).toBeGreaterThanOrEqual(12);
    expect(String(outcome.fields["say"]).length).toBeLessThanOrEqual(4 * 18 * 7 + 100);
    const list = outcome.fields["files"];
    if (!Array.isArray(list)) throw new Error("files is no list");
    files += list.length;
  }
  expect(files).toBeGreaterThan(0);
});

test("the longest text that may be asked for still makes a grammar", async () => {
  const outcome = await node.client.generate(
    sayRequest({
      output: { kind: "object", fields: [{ name: "say", kind: "sentences", min: 1, max: 64 }] },
      maxTokens: 3_500,
    }),
  );
  expect(outcome.outcome).toBe("complete");
});

test("the library's decision gives probabilities per option, in order, and leaves the sequence usable", async () => {
  const outcome = await node.client.choose(chooseRequest());
  if (outcome.outcome !== "complete") throw new Error(outcome.detail);
  expect(outcome.method).toBe("library_decision");
  expect(outcome.probabilities.map((each) => each.id)).toEqual(["delegate", "ask", "wait"]);
  expect(outcome.probabilities.reduce((sum, each) => sum + each.probability, 0)).toBeCloseTo(1, 6);
  expect(await node.client.generate(sayRequest())).toMatchObject({ outcome: "complete" });
});
