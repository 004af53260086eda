import type { MissionView } from "@federation/core";
import type { ChatMessage, Inference, StopSignal } from "../ports/index.ts";
import { choiceReferences } from "./references.ts";
import { CHOICE_TEMPERATURE, draw, hashHex } from "./sampling.ts";
import { orStopped, type Spent, spend } from "./spent.ts";

/**
 * A model's choice among sentences: of what to do, and of what a result rests on.
 *
 * 1. Only an offered option can come out, whatever the model or its adapter answers.
 * 2. The probabilities are the model's, the draw is seeded: what was likely and what was drawn are both on record.
 */
export interface ChoiceCase<T> {
  readonly inference: Inference;
  readonly actor: string;
  readonly turn: string;
  /** Names the choice among those of the turn. */
  readonly purpose: "choose" | "evidence";
  readonly view: MissionView;
  readonly options: readonly Option<T>[];
  readonly messages: readonly ChatMessage[];
  readonly seed: number;
  readonly deadlineMs: number;
  readonly signal: StopSignal;
  readonly spent: Spent;
}

export interface Option<T> {
  readonly id: string;
  /** In the first person, whole, and different from those of the others. */
  readonly sentence: string;
  readonly value: T;
}

export type ChoiceEnd<T> =
  | { readonly end: "chosen"; readonly value: T; readonly probabilities: Readonly<Record<string, number>> }
  | { readonly end: "failed"; readonly detail: string }
  | { readonly end: "stopped" };

export async function chooseOne<T>(c: ChoiceCase<T>): Promise<ChoiceEnd<T>> {
  const options = c.options.map(({ id, sentence }) => ({ id, sentence }));
  const payload = hashHex(JSON.stringify([c.messages, options]));
  const outcome = await orStopped(
    c.inference.choose({
      id: `${c.turn}:${c.purpose}:${payload}`,
      actor: c.actor,
      messages: c.messages,
      options,
      references: choiceReferences(c.view, c.purpose),
      temperature: CHOICE_TEMPERATURE,
      deadlineMs: c.deadlineMs,
    }),
    c.signal,
  );
  if (outcome === "stopped") return { end: "stopped" };
  spend(c.spent, outcome.tokens);
  const failed = (why: string): ChoiceEnd<T> => ({ end: "failed", detail: `${c.purpose}: ${why}` });
  if (outcome.outcome === "failed") return failed(`${outcome.reason}: ${outcome.detail}`);
  const weightOf = new Map(outcome.probabilities.map((p) => [p.id, p.probability]));
  const weights = options.map((o) => weightOf.get(o.id) ?? 0);
  const index = draw(weights, c.seed);
  const option = index === undefined ? undefined : c.options[index];
  if (option === undefined) return failed("the model gave no probability to any option");
  const rounded = options.map((o, i): readonly [string, number] => [o.id, Math.round((weights[i] ?? 0) * 1e4) / 1e4]);
  return { end: "chosen", value: option.value, probabilities: Object.fromEntries(rounded) };
}
