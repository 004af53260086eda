import type { Duty, Outcome, Phase } from "./phases.ts";

/** What the system itself does next in a mission, a motion or an errand. */
export type Move =
  | {
      readonly kind: "enter";
      readonly phase: Phase;
      readonly round: number;
      readonly reason: MoveReason;
      readonly outcome: Outcome | null;
      readonly duties: readonly NewDuty[];
    }
  | { readonly kind: "open_duties"; readonly duties: readonly NewDuty[] }
  /** Close the vote: count what is there, abstain for who is missing. */
  | { readonly kind: "tally" };

export interface NewDuty {
  readonly actor: string;
  readonly duty: Duty;
  readonly subject: string | null;
}

/**
 * Why a phase is entered. The runtime tells it to all in its own name, so it is one of these and never a caller's words:
 * the database knows the list too, and says who moved it on in place of anything else.
 */
export const moveReasons = [
  "a proposal was decided",
  "a result was submitted",
  "every duty of the phase is closed",
  "every proposal was vetoed",
  "everyone has commented",
  "it found no majority",
  "it was accepted, and takes effect unless a human vetoes it",
  "it was vetoed",
  "its author withdrew it",
  "no proposal found a majority",
  "no proposal found a majority and none was adopted",
  "no proposal is left to criticise",
  "no proposal is left to wait for others",
  "no result came in time",
  "no result was submitted",
  "nobody proposed anything",
  "nobody proposed anything in the last round",
  "nobody vetoed it",
  "the deadline passed",
  "the decided proposal was vetoed",
  "the result was accepted",
  "the result was not accepted",
  "the result was not reviewed",
  "the result was rejected for the last time",
  "the result was sent back",
  "the task was assigned to nobody",
  "the task was released",
] as const;
export type MoveReason = (typeof moveReasons)[number] | `assigned to ${string}`;
