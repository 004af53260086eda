import type { ChatMessage, Inference, LoadedModel } from "../ports/index.ts";
import { composeSituation, type Scene, type Situation } from "./context.ts";
import { CHARS_PER_TOKEN, estimator, utf8Bytes } from "./fit-text.ts";

/**
 * The prompt of a turn within the model's context.
 *
 * 1. Counting costs a call, so a prompt is estimated by its characters, and counted once only where its bytes say that
 *    it might not fit.
 * 2. Small models are given little: their attention and one slow core are the limit, not their context.
 */
const TARGET_TOKENS = { sentences: 280, prose: 5_000 } as const;
/** Due messages beyond these widen the prompt: all of them are to be read in one turn. */
const DUE_WITHIN_TARGET = 4;
const TOKENS_PER_DUE = 40;
/** Example, objective, ask, template marks. */
const AROUND = 320;
/** Longest answer asked of a model of each style. */
const ANSWER = { sentences: 320, prose: 2_400 } as const;

export interface TurnPrompt {
  readonly system: string;
  readonly situation: Situation;
}

/**
 * The prompt of a choice, of what to do or of what a result rests on. No example: it would lean the choice, and the
 * references have none.
 */
export function choicePrompt({ system, situation }: TurnPrompt, ask: string): readonly ChatMessage[] {
  return [
    { role: "system", text: system },
    { role: "user", text: `${situation.text}\n${ask}` },
  ];
}

/**
 * The prompt of the words: an example exchange, then the situation with what was decided. The example stands before
 * the situation: right before the ask it was copied from in nine of ten answers, and what the prefix cache then saves
 * is spent on retries.
 */
export function wordsPrompt(
  { system, situation }: TurnPrompt,
  example: readonly ChatMessage[],
  decided: string,
  ask: string,
): readonly ChatMessage[] {
  return [
    { role: "system", text: system },
    ...example,
    { role: "user", text: `${situation.text}\nYou decided: ${decided}\n${ask}` },
  ];
}

export async function composePrompt(
  inference: Pick<Inference, "countTokens">,
  model: Pick<LoadedModel, "style" | "contextTokens">,
  system: string,
  scene: Scene,
): Promise<TurnPrompt> {
  const objective = utf8Bytes(scene.view.objective);
  const answer = Math.min(ANSWER[model.style], model.contextTokens / 2);
  const hard = Math.max(128, model.contextTokens - answer - AROUND - objective);
  const crowd = Math.max(0, scene.due.length - DUE_WITHIN_TARGET) * TOKENS_PER_DUE;
  const target = Math.min(TARGET_TOKENS[model.style] + crowd, hard);
  const compose = (charsPerToken: number): TurnPrompt => {
    const count = estimator(charsPerToken);
    return { system, situation: composeSituation(scene, Math.max(0, target - count(system)), count) };
  };
  const prompt = compose(CHARS_PER_TOKEN);
  const whole = `${system}\n${prompt.situation.text}`;
  if (utf8Bytes(whole) <= hard) return prompt;
  const tokens = await inference.countTokens(whole);
  if (tokens <= hard) return prompt;
  // Denser than prose: compose again by the density that was measured, a little to the safe side.
  return compose(Math.max(0.25, (CHARS_PER_TOKEN * hard * 0.9) / tokens));
}
