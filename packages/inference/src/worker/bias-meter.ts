/**
 * What each sentence scores without the case at hand: its bias in this model.
 *
 * 1. One run measures at a time. Those that wait look into the store again when it is their turn: three actors that
 *    choose at once measure once, and one takes over where another was aborted or failed.
 * 2. A score is kept as soon as its reference is measured: a run cut short leaves its part to the next.
 */
import type { ChatMessage } from "@federation/runtime/ports";
import type { TokenCount } from "../protocol/outcome.ts";
import type { BiasStore } from "./bias-store.ts";
import { createSlotPool } from "./slot-pool.ts";

export interface BiasMeter {
  /**
   * @returns each sentence's mean score over the references; 0 without references.
   * @throws the signal's reason when it aborts.
   */
  measure(ask: BiasAsk): Promise<readonly number[]>;
}

export interface BiasAsk {
  readonly references: readonly (readonly ChatMessage[])[];
  readonly sentences: readonly string[];
  readonly signal: AbortSignal;
  /** What this run evaluates itself is added; what it waited for is another run's. */
  readonly tokens: TokenCount;
}

export type ScoreReference = (
  reference: readonly ChatMessage[],
  sentences: readonly string[],
  scope: Pick<BiasAsk, "signal" | "tokens">,
) => Promise<readonly number[]>;

export function createBiasMeter(options: {
  /** Never called twice at the same time. */
  readonly score: ScoreReference;
  readonly store: Pick<BiasStore, "get" | "put">;
}): BiasMeter {
  const { score, store } = options;
  const turn = createSlotPool(["measuring"]);

  const missing = (ask: BiasAsk, reference: readonly ChatMessage[]): readonly string[] =>
    ask.sentences.filter((sentence) => store.get(reference, sentence) === undefined);

  const fill = async (ask: BiasAsk): Promise<void> => {
    for (const reference of ask.references) {
      const sentences = missing(ask, reference);
      if (sentences.length === 0) continue;
      const scores = await score(reference, sentences, ask);
      for (const [index, sentence] of sentences.entries()) store.put(reference, sentence, scores[index] ?? 0);
    }
  };

  return {
    measure: async (ask) => {
      const { references, sentences, signal } = ask;
      if (references.some((reference) => missing(ask, reference).length > 0)) {
        const lease = await turn.acquire("", signal);
        try {
          await fill(ask);
        } finally {
          lease.release();
        }
      }
      return sentences.map((sentence) => {
        const sum = references.reduce((total, reference) => total + (store.get(reference, sentence) ?? 0), 0);
        return references.length === 0 ? 0 : sum / references.length;
      });
    },
  };
}
