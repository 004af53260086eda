import { randomUUID } from "node:crypto";
import { createScriptedInference } from "@federation/testkit/scripted-inference";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseRequest, longRequest, sayRequest, startTestNode, type TestNode } from "../test-node.ts";
import { inferenceContract } from "../testing/inference-contract.ts";

const sentence = /^[A-Z][a-zA-Z0-9',\- ]*[.?]$/;

let node: TestNode;

beforeAll(async () => {
  node = await startTestNode({ contextTokens: 8_192, sequences: 3 });
  await node.workerPid();
});

afterAll(() => node.stop());

describe("the contract, on the worker's client", () => inferenceContract(() => node.client));
describe("the contract, on the scripted double", () => {
  const scripted = createScriptedInference();
  inferenceContract(() => scripted);
});

describe("generate", () => {
  test("fills every field as the grammar says, under any seed", async () => {
    for (let seed = 0; seed < 8; seed += 1) {
      const outcome = await node.client.generate(
        sayRequest({
          output: {
            kind: "object",
            fields: [
              { name: "say", kind: "sentences", min: 1, max: 2 },
              { name: "kind", kind: "enum", values: ['a "quoted" one', "plain"] },
              { name: "files", kind: "files", maxFiles: 2, maxSentences: 2 },
            ],
          },
          maxTokens: 250,
          sampling: { temperature: 0.9, topP: 0.95, minP: 0, seed },
        }),
      );
      expect(outcome.outcome).toBe("complete");
      if (outcome.outcome !== "complete") return;
      const { say, kind, files } = outcome.fields;
      for (const part of String(say).split(/(?<=[.?]) /)) {
        expect(part).toMatch(sentence);
        const words = part.split(" ").length;
        expect(words).toBeGreaterThanOrEqual(5);
        expect(words).toBeLessThanOrEqual(18);
      }
      expect(['a "quoted" one', "plain"]).toContain(kind);
      expect(Array.isArray(files) && files.length <= 2).toBe(true);
      if (Array.isArray(files)) for (const file of files) expect(file.path).toMatch(/^[a-z0-9-]{2,30}\.[a-z]+$/);
    }
  });

  test("streams exactly the text it returns, and counts its tokens", async () => {
    const pieces: string[] = [];
    const outcome = await node.client.generate(sayRequest({ onText: (piece) => pieces.push(piece) }));
    expect(outcome).toMatchObject({ outcome: "complete", stopped: "end", text: pieces.join("") });
    expect(outcome.tokens.output).toBeGreaterThanOrEqual(5);
    expect(pieces.length).toBeGreaterThan(1);
  });

  test("stops free text at the token limit and says so", async () => {
    const outcome = await node.client.generate(sayRequest({ output: { kind: "text" }, maxTokens: 3 }));
    expect(outcome).toMatchObject({ outcome: "complete", stopped: "max_tokens", tokens: { output: 3 } });
  });

  test("gives the same answer for the same request and seed", async () => {
    const first = await node.client.generate(sayRequest());
    const second = await node.client.generate(sayRequest());
    const other = await node.client.generate(sayRequest({ sampling: { ...sayRequest().sampling, seed: 8 } }));
    if (first.outcome !== "complete" || second.outcome !== "complete" || other.outcome !== "complete") {
      throw new Error("A generation failed.");
    }
    expect(second.text).toBe(first.text);
    expect(other.text).not.toBe(first.text);
  });

  test("does not evaluate a prompt's known beginning again on the actor's next turn", async () => {
    const long = "Each node should keep a record of each message, and each message has one reader. ".repeat(10);
    const first = sayRequest({ actor: "baby", messages: [{ role: "user", text: long }] });
    const before = await node.client.generate(first);
    const after = await node.client.generate(
      sayRequest({
        actor: "baby",
        messages: [
          ...first.messages,
          { role: "assistant", text: "It is done." },
          { role: "user", text: "What is the next step?" },
        ],
      }),
    );
    expect(after.outcome).toBe("complete");
    expect(after.tokens.input).toBeLessThan(before.tokens.input / 3);
  });

  test("generates once for one id, on whichever connection it is asked", async () => {
    const other = node.connect();
    const request = longRequest();
    const pieces: string[] = [];
    let joined: Promise<unknown> | undefined;
    const first = await node.client.generate({
      ...request,
      onText: () => {
        joined ??= other.generate({ ...request, onText: (piece) => pieces.push(piece) });
      },
    });
    expect(await joined).toEqual(first);
    if (first.outcome !== "complete") throw new Error(first.detail);
    expect(pieces.join("")).toBe(first.text);
    // Kept afterwards: the same object to the token and the millisecond.
    expect(await other.generate(request)).toEqual(first);
  });

  test("refuses an id that belongs to another request", async () => {
    const request = sayRequest();
    await node.client.generate(request);
    const outcome = await node.client.generate({ ...request, maxTokens: 60 });
    expect(outcome).toMatchObject({ outcome: "failed", reason: "invalid_request" });
  });

  test("ends at once when aborted, and the sequence serves the next request", async () => {
    const request = longRequest();
    const outcome = await node.client.generate({ ...request, onText: () => node.client.abort(request.id) });
    expect(outcome).toMatchObject({ outcome: "failed", reason: "aborted" });
    expect(outcome.tokens.output).toBeLessThan(500);
    expect(await node.client.generate(sayRequest())).toMatchObject({ outcome: "complete" });
  });

  test("ends at its deadline", async () => {
    const outcome = await node.client.generate(longRequest({ deadlineMs: 150 }));
    expect(outcome).toMatchObject({ outcome: "failed", reason: "deadline" });
  });

  test("refuses and counts what does not fit the context, without evaluating a token", async () => {
    const before = await node.client.report();
    const outcome = await node.client.generate(
      sayRequest({ messages: [{ role: "user", text: "test the plan ".repeat(4_000) }] }),
    );
    expect(outcome).toMatchObject({ outcome: "failed", reason: "context_overflow", tokens: { input: 0, output: 0 } });
    const choice = await node.client.choose(
      chooseRequest({ references: [[{ role: "user", text: "test the plan ".repeat(4_000) }]] }),
    );
    expect(choice).toMatchObject({ outcome: "failed", reason: "context_overflow" });
    expect((await node.client.report()).contextOverflows).toBe(before.contextOverflows + 2);
  });

  test("refuses a request out of bounds, with the field's name", async () => {
    const outcome = await node.client.generate(sayRequest({ maxTokens: -1 }));
    expect(outcome).toMatchObject({ outcome: "failed", reason: "invalid_request" });
    if (outcome.outcome === "failed") expect(outcome.detail).toContain("maxTokens");
  });

  test("refuses fields for which the token limit is too small", async () => {
    const outcome = await node.client.generate(sayRequest({ maxTokens: 12 }));
    expect(outcome).toMatchObject({ outcome: "failed", reason: "invalid_request" });
  });
});

describe("several at a time", () => {
  // That the three overlap is the machine's doing: on a busy one the first may have ended before the third began.
  test("three actors decode in parallel on one worker and are charged apart", { retry: 3 }, async () => {
    const actors = ["par-a", "par-b", "par-c"].map((name) => `${name}-${randomUUID()}`);
    const [first = "", second = "", third = ""] = actors;
    const other = node.connect();
    const started = new Set<string>();
    let together = 0;
    const ask = (actor: string, client = node.client) =>
      client
        .generate(
          longRequest({
            actor,
            onText: () => {
              started.add(actor);
              together = Math.max(together, started.size);
            },
          }),
        )
        .finally(() => started.delete(actor));
    const outcomes = await Promise.all([ask(first), ask(second, other), ask(third, other)]);
    expect(outcomes.map((outcome) => outcome.outcome)).toEqual(["complete", "complete", "complete"]);
    expect(together).toBe(3);
    const { accounts } = await node.client.report();
    for (const [index, actor] of actors.entries()) {
      const account = accounts.find((each) => each.actor === actor);
      expect(account).toMatchObject({ requests: 1, outputTokens: outcomes[index]?.tokens.output });
    }
  });

  test("more requests than sequences wait for their turn, and all are answered", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 9 }, (_, index) => node.client.generate(sayRequest({ actor: `queue-${index}` }))),
    );
    expect(outcomes.every((outcome) => outcome.outcome === "complete")).toBe(true);
  });
});

