import type { Duty, Outcome, Phase } from "./phases.ts";

/** What the system itself does next in a mission, a motion or an errand. */
export type Move =
  | {
      readonly kind: "enter";
      readonly phase: Phase;
      readonly round: number;
      readonly reason: string;
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
