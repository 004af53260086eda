import { z } from "zod";
import { changeSchema } from "../charter/amendment.ts";
import { articleIdSchema, charterParametersSchema } from "../charter/parameters.ts";
import { actorKindSchema, roleSchema } from "../roles.ts";
import { dutySchema, missionKindSchema, outcomeSchema, phaseSchema, taskKindSchema } from "./phases.ts";

/**
 * A mission as one consistent snapshot of its rows: what deciders and prompts are made from. Everything that depends
 * on time was evaluated on the database's clock when the snapshot was taken.
 */
export const choiceSchema = z.enum(["yes", "no", "abstain"]);
export type Choice = z.infer<typeof choiceSchema>;

export const memberSchema = z.object({
  actor: z.string(),
  kind: actorKindSchema,
  role: roleSchema,
  /** In the electorate of proposals opened from now on. */
  votes: z.boolean(),
  online: z.boolean(),
  /** Messages said, asked or held in this phase. */
  talked: z.int(),
  /** Model turns in this conversation so far. */
  turns: z.int(),
});
export type Member = z.infer<typeof memberSchema>;

export const obligationSchema = z.object({
  id: z.uuid(),
  actor: z.string(),
  duty: dutySchema,
  subject: z.uuid().nullable(),
  state: z.enum(["open", "met", "abstained", "expired", "cancelled"]),
  turnsUsed: z.int(),
  maxTurns: z.int(),
});
export type Obligation = z.infer<typeof obligationSchema>;

export const ballotSchema = z.object({
  voter: z.string(),
  choice: choiceSchema,
  reason: z.string(),
  byDeadline: z.boolean(),
});

export const proposalSchema = z.object({
  id: z.uuid(),
  /** plan: of a mission · the others are motions, which bind the whole federation. */
  kind: z.enum(["plan", "amendment", "ratification", "decision", "task"]),
  author: z.string(),
  round: z.int(),
  title: z.string(),
  text: z.string(),
  /** What a motion changes when it is enacted; null for a plan and a decision. */
  change: changeSchema.nullable(),
  /** The incident that motivates an amendment; empty otherwise. */
  motive: z.string(),
  /** Of title, text and change: a ballot is bound to it. */
  textSha256: z.string(),
  /** open: may be criticised · voting: ballots are taken · the rest is final. */
  state: z.enum(["open", "voting", "accepted", "rejected", "adopted", "vetoed", "withdrawn"]),
  electorate: z.array(z.string()),
  ballots: z.array(ballotSchema),
});
export type Proposal = z.infer<typeof proposalSchema>;

export const taskStateSchema = z.enum([
  "proposed",
  "approved",
  "assigned",
  "claimed",
  "submitted",
  "accepted",
  "rejected",
  "released",
  "expired",
  "cancelled",
]);
export type TaskState = z.infer<typeof taskStateSchema>;

export const submissionSchema = z.object({
  id: z.uuid(),
  author: z.string(),
  summary: z.string(),
  evidence: z.array(z.string()),
  /** The commit among its evidence that holds its files. */
  commit: z.string().nullable(),
  files: z.array(z.object({ path: z.string(), sha256: z.string(), content: z.string() })),
  state: z.enum(["open", "accepted", "rejected"]),
  reviewer: z.string().nullable(),
  reason: z.string().nullable(),
});

export const taskSchema = z.object({
  id: z.uuid(),
  proposal: z.uuid().nullable(),
  title: z.string(),
  instructions: z.string(),
  kind: taskKindSchema,
  /** Higher is more urgent. */
  priority: z.int(),
  /** On the database's clock; null: the phase's deadline alone. */
  dueAt: z.string().nullable(),
  /** Past its due time. */
  overdue: z.boolean(),
  /** Path patterns the holder may write; empty: any. */
  scope: z.array(z.string()),
  /** Tasks that must be accepted before this one may be claimed and are not yet. */
  needs: z.array(z.uuid()),
  /** Anyone who may implement may claim it. */
  pool: z.boolean(),
  state: taskStateSchema,
  assignee: z.string().nullable(),
  holder: z.string().nullable(),
  /** Whom a human took it over from, while they have it. */
  takenFrom: z.string().nullable(),
  fence: z.int(),
  /** The holder's lease has not run out. */
  leaseLive: z.boolean(),
  reworks: z.int(),
  reassignments: z.int(),
  submission: submissionSchema.nullable(),
});
export type Task = z.infer<typeof taskSchema>;

export const missionViewSchema = z.object({
  id: z.uuid(),
  kind: missionKindSchema,
  /** The repository its result is committed to, by the name nodes know it under; null: none. */
  repository: z.string().nullable(),
  objective: z.string(),
  createdBy: z.string(),
  seed: z.int(),
  phase: phaseSchema,
  /** Counts entries into phases from 1; the compare-and-set value of a phase change. */
  phaseNo: z.int(),
  round: z.int(),
  phaseEnteredAt: z.string(),
  phaseDeadline: z.string().nullable(),
  overdue: z.boolean(),
  outcome: outcomeSchema.nullable(),
  report: z.string().nullable(),
  charterVersion: z.int(),
  parameters: charterParametersSchema,
  /** Optional articles that a vote has switched off. */
  articlesOff: z.array(articleIdSchema),
  tokens: z.int(),
  /** Since the mission was started. */
  ageMs: z.int(),
  members: z.array(memberSchema),
  /** Of the present phase entry only. */
  obligations: z.array(obligationSchema),
  proposals: z.array(proposalSchema),
  tasks: z.array(taskSchema),
  /** Live claims with a path scope anywhere in the federation. */
  heldScopes: z.array(z.object({ task: z.uuid(), holder: z.string(), scope: z.array(z.string()) })),
});
export type MissionView = z.infer<typeof missionViewSchema>;

export const messageKindSchema = z.enum(["say", "ask", "propose", "critique", "report", "notice"]);
export type MessageKind = z.infer<typeof messageKindSchema>;

/** One message of a conversation's tail. */
export const messageSchema = z.object({
  id: z.uuid(),
  conversation: z.uuid(),
  seq: z.int(),
  sender: z.string(),
  kind: messageKindSchema,
  /** Null: to everyone in the conversation. */
  recipient: z.string().nullable(),
  text: z.string(),
  hops: z.int(),
  createdAt: z.string(),
});
export type Message = z.infer<typeof messageSchema>;
