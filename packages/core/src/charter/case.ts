import type { ActionHead } from "../actions.ts";
import type { Member, MissionView } from "../mission/view.ts";

/** One action of one actor in one state, before the law. */
export interface Case {
  readonly view: MissionView;
  readonly actor: Member;
  readonly head: ActionHead;
  /** Whether this actor might do another thing here instead: asks all articles. */
  readonly mayInstead: (head: ActionHead) => boolean;
}

export interface Refusal {
  readonly reason: string;
  /** What would be lawful instead, for a person or a model to read. */
  readonly lawful: string;
}

export type Rule = (c: Case) => Refusal | null;

export const refuse = (reason: string, lawful: string): Refusal => ({ reason, lawful });
