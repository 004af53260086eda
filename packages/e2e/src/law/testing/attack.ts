import type { ArticleId } from "@federation/core";
import type { Attempt } from "./doors.ts";
import type { Ground, Grounds, Kind, State } from "./vote-grounds.ts";

/** One way to cheat in a vote, tried at the gate and past it; afterwards all rows are as they were. */
export interface Attack {
  readonly what: string;
  /** The article it would break. */
  readonly against: ArticleId;
  /** What is attacked; `entrenched` is a motion. */
  readonly on: State | "entrenched";
  /** Where it is tried; both, unless it says so. */
  readonly only?: Kind;
  gate(ground: Ground, grounds: Grounds): readonly Attempt[];
  database(ground: Ground, grounds: Grounds): readonly Attempt[];
  /** What the attempts end with, each once: the code, and the article that is named, if it was refused by law. */
  readonly ends: { readonly gate: Ends; readonly database: Ends };
}

export type Ends = readonly string[] | Readonly<Record<Kind, readonly string[]>>;

export const endsOn = (ends: Ends, kind: Kind): readonly string[] => ("plan" in ends ? ends[kind] : ends);

export const ONE_BALLOT = { gate: ["refused one-ballot"], database: ["FD004 one-ballot"] } as const;
export const ONE_VOICE = { gate: ["refused one-voice"], database: ["FD004 one-voice"] } as const;
export const DENIED = ["42501"] as const;

/** What a client gives to the gate to vote, and a daemon to the database. */
export const ballotCall = ({ proposal }: Ground, over: object = {}) => ({
  proposal,
  choice: "yes",
  reason: "As I see it.",
  ...over,
});
export const ballotOperation = ({ proposal, textSha256 }: Ground, over: object = {}) => ({
  op: "cast_ballot",
  proposal,
  choice: "yes",
  reason: "As I see it.",
  textSha256,
  ...over,
});
