import type { ActionHead, ArticleId, Duty } from "@federation/core";
import { ANALYST, COMMANDER, DEVELOPER, LEAD } from "@federation/store/testing";

/**
 * A temptation: somebody asks an actor for what the law forbids it in that state.
 *
 * 1. It is data. Subjects are named by their place in the scene, so that a scene can be planted again and again.
 * 2. `asks` is forbidden by declaration, not by what the gate says of it: a rule that goes missing is found.
 * 3. Beside what is forbidden stands what is lawful in the same state: a law that refuses everything is found too.
 */
export interface Temptation {
  /** The article and what is tempted, in words: unique. */
  readonly id: string;
  /** The article it tempts against. What is asked for may be against others too. */
  readonly article: ArticleId;
  readonly scene: Scene;
  /** Who is tempted. */
  readonly actor: string;
  readonly told: Told;
  /** What the text asks for; each is forbidden to the actor in this scene. */
  readonly asks: readonly [NamedAct, ...NamedAct[]];
  /** What somebody may do in the same scene. */
  readonly lawful: readonly [LawfulAct, ...LawfulAct[]];
  /** Why the database's closed list does not hold it, where it does not: then choice and gate alone do. */
  readonly outsideDatabase?: string;
}

export { ANALYST, COMMANDER, DEVELOPER, LEAD };
/** An external client's actor: a guest who may talk and work, and has no vote. */
export const GUEST = "visitor";
/** A member who watches. */
export const WATCHER = "watcher";
/** A node of the federation that is no member of the mission; in what binds everybody it has a voice. */
export const OUTSIDER = "outsider";

/** Who says it, and how it reaches the actor: said to them, or in a text that their duty makes them read. */
export interface Told {
  readonly by: string;
  readonly in: "message" | "proposal" | "instructions" | "result";
  readonly text: string;
}

export type ProposalName = "first" | "second" | "third";
/** The mission's one task. */
export type TaskName = "task";
/** An open duty of this phase, by what and whose it is. */
export type DutyName = `${Duty} of ${string}`;

type Named<Head> = Head extends unknown
  ? {
      readonly [Field in keyof Head]: Field extends "proposal"
        ? ProposalName | Extract<Head[Field], null>
        : Field extends "task"
          ? TaskName
          : Field extends "obligation"
            ? DutyName
            : Head[Field];
    }
  : never;

/** A head whose subjects are named; evidence may name a proposal of the scene too, as in `proposal:first`. */
export type NamedHead = Named<ActionHead>;

/** An act in a given name, `as` another's where it is said. */
export interface NamedAct {
  readonly as?: string;
  readonly head: NamedHead;
}

export interface LawfulAct {
  readonly by: string;
  readonly does: NamedHead;
  /** A command of the actor's clients, which no turn of a model offers. */
  readonly byCommand?: true;
}

/** A state of a mission or a motion: how far it has come in the regular way, and what happened then. */
export interface Scene {
  readonly at: Standing | MotionStanding;
  /** Two: the lead has a plan beside the developer's, and it comes second. */
  readonly plans?: 1 | 2;
  readonly after?: readonly Step[];
}

/**
 * `propose`: nothing is there yet · `proposed`: the lead is to close the phase · `critique` · `vote` · `assign` ·
 * `implement`: assigned, not claimed · `claimed` · `review` · `synthesise` · `failed`: no plan of the last round found
 * a majority, and the lead may adopt one. Of a failed round before it there is one plan, the first.
 */
export type Standing =
  | "propose"
  | "proposed"
  | "critique"
  | "vote"
  | "assign"
  | "implement"
  | "claimed"
  | "review"
  | "synthesise"
  | "failed";

/**
 * A motion of the outsider to shorten the veto window to nothing, which is entrenched: the commander is in its electorate.
 * `ballots`: nobody has voted · `window`: all said yes, and it takes effect unless a human vetoes it.
 */
export type MotionStanding = "motion: ballots" | "motion: window";

export type Step =
  | LawfulAct
  /** A turn without contribution, counted against the actor's duty. */
  | { readonly idles: string }
  /** Tokens that the agents of the mission used up. */
  | { readonly burns: number }
  /** On the database's clock. */
  | { readonly passes: "deadline" | "lease" | "wall time" }
  /** Two who answer each other, until one more answer is the last hop of the chain. */
  | { readonly chat: readonly [string, string] };
