import { type ActionHead, headKey, type MissionView } from "@federation/core";
import type { ChatMessage, Inference, StopSignal } from "../ports/index.ts";
import { choiceReferences } from "./references.ts";
import { CHOICE_TEMPERATURE, draw, hashHex } from "./sampling.ts";
import { sentenceOf } from "./sentences.ts";
import { orStopped, type Spent, spend } from "./spent.ts";

/**
 * The model's choice among lawful heads.
 *
 * 1. Only an offered head can come out, whatever the model or its adapter answers.
 * 2. The probabilities are the model's, the draw is seeded: what was likely and what was drawn are both on record.
 */
export interface ChoiceCase {
  readonly inference: Inference;
  readonly actor: string;
  readonly turn: string;
  readonly view: MissionView;
  readonly heads: readonly ActionHead[];
  readonly messages: readonly ChatMessage[];
  readonly seed: number;
  readonly deadlineMs: number;
  readonly signal: StopSignal;
  readonly spent: Spent;
}

export type ChoiceEnd =
  | { readonly end: "chosen"; readonly head: ActionHead; readonly probabilities: Readonly<Record<string, number>> }
  | { readonly end: "failed"; readonly detail: string }
  | { readonly end: "stopped" };

export async function chooseAction(c: ChoiceCase): Promise<ChoiceEnd> {
  const options = c.heads.map((head) => ({ id: headKey(head), sentence: sentenceOf(c.view, head) }));
  const payload = hashHex(JSON.stringify([c.messages, options]));
  const outcome = await orStopped(
    c.inference.choose({
      id: `${c.turn}:choose:${payload}`,
      actor: c.actor,
      messages: c.messages,
      options,
      references: choiceReferences(c.view),
      temperature: CHOICE_TEMPERATURE,
      deadlineMs: c.deadlineMs,
    }),
    c.signal,
  );
  if (outcome === "stopped") return { end: "stopped" };
  spend(c.spent, outcome.tokens);
  if (outcome.outcome === "failed") return { end: "failed", detail: `choice: ${outcome.reason}: ${outcome.detail}` };
  const weightOf = new Map(outcome.probabilities.map((p) => [p.id, p.probability]));
  const weights = options.map((o) => weightOf.get(o.id) ?? 0);
  const index = draw(weights, c.seed);
  const head = index === undefined ? undefined : c.heads[index];
  if (head === undefined) return { end: "failed", detail: "choice: the model gave no probability to any option" };
  const rounded = options.map((o, i): readonly [string, number] => [o.id, Math.round((weights[i] ?? 0) * 1e4) / 1e4]);
  return { end: "chosen", head, probabilities: Object.fromEntries(rounded) };
}
