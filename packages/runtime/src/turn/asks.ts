import type { ActionKind, Duty } from "@federation/core";
import { encodeText } from "./quoting.ts";

/**
 * The last words of a prompt: what is asked of the model. The objective stands in every one of them, because a small
 * model drifts away from it at once otherwise.
 */

/** What an actor owes, told to it. */
export const dutyWords: Readonly<Record<Duty, string>> = {
  propose: "propose a plan for the objective",
  critique: "criticise the plan of another member",
  vote: "vote on the proposal above",
  adopt: "adopt one of the plans above, since no vote decided",
  assign: "assign the task above to a member",
  implement: "claim the task above and hand in a result",
  review: "check the result above, then accept or reject it",
  report: "write the final report of the mission",
  advance: "close this phase, or hold it open",
};

export function choiceAsk(objective: string, duty: string | null): string {
  const owed = duty === null ? "" : ` Your duty now: ${duty}.`;
  return `Objective: ${encodeText(objective)}.${owed} What do you do now? Answer with one sentence.`;
}

/** What the words of an action are, told to the model. */
const wanted: Readonly<Record<ActionKind, string | null>> = {
  say: "Write what you tell the team",
  ask: "Write your question",
  propose: "Write your plan: a title, then what to do first and why",
  critique: "Write your critique: what is missing or risky in that plan",
  vote: "Give the reason for your vote",
  veto: "Give the reason for your veto",
  adopt: "Give the reason for your decision",
  assign: "Write what has to be done",
  claim: null,
  submit: "Write the result itself: what was decided and how it works",
  accept: "Give the reason why the result is good",
  reject: "Write what has to be changed in the result",
  hand_back: "Give the reason why you hand it back",
  advance: null,
  hold: "Write what still has to be discussed",
  report: "Write the final report: what was decided, what was done, what comes next",
  remember: "Write the lesson in your own words",
  abstain: null,
  wait: null,
};

export function wordsAsk(objective: string, kind: ActionKind, fields: readonly string[], json: boolean): string {
  const form = json ? ` Answer with a JSON object with ${fields.map((f) => `"${f}"`).join(", ")}.` : "";
  const what = wanted[kind] ?? "Write what you have to say";
  return `Objective: ${encodeText(objective)}. ${what}, in your own words, about this objective.${form}`;
}
