/**
 * One choice among whole sentences.
 *
 * 1. The shared prompt is evaluated once; each sentence is scored from there by the mean log-probability of its
 *    tokens as the assistant's answer.
 * 2. A sentence's mean score over the reference contexts is its bias in this model and is taken off. It is measured
 *    once per model file, reference and sentence.
 * 3. The model's own structured decision is used only where the catalogue says that the model can: small models
 *    answer it by position.
 */
import type { ChooseOutcome } from "@federation/runtime/ports";
import { type ChatHistoryItem, LlamaChatSession, type LlamaContextSequence, type Token } from "node-llama-cpp";
import type { TokenCount } from "../protocol/outcome.ts";
import type { ChooseAsk } from "../protocol/wire.ts";
import type { Engine } from "./engine.ts";
import { scoreSentences } from "./score-sentences.ts";

export interface ChooseRun {
  readonly engine: Engine;
  readonly sequence: LlamaContextSequence;
  readonly prompt: readonly Token[];
  readonly ask: ChooseAsk;
  /** One per option, in order; none where the library decides. */
  readonly biases: readonly number[];
  readonly signal: AbortSignal;
  readonly tokens: TokenCount;
}

export async function runChoose(run: ChooseRun): Promise<ChooseOutcome> {
  const startedMs = performance.now();
  const byLibrary = run.engine.choice === "library_decision";
  const probabilities = byLibrary ? await decideByLibrary(run) : await chooseByLikelihood(run);
  return {
    outcome: "complete",
    probabilities: run.ask.options.map((option, index) => ({ id: option.id, probability: probabilities[index] ?? 0 })),
    method: byLibrary ? "library_decision" : "sentence_likelihood",
    tokens: { ...run.tokens },
    durationMs: performance.now() - startedMs,
  };
}

async function chooseByLikelihood(run: ChooseRun): Promise<readonly number[]> {
  const sentences = run.ask.options.map((option) => option.sentence);
  const scores = await scoreSentences(run, run.prompt, sentences);
  return softmax(
    scores.map((score, index) => score - (run.biases[index] ?? 0)),
    run.ask.temperature,
  );
}

async function decideByLibrary(run: ChooseRun): Promise<readonly number[]> {
  const { engine, sequence, ask, signal, tokens } = run;
  const session = new LlamaChatSession({
    contextSequence: sequence,
    chatWrapper: engine.chatWrapper,
    autoDisposeSequence: false,
  });
  try {
    session.setChatHistory(
      ask.messages.map((message): ChatHistoryItem => {
        if (message.role === "assistant") return { type: "model", response: [message.text] };
        return message.role === "system"
          ? { type: "system", text: message.text }
          : { type: "user", text: message.text };
      }),
    );
    // Keys of our own: an option id such as "1" would change the order of an object's keys.
    const criteria = Object.fromEntries(ask.options.map((option, index) => [`o${index}`, option.sentence]));
    const { answers, tokenUsage } = await session.decideWithMeta(
      { answer: { type: "choice", instruction: "Which of these sentences is your answer?", criteria } },
      { signal },
    );
    tokens.input += tokenUsage.input;
    tokens.output += tokenUsage.output;
    engine.progress.tokens += tokenUsage.input + tokenUsage.output;
    const found = ask.options.map((_, index) => answers.answer.probabilities[`o${index}`] ?? 0);
    const total = found.reduce((sum, value) => sum + value, 0);
    // These are probabilities already: the temperature belongs to log-likelihoods and is not applied.
    return found.map((value) => (total > 0 ? value / total : 1 / found.length));
  } finally {
    session.dispose({ disposeSequence: false });
  }
}

function softmax(scores: readonly number[], temperature: number): readonly number[] {
  const best = Math.max(...scores);
  const weights = scores.map((score) => Math.exp((score - best) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
