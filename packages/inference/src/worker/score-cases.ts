/** For tests: scores the plain way, token by token from the whole vocabulary's probabilities. */
import type { LlamaContextSequence, Token } from "node-llama-cpp";
import { inferenceOptionsSchema } from "../options.ts";
import { type Engine, loadEngine } from "./engine.ts";
import { evaluatePrompt } from "./run-generate.ts";
import { scoreSentences } from "./score-sentences.ts";
import { type ResolvedModel, workerConfigSchema } from "./worker-config.ts";

const scoredSentences = [
  "I ask baby a question.",
  "I ask taichi a question.",
  "I ask.",
  "I wait and say nothing now.",
  "We should test the plan first.",
] as const;

async function plainScore(
  engine: Engine,
  sequence: LlamaContextSequence,
  prompt: readonly Token[],
  sentence: string,
): Promise<number> {
  const signal = new AbortController().signal;
  let token = await evaluatePrompt(engine, sequence, prompt, signal, { input: 0, output: 0 });
  const answer = engine.model.tokenize(sentence);
  let sum = 0;
  for (const next of answer) {
    const [result] = await sequence.controlledEvaluate([[token, { generateNext: { probabilities: true } }]]);
    sum += Math.log(result?.next.probabilities?.get(next) ?? Number.NaN);
    token = next;
  }
  return sum / answer.length;
}

/** Between the two ways, over some sentences that share beginnings and one that is another's beginning. */
export async function largestDifference(model: ResolvedModel, dir: string): Promise<number> {
  const config = workerConfigSchema.parse({
    ...inferenceOptionsSchema.omit({ model: true, style: true, choice: true }).parse({}),
    model,
    socketPath: "none",
    cacheDir: dir,
  });
  const engine = await loadEngine(config, Promise.resolve(""), () => undefined);
  try {
    const sequence = engine.spareSequence;
    if (sequence === undefined) throw new Error("This model does not score sentences.");
    const prompt = engine.renderPrompt([{ role: "user", text: "The relay lost two messages. What do you do now?" }]);
    const scoring = { engine, sequence, signal: new AbortController().signal, tokens: { input: 0, output: 0 } };
    const walked = await scoreSentences(scoring, prompt, scoredSentences);
    let largest = 0;
    for (const [index, sentence] of scoredSentences.entries()) {
      const plain = await plainScore(engine, sequence, prompt, sentence);
      largest = Math.max(largest, Math.abs(plain - (walked[index] ?? Number.NaN)));
    }
    return largest;
  } finally {
    await engine.dispose();
  }
}
