import { z } from "zod";
import type { Role } from "../roles.ts";

/**
 * What a mission row carries. `mission`: an objective, through all phases. `motion`: one proposal that binds the whole
 * federation (an amendment, the founding vote, a decision, a task), through critique, vote and veto. `errand`: one
 * task that needs no proposal of its own, from assign or implement on. `assembly`: where motions and errands are
 * opened; no row, but a view of all actors.
 */
export const missionKindSchema = z.enum(["mission", "motion", "errand", "assembly"]);
export type MissionKind = z.infer<typeof missionKindSchema>;

/** Kinds of task; the charter says which of them need an accepted proposal. A mission's own task is a feature. */
export const taskKindSchema = z.enum(["feature", "fix", "chore", "study"]);
export type TaskKind = z.infer<typeof taskKindSchema>;

/** The phases of a mission, in their regular order. */
export const phaseSchema = z.enum([
  "propose",
  "critique",
  "vote",
  "veto",
  "assign",
  "implement",
  "review",
  "synthesise",
  "closed",
]);
export type Phase = z.infer<typeof phaseSchema>;
export type OpenPhase = Exclude<Phase, "closed">;

/** What an actor owes in a phase. The subject is a proposal (`vote`) or a task (`assign`, `implement`, `review`). */
export const dutySchema = z.enum([
  "propose",
  "critique",
  "vote",
  "adopt",
  "assign",
  "implement",
  "review",
  "report",
  "advance",
]);
export type Duty = z.infer<typeof dutySchema>;

export const outcomeSchema = z.enum([
  "accepted",
  "not_accepted",
  "not_done",
  "no_proposal",
  "no_decision",
  "unassigned",
  "vetoed",
  "enacted",
  "rejected",
  "withdrawn",
]);
/** How a mission ended: `accepted` is a success, and `enacted` for a motion; the others are honest failures. */
export type Outcome = z.infer<typeof outcomeSchema>;

/** Whose phase it is: who may advance or hold it. */
export const phaseOwnerRole: Readonly<Record<OpenPhase, Role>> = {
  propose: "lead",
  critique: "analyst",
  vote: "lead",
  veto: "commander",
  assign: "lead",
  implement: "developer",
  review: "analyst",
  synthesise: "lead",
};

/** Lawful changes of phase. The database holds the same table and refuses any other. */
export const phaseEdges: Readonly<Record<Phase, readonly Phase[]>> = {
  propose: ["critique", "propose", "closed"],
  critique: ["vote", "closed"],
  vote: ["assign", "propose", "veto", "closed"],
  veto: ["closed"],
  assign: ["implement", "closed"],
  implement: ["review", "assign", "closed"],
  review: ["synthesise", "implement", "closed"],
  synthesise: ["closed"],
  closed: [],
};
