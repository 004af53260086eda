import type { MissionKind, Words } from "@federation/core";
import type { Inference, LoadedModel, StopSignal } from "../ports/index.ts";
import { answerShape, wordsFrom } from "./answer-shape.ts";
import { wordsAsk } from "./asks.ts";
import { exampleFor } from "./examples.ts";
import { type Flaw, judgeAnswer } from "./judge-answer.ts";
import { hasWords, type ModelKind } from "./model-heads.ts";
import { hashHex, type SeedParts, turnSeed, wordSampling } from "./sampling.ts";
import { orStopped, type Spent, spend } from "./spent.ts";
import { type TurnPrompt, wordsPrompt } from "./turn-prompt.ts";

/**
 * The words of a chosen action.
 *
 * 1. They are the model's or there are none: canned text never fills the gap.
 * 2. An answer with a flaw is asked for again at most twice, under another seed; after a copy, with another example.
 */
export const MAX_RETRIES = 2;

export interface WordsCase {
  readonly inference: Inference;
  readonly actor: string;
  readonly turn: string;
  readonly model: Pick<LoadedModel, "style" | "meaningful">;
  readonly kind: ModelKind;
  /** Where it is said. */
  readonly about: MissionKind;
  readonly prompt: TurnPrompt;
  /** The sentence of the action that was chosen. */
  readonly decided: string;
  readonly objective: string;
  /** Texts that an answer of this kind may repeat. */
  readonly mayRepeat: readonly string[];
  /** What an answer must have to do with; empty where that cannot be told. */
  readonly judgedBy: string;
  readonly seeds: SeedParts;
  readonly deadlineMs: number;
  readonly signal: StopSignal;
  readonly spent: Spent;
}

export type RejectedAnswer = Flaw | "malformed";

export type WordsEnd =
  | { readonly end: "words"; readonly words: Words; readonly rejected: readonly RejectedAnswer[] }
  | { readonly end: "nothing"; readonly rejected: readonly RejectedAnswer[] }
  | { readonly end: "failed"; readonly detail: string; readonly rejected: readonly RejectedAnswer[] }
  | { readonly end: "stopped" };

export async function fillWords(c: WordsCase): Promise<WordsEnd> {
  const { kind } = c;
  if (!hasWords(kind)) return { end: "words", words: {}, rejected: [] };
  const shape = answerShape(kind, c.model.style);
  const names = shape.fields.map((f) => f.name);
  const json = c.model.style === "prose";
  const asked = { about: c.about, kind, fields: names, json };
  const ask = wordsAsk({ ...asked, objective: c.objective });
  let rotation = turnSeed(c.seeds, "example");
  const rejected: RejectedAnswer[] = [];
  for (let retry = 0; retry <= MAX_RETRIES; retry++) {
    const example = exampleFor(asked, rotation);
    const messages = wordsPrompt(c.prompt, example.messages, c.decided, ask);
    const seed = turnSeed(c.seeds, `words:${retry}`);
    const outcome = await orStopped(
      c.inference.generate({
        id: `${c.turn}:words:${retry}:${hashHex(JSON.stringify([messages, shape, seed]))}`,
        actor: c.actor,
        messages,
        output: { kind: "object", fields: shape.fields },
        maxTokens: shape.maxTokens,
        sampling: wordSampling(seed),
        deadlineMs: c.deadlineMs,
      }),
      c.signal,
    );
    if (outcome === "stopped") return { end: "stopped" };
    spend(c.spent, outcome.tokens);
    if (outcome.outcome === "failed") {
      // Broken output is an answer that is no good, not a model that is away.
      if (outcome.reason !== "output_invalid")
        return { end: "failed", detail: `words: ${outcome.reason}: ${outcome.detail}`, rejected };
      rejected.push("malformed");
      continue;
    }
    const words = wordsFrom(kind, outcome.fields);
    const flaw =
      words === undefined
        ? "malformed"
        : judgeAnswer({
            words,
            objective: c.judgedBy,
            quoted: c.prompt.situation.quoted,
            mayRepeat: c.mayRepeat,
            example: example.words,
            meaningful: c.model.meaningful,
          });
    if (flaw === null && words !== undefined) return { end: "words", words, rejected };
    rejected.push(flaw ?? "malformed");
    // Another example costs the whole prompt anew: only one that was copied is replaced.
    if (flaw === "copied_example") rotation += 1;
  }
  return { end: "nothing", rejected };
}
