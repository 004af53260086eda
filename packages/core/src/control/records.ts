import { z } from "zod";
import { messageKindSchema, missionViewSchema, proposalSchema, taskSchema } from "../mission/view.ts";
import { actorKindSchema, roleSchema } from "../roles.ts";
import { scopeNameSchema } from "./scopes.ts";

/** Records that queries answer with. Times are ISO 8601 in UTC, from the database's clock. */
export const deliverySchema = z.object({
  message: z.uuid(),
  recipient: z.string(),
  state: z.enum(["due", "done", "dead"]),
  storedAt: z.string(),
  sentAt: z.string().nullable(),
  receivedAt: z.string().nullable(),
  readAt: z.string().nullable(),
  actedAt: z.string().nullable(),
  attempts: z.int(),
  lastError: z.string().nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;

export const messageRecordSchema = z.object({
  id: z.uuid(),
  conversation: z.uuid(),
  seq: z.int(),
  sender: z.string(),
  kind: messageKindSchema,
  recipient: z.string().nullable(),
  text: z.string(),
  createdAt: z.string(),
});
export type MessageRecord = z.infer<typeof messageRecordSchema>;

export const inboxItemSchema = messageRecordSchema.extend({ delivery: deliverySchema });

export const rosterEntrySchema = z.object({
  actor: z.string(),
  kind: actorKindSchema,
  role: roleSchema,
  online: z.boolean(),
  model: z.string().nullable(),
  /** Takes no turns until the commander resumes it. */
  paused: z.boolean(),
  pauseReason: z.string().nullable(),
  due: z.int(),
  tokensIn: z.int(),
  tokensOut: z.int(),
  lastSeenAt: z.string().nullable(),
});

export const missionSummarySchema = missionViewSchema
  .pick({ id: true, objective: true, phase: true, round: true, outcome: true })
  .extend({
    createdAt: z.string(),
    closedAt: z.string().nullable(),
  });

/** One replacement of a node's logic. */
export const reloadRecordSchema = z.object({
  id: z.uuid(),
  node: z.string(),
  /** Null: a signal or a changed file at the machine. */
  askedBy: z.string().nullable(),
  state: z.enum(["asked", "reloaded", "failed", "expired"]),
  stage: z.enum(["start", "health", "switch", "probation", "refused"]).nullable(),
  reason: z.string(),
  tookMs: z.int().nullable(),
  askedAt: z.string(),
  closedAt: z.string().nullable(),
});

/** A bearer token as its owner may see it: never the token. */
export const tokenRecordSchema = z.object({
  id: z.uuid(),
  actor: z.string(),
  label: z.string(),
  scopes: z.array(scopeNameSchema),
  state: z.enum(["live", "expired", "revoked"]),
  issuedBy: z.string().nullable(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  replacedBy: z.uuid().nullable(),
});

/** A question to a person that is answered once. */
export const approvalRecordSchema = z.object({
  id: z.uuid(),
  conversation: z.uuid(),
  askedBy: z.string(),
  whom: z.string(),
  question: z.string(),
  state: z.enum(["open", "approved", "denied", "expired", "withdrawn"]),
  reason: z.string(),
  createdAt: z.string(),
  deadline: z.string(),
  closedAt: z.string().nullable(),
});

/** A state that waits beyond its deadline, and for whom. */
export const overdueSchema = z.object({
  kind: z.string(),
  subject: z.string(),
  conversation: z.uuid().nullable(),
  owner: z.string(),
  deadline: z.string(),
  lateMs: z.int(),
});

export const taskRecordSchema = taskSchema.extend({ conversation: z.uuid() });
export const proposalRecordSchema = proposalSchema.extend({ conversation: z.uuid() });

/** One row of the append-only event log. */
export const meshEventSchema = z.object({
  /** Opaque; pass the last one seen as `after` to go on without gap or repetition. */
  cursor: z.string(),
  at: z.string(),
  kind: z.string(),
  actor: z.string().nullable(),
  conversation: z.string().nullable(),
  subject: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type MeshEvent = z.infer<typeof meshEventSchema>;

/** What a mission left behind; also the last line of `dev --json`. */
export const missionReportSchema = z.object({
  mission: z.uuid(),
  objective: z.string(),
  outcome: z.string().nullable(),
  result: z.string(),
  files: z.array(z.object({ path: z.string(), sha256: z.string() })),
  /** The commit that holds the files, where the mission names a repository. */
  commit: z.string().nullable(),
  phases: z.array(
    z.object({
      name: z.string(),
      round: z.int(),
      enteredAt: z.string(),
      leftAt: z.string().nullable(),
      reason: z.string(),
    }),
  ),
  proposals: z.array(
    z.object({
      id: z.uuid(),
      author: z.string(),
      title: z.string(),
      state: z.string(),
      ballots: z.array(z.object({ voter: z.string(), choice: z.string(), byDeadline: z.boolean() })),
    }),
  ),
  tasks: z.array(
    z.object({
      id: z.uuid(),
      assignee: z.string().nullable(),
      claimedBy: z.string().nullable(),
      fence: z.int(),
      state: z.string(),
    }),
  ),
  messages: z.int(),
  deliveries: z.object({
    stored: z.int(),
    sent: z.int(),
    received: z.int(),
    read: z.int(),
    acted: z.int(),
    dead: z.int(),
    /** Deliveries short of acted, each with the reason. */
    open: z.array(z.object({ message: z.uuid(), recipient: z.string(), why: z.string() })),
  }),
  /** What still waits beyond its deadline there. */
  overdue: z.array(overdueSchema.pick({ kind: true, subject: true, owner: true })),
  verdicts: z.object({ allowed: z.int(), refused: z.int() }),
  decisions: z.object({ byModel: z.int(), byDeadline: z.int(), byRule: z.int(), byHuman: z.int() }),
  tokens: z.record(z.string(), z.object({ in: z.int(), out: z.int() })),
  durationMs: z.int(),
});
export type MissionReport = z.infer<typeof missionReportSchema>;

export const episodeSchema = z.object({
  id: z.uuid(),
  actor: z.string(),
  conversation: z.string().nullable(),
  text: z.string(),
  source: z.string(),
  createdAt: z.string(),
});
export type Episode = z.infer<typeof episodeSchema>;
