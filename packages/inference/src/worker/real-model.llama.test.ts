/** Needs the real SmolLM2 weights; pulled once into the user's cache (93 MB). */
import { homedir } from "node:os";
import { join } from "node:path";
import type { ChatMessage } from "@federation/runtime/ports";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultAlias } from "../catalogue/catalogue.ts";
import { pullModel } from "../catalogue/pull-model.ts";
import { resolveModel } from "../catalogue/resolve-model.ts";
import { chooseRequest, sayRequest, startTestNode, type TestNode } from "../test-node.ts";
import { largestDifference } from "./score-cases.ts";

const models = join(homedir(), ".cache", "federation", "models");
const system: ChatMessage = {
  role: "system",
  text: "You are a member of a small software team. Answer in short plain sentences.",
};

let node: TestNode;

beforeAll(async () => {
  await pullModel(defaultAlias, { dir: models });
  node = await startTestNode({}, defaultAlias, models);
  await node.client.whenReady({ deadlineMs: 60_000 });
}, 300_000);

afterAll(() => node?.stop());

test("it reports the model it is", () => {
  expect(node.client.status()).toMatchObject({
    state: "ready",
    model: { alias: defaultAlias, style: "sentences", meaningful: true, backend: "cpu", contextTokens: 4_096 },
  });
});

test("ten of ten answers under the sentence grammar parse and read as sentences", { timeout: 180_000 }, async () => {
  const objective = "Objective: choose a retry policy for the outbox relay and write it down.";
  const asks = ["What should we do next?", "What could go wrong with it?", "How can we prove that it works?"];
  const texts: string[] = [];
  for (let seed = 1; seed <= 10; seed += 1) {
    const outcome = await node.client.generate(
      sayRequest({
        messages: [system, { role: "user", text: `${objective} ${asks[seed % asks.length]}` }],
        sampling: { temperature: 0.7, topP: 0.95, minP: 0.05, seed },
        deadlineMs: 60_000,
      }),
    );
    if (outcome.outcome !== "complete") throw new Error(`Seed ${seed}: ${outcome.reason}, ${outcome.detail}`);
    texts.push(String(outcome.fields["say"]));
  }
  process.stdout.write(`${texts.join("\n")}\n`);
  for (const text of texts) {
    expect(text).toMatch(/^[A-Z][^{}[\]%<>]*[.?]$/);
    expect(text).not.toMatch(/\{%|\[Your Name\]|\d{5}/);
    // Readable: common little words of English are there, and no word is said four times running.
    expect(text).toMatch(/\b(?:the|a|to|of|and|is|we|it|that|for)\b/i);
    expect(text).not.toMatch(/\b(\w+)(?:\W+\1\b){3}/i);
  }
  expect(new Set(texts).size).toBe(10);
});

test("scores walked as a tree are those read token by token from all probabilities", {
  timeout: 120_000,
}, async () => {
  const model = await resolveModel(defaultAlias, { dir: models });
  // Batches of another size end in other last bits of a logit.
  expect(await largestDifference(model, node.dir)).toBeLessThan(0.02);
});

test("a choice prefers the sentence that answers, wherever it stands", { timeout: 120_000 }, async () => {
  const cases = [
    {
      question: "What is the capital of France?",
      answer: "The capital of France is Paris.",
      others: ["I like to swim in the sea.", "The report will be ready on Monday."],
    },
    {
      question: "May I use your bicycle tomorrow?",
      answer: "Yes, you may use my bicycle tomorrow.",
      others: ["The database has three tables.", "Plants need water and light."],
    },
  ];
  const references = ["Tell me something.", "What do you think?", "Please go on."].map((text): ChatMessage[] => [
    system,
    { role: "user", text },
  ]);
  for (const { question, answer, others } of cases) {
    for (let place = 0; place < 3; place += 1) {
      const sentences = others.toSpliced(place, 0, answer);
      const outcome = await node.client.choose(
        chooseRequest({
          messages: [system, { role: "user", text: question }],
          options: sentences.map((sentence, index) => ({ id: `${index}`, sentence })),
          references,
          deadlineMs: 60_000,
        }),
      );
      if (outcome.outcome !== "complete") throw new Error(outcome.detail);
      const best = outcome.probabilities.toSorted((a, b) => b.probability - a.probability)[0];
      expect(sentences[Number(best?.id)]).toBe(answer);
      expect(best?.probability).toBeGreaterThan(0.8);
    }
  }
});

test("a prefix known and a bias measured make the next choice cheaper than the first", {
  timeout: 120_000,
}, async () => {
  const messages: ChatMessage[] = [
    system,
    { role: "user", text: "The relay lost two messages this night. Who should act now?" },
  ];
  const request = chooseRequest({
    messages,
    actor: "timing",
    references: [[system, { role: "user", text: "Say what you see." }]],
    deadlineMs: 60_000,
  });
  const first = await node.client.choose(request);
  const second = await node.client.choose({ ...request, id: `${request.id}-2` });
  const answer = await node.client.generate(sayRequest({ messages, actor: "timing", deadlineMs: 60_000 }));
  if (first.outcome !== "complete" || second.outcome !== "complete" || answer.outcome !== "complete") {
    throw new Error("A request failed.");
  }
  process.stdout.write(
    `choice cold : warm : one answer = ${(first.durationMs / second.durationMs).toFixed(1)} : 1 : ` +
      `${(answer.durationMs / second.durationMs).toFixed(1)}; ${(answer.tokens.output / (answer.durationMs / 1_000)).toFixed(0)} tokens/s\n`,
  );
  expect(second.tokens.input).toBeLessThan(first.tokens.input / 2);
  expect(second.durationMs).toBeLessThan(first.durationMs);
});