describe("choose", () => {
  test("gives one probability per option, in order, summing to 1, and the same ones again", async () => {
    const first = await node.client.choose(chooseRequest());
    const second = await node.client.choose(chooseRequest());
    if (first.outcome !== "complete" || second.outcome !== "complete") throw new Error("A choice failed.");
    expect(first.method).toBe("sentence_likelihood");
    expect(first.probabilities.map((each) => each.id)).toEqual(["delegate", "ask", "wait"]);
    expect(first.probabilities.reduce((sum, each) => sum + each.probability, 0)).toBeCloseTo(1, 9);
    for (const [index, each] of second.probabilities.entries()) {
      expect(each.probability).toBeCloseTo(first.probabilities[index]?.probability ?? -1, 2);
    }
  });

  test("measures the bias over the references once", async () => {
    const request = chooseRequest({
      actor: "bias",
      references: [[{ role: "user", text: "A reference that nobody has used before." }]],
    });
    const first = await node.client.choose(request);
    const second = await node.client.choose({ ...request, id: `${request.id}-again` });
    expect(second.outcome).toBe("complete");
    expect(second.tokens.input).toBeLessThan(first.tokens.input / 2);
  });

  test("takes off what a sentence scores without the case at hand", async () => {
    // With the case as its own reference nothing is left of any sentence's score.
    const { messages } = chooseRequest();
    const outcome = await node.client.choose(chooseRequest({ references: [messages] }));
    if (outcome.outcome !== "complete") throw new Error(outcome.detail);
    for (const each of outcome.probabilities) expect(each.probability).toBeCloseTo(1 / 3, 2);
  });
});

describe("counting and embedding", () => {
  test("counts tokens of the loaded vocabulary", async () => {
    expect(await node.client.countTokens("")).toBe(0);
    const one = await node.client.countTokens("We should test the plan.");
    expect(one).toBeGreaterThan(3);
    expect(await node.client.countTokens("We should test the plan. We should test the plan.")).toBeGreaterThan(one);
  });

  test("embeds each text as a unit vector, more of them than one line may carry", async () => {
    const texts = Array.from({ length: 70 }, (_, index) => `text number ${index}`);
    const vectors = await node.client.embed(texts);
    expect(vectors).toHaveLength(70);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    const [again] = await node.client.embed(texts.slice(0, 1));
    expect(again).toEqual(vectors[0]);
  });
});

describe("a client that closes", () => {
  test("ends what waits, refuses what comes, and leaves the worker to the others", async () => {
    const leaving = node.connect();
    await leaving.whenReady({ deadlineMs: 10_000 });
    const waiting = leaving.generate(longRequest());
    await leaving.close();
    expect(await waiting).toMatchObject({ outcome: "failed", reason: "unavailable" });
    expect(await leaving.generate(sayRequest())).toMatchObject({ outcome: "failed", reason: "unavailable" });
    await expect(leaving.countTokens("x")).rejects.toMatchObject({ code: "unavailable" });
    expect(await node.client.generate(sayRequest())).toMatchObject({ outcome: "complete" });
  });
});
