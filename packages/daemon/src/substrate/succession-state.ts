/** The words in which `succession.ts` decides: what is the case, what happened, what is to be done. */
import type { ReloadEnd } from "./impl-protocol.ts";

export type FailedStage = Exclude<ReloadEnd["stage"], null>;

/** A reload that was asked for. */
export interface Wish {
  readonly reload: string;
  readonly askedMs: number;
}

export interface Pair {
  readonly next: number;
  /** The impl at work until now; null when it ended meanwhile. */
  readonly old: number | null;
}
export interface Reloading extends Wish, Pair {}

export type Succession =
  /** No impl: one is started in a while. */
  | { readonly state: "away" }
  /** The only impl, not ready yet. */
  | { readonly state: "starting"; readonly impl: number }
  | { readonly state: "serving"; readonly impl: number }
  /** A new impl is started beside the old one: up to here the old one has everything. */
  | (Reloading & { readonly state: "launching"; readonly untilMs: number })
  /** It is asked a real call. */
  | (Reloading & { readonly state: "probing"; readonly untilMs: number })
  /** Sessions are replayed to it; each stays with the old one until that is done. */
  | (Reloading & { readonly state: "switching"; readonly untilMs: number })
  /** It has the sessions; the old one lets go of the loops. */
  | (Reloading & { readonly state: "handing-over"; readonly untilMs: number })
  /** It has sessions and loops; the old one stands by. */
  | (Reloading & { readonly state: "probation"; readonly untilMs: number; readonly sinceMs: number })
  /** The reload is done. The old one may end its calls in flight. */
  | { readonly state: "draining"; readonly next: number; readonly old: number; readonly untilMs: number }
  /** The old one's writes are being refused. `following`: the reload that comes after this one. */
  | (Pair & { readonly state: "sealing"; readonly following: Wish | null })
  /** `impl`: the one that answers what is still answered. */
  | { readonly state: "leaving"; readonly impl: number | null };

export type SuccessionEvent =
  | { readonly type: "retry" }
  | { readonly type: "asked"; readonly reload: string }
  | { readonly type: "ready"; readonly impl: number }
  /** It ended, or said that it cannot go on. */
  | { readonly type: "ended"; readonly impl: number; readonly why: string }
  /** `failure`: null when all is well. */
  | { readonly type: "probed"; readonly impl: number; readonly failure: string | null }
  | { readonly type: "switched"; readonly impl: number; readonly failure: string | null }
  /** It has let go of the loops in favour of `next`. */
  | { readonly type: "deactivated"; readonly impl: number; readonly next: number }
  /** No session waits for an answer of it. */
  | { readonly type: "idle"; readonly impl: number }
  | { readonly type: "sealed"; readonly impl: number }
  /** `untilMs` of the present state has come. */
  | { readonly type: "timeout" }
  | { readonly type: "leave" };

export type SuccessionEffect =
  | { readonly do: "start"; readonly beside: boolean }
  /** Start again, with a back-off. */
  | { readonly do: "start-later" }
  | { readonly do: "probe"; readonly impl: number }
  /** Sessions that are open, and new ones, belong to this impl at once. */
  | { readonly do: "attach"; readonly impl: number }
  /** Replay the sessions to this impl, and say when they are all there. */
  | { readonly do: "switch"; readonly impl: number }
  /** Sessions hear nothing of this impl any more; what it had goes to the one that is attached. */
  | { readonly do: "detach"; readonly impl: number; readonly blame: boolean }
  | { readonly do: "deactivate"; readonly impl: number; readonly next: number }
  | { readonly do: "activate"; readonly impl: number; readonly reopen: boolean }
  /** Say when no session waits for an answer of it. */
  | { readonly do: "await-idle"; readonly impl: number }
  | { readonly do: "seal"; readonly impl: number }
  /** It leaves, in good order. */
  | { readonly do: "retire"; readonly impl: number }
  | { readonly do: "kill"; readonly impl: number }
  | { readonly do: "end"; readonly end: ReloadEnd };

export interface SuccessionTimes {
  readonly nowMs: number;
  readonly startMs: number;
  readonly handOverMs: number;
  readonly probationMs: number;
  readonly drainMs: number;
  /** The number the next impl gets. */
  readonly nextImpl: number;
}

export interface Decision {
  readonly next: Succession;
  readonly effects: readonly SuccessionEffect[];
}
