import type { Duty, MissionKind, MissionView } from "@federation/core";
import type { WordedKind } from "./model-heads.ts";
import { encodeText } from "./quoting.ts";

/**
 * The last words of a prompt: what is asked of the model. The objective stands in every one of them, because a small
 * model drifts away from it at once otherwise.
 */

/** What an actor owes, told to it. */
const dutyWords: Readonly<Record<Duty, string>> = {
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

/** The same in a motion, which has other weight. */
const motionDutyWords: Partial<Record<Duty, string>> = {
  critique: "say what is good or risky in the motion above",
  vote: "vote on the motion above; the vote binds the whole federation",
};

export function dutyInWords(kind: MissionKind, duty: Duty): string {
  return (kind === "motion" ? motionDutyWords[duty] : undefined) ?? dutyWords[duty];
}

export function choiceAsk(objective: string, duty: string | null): string {
  const owed = duty === null ? "" : ` Your duty now: ${duty}.`;
  return `Objective: ${encodeText(objective)}.${owed} What do you do now? Answer with one sentence.`;
}

/** What the words of an action are, told to the model. */
const wanted: Readonly<Record<WordedKind, string>> = {
  say: "Write what you tell the team",
  ask: "Write your question",
  propose: "Write your plan: a title, then what to do first and why",
  critique: "Write your critique: what is missing or risky in that plan",
  vote: "Give the reason for your vote",
  adopt: "Give the reason for your decision",
  assign: "Write what has to be done",
  submit: "Write the result itself: what was decided and how it works",
  accept: "Give the reason why the result is good",
  reject: "Write what has to be changed in the result",
  hand_back: "Give the reason why you hand it back",
  hold: "Write what still has to be discussed",
  report: "Write the final report: what was decided, what was done, what comes next",
  remember: "Write the lesson in your own words",
};

/** Where the words of an action are others than in a mission. */
const wantedElsewhere: Partial<Record<MissionKind, Partial<Record<WordedKind, string>>>> = {
  motion: { critique: "Write your comment on the motion: what is good or risky in it" },
  errand: { submit: "Write the result itself: what was done and how it works" },
};

export interface WordsAsk {
  readonly objective: string;
  readonly about: MissionKind;
  readonly kind: WordedKind;
  readonly fields: readonly string[];
  readonly json: boolean;
}

export function wordsAsk({ objective, about, kind, fields, json }: WordsAsk): string {
  const form = json ? ` Answer with a JSON object with ${fields.map((f) => `"${f}"`).join(", ")}.` : "";
  const what = wantedElsewhere[about]?.[kind] ?? wanted[kind];
  return `Objective: ${encodeText(objective)}. ${what}, in your own words, about this objective.${form}`;
}

/** Asked after the words of a result: what it rests on. */
export function evidenceAsk(view: Pick<MissionView, "objective">, written: string): string {
  return `You wrote: ${encodeText(written)}\nObjective: ${encodeText(view.objective)}. What does your result rest on? Answer with one sentence.`;
}
