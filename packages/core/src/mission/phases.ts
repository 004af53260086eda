import { z } from "zod";
import type { Role } from "../roles.ts";

/** The phases of a mission, in their regular order. */
export const phaseSchema = z.enum([
  "propose",
  "critique",
  "vote",
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
]);
/** How a mission ended; only `accepted` is a success, the others are honest failures. */
export type Outcome = z.infer<typeof outcomeSchema>;

/** Whose phase it is: who may advance or hold it. */
export const phaseOwnerRole: Readonly<Record<OpenPhase, Role>> = {
  propose: "lead",
  critique: "analyst",
  vote: "lead",
  assign: "lead",
  implement: "developer",
  review: "analyst",
  synthesise: "lead",
};

/** Lawful changes of phase. The database holds the same table and refuses any other. */
export const phaseEdges: Readonly<Record<Phase, readonly Phase[]>> = {
  propose: ["critique", "propose", "closed"],
  critique: ["vote", "closed"],
  vote: ["assign", "propose", "closed"],
  assign: ["implement", "closed"],
  implement: ["review", "assign", "closed"],
  review: ["synthesise", "implement", "closed"],
  synthesise: ["closed"],
  closed: [],
};
