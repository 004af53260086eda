import { z } from "zod";
import { dutySchema, missionKindSchema, outcomeSchema, phaseSchema } from "../mission/phases.ts";
import {
  ballotSchema,
  messageKindSchema,
  missionViewSchema,
  proposalSchema,
  taskSchema,
  taskStateSchema,
} from "../mission/view.ts";
import { actorKindSchema, roleSchema } from "../roles.ts";
import { MAX_SITUATION, MAX_SYSTEM_PROMPT } from "../text.ts";
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

/** A message of a conversation, and how many of its recipients it reached how far. */
export const conversationMessageSchema = messageRecordSchema.extend({
  ladder: z.object({
    recipients: z.int(),
    sent: z.int(),
    received: z.int(),
    read: z.int(),
    acted: z.int(),
    dead: z.int(),
  }),
});

/** A delivery that was given up, with what was to be delivered. */
export const deadLetterSchema = deliverySchema.extend({
  conversation: z.uuid(),
  sender: z.string(),
  /** The first 200 characters. */
  text: z.string(),
  diedAt: z.string(),
});

/** What an actor is doing, as its rows and leases say. */
export const activitySchema = z.object({
  /**
   * thinking: a turn is under way · working: it holds a claim · waiting: others owe something where it takes part ·
   * idle · paused: by the commander · away: its lease has run out.
   */
  state: z.enum(["thinking", "working", "waiting", "idle", "paused", "away"]),
  /** Where, and what that conversation is called, cut to 200 characters. */
  conversation: z.uuid().nullable(),
  title: z.string().nullable(),
  duty: dutySchema.nullable(),
  task: z.uuid().nullable(),
  since: z.string().nullable(),
  /** Who owes what it waits for. */
  waitingFor: z.array(z.string()),
});

export const rosterEntrySchema = z.object({
  actor: z.string(),
  kind: actorKindSchema,
  role: roleSchema,
  /** How many actors were registered before it: by it an actor has its colour. */
  ordinal: z.int(),
  /** Of its persona: who it is, in a sentence or two. */
  description: z.string(),
  online: z.boolean(),
  model: z.string().nullable(),
  activity: activitySchema,
  /** Build of its daemon, and since when it runs; null where there is none. */
  version: z.string().nullable(),
  startedAt: z.string().nullable(),
  /** State of its links to the broker, as its daemon last said. */
  broker: z.string().nullable(),
  /** The daemon that acts for an external actor at present. */
  host: z.string().nullable(),
  /** Wake-ups for it that are not published yet. */
  queued: z.int(),
  dead: z.int(),
  /** Tokens written per second of its turns of the last five minutes; null without any. */
  tokensPerSecond: z.number().nullable(),
  lastReload: z
    .object({ state: z.enum(["asked", "reloaded", "failed", "expired"]), at: z.string(), reason: z.string() })
    .nullable(),
  /** Takes no turns until the commander resumes it. */
  paused: z.boolean(),
  pauseReason: z.string().nullable(),
  due: z.int(),
  tokensIn: z.int(),
  tokensOut: z.int(),
  lastSeenAt: z.string().nullable(),
});

export const missionSummarySchema = missionViewSchema
  .pick({ id: true, objective: true, phase: true, round: true, outcome: true, createdBy: true, phaseDeadline: true })
  .extend({
    createdAt: z.string(),
    closedAt: z.string().nullable(),
  });

export const conversationKindSchema = z.enum(["thread", "mission", "motion", "errand"]);

/** A conversation in a line. */
export const conversationSummarySchema = z.object({
  id: z.uuid(),
  kind: conversationKindSchema,
  title: z.string(),
  createdBy: z.string(),
  createdAt: z.string(),
  members: z.array(z.string()),
  /** Null for a thread. */
  phase: phaseSchema.nullable(),
  outcome: outcomeSchema.nullable(),
  messages: z.int(),
  /** Deliveries to me there that are due. */
  due: z.int(),
  /** The latest message, its text cut to 200 characters. */
  last: z.object({ sender: z.string(), text: z.string(), at: z.string() }).nullable(),
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

export const taskRecordSchema = taskSchema.extend({
  conversation: z.uuid(),
  conversationKind: missionKindSchema,
  createdAt: z.string(),
  createdBy: z.string().nullable(),
  /** Until when the holder's claim lasts without renewal; null when nobody holds it. */
  leaseUntil: z.string().nullable(),
});

/** One change of a task's state. */
export const taskChangeSchema = z.object({
  at: z.string(),
  actor: z.string(),
  from: taskStateSchema.nullable(),
  to: taskStateSchema,
  fence: z.int(),
  reason: z.string(),
});

/** A task beside which another one is named: needed by it, or in need of it. */
export const relatedTaskSchema = z.object({ id: z.uuid(), title: z.string(), state: taskStateSchema });

export const proposalRecordSchema = proposalSchema.extend({
  ballots: z.array(ballotSchema.extend({ castAt: z.string() })),
  conversation: z.uuid(),
  conversationKind: missionKindSchema,
  /** Where the conversation is now, and until when; the end of a vote or of the window for a veto. */
  phase: phaseSchema,
  phaseDeadline: z.string().nullable(),
  createdAt: z.string(),
  votingOpenedAt: z.string().nullable(),
  decidedAt: z.string().nullable(),
});

/** What waits for a person: an obligation, a question, or something they may stop. */
export const waitingItemSchema = z.object({
  /**
   * ballot: a vote I owe · duty: anything else I owe in a phase · approval: a question with yes or no · question: a
   * message that asks me · task: mine to claim, or held by me · veto: an accepted motion that I may still stop.
   */
  kind: z.enum(["ballot", "duty", "approval", "question", "task", "veto"]),
  /** The proposal, duty, approval, message or task that is answered. */
  id: z.uuid(),
  /** Nothing waits if I do nothing: it only may be done. */
  optional: z.boolean(),
  conversation: z.uuid(),
  conversationKind: conversationKindSchema,
  /** What the conversation is called, cut to 200 characters. */
  conversationTitle: z.string(),
  duty: dutySchema.nullable(),
  /** The proposal or task it is about. */
  subject: z.uuid().nullable(),
  /** Who asks or proposed; null where nobody did. */
  from: z.string().nullable(),
  /** What it is about, in a line, cut to 400 characters. */
  text: z.string(),
  since: z.string(),
  deadline: z.string().nullable(),
  /** Of a task that I hold. */
  fence: z.int().nullable(),
});

/** One turn of an actor's model, in a line. */
export const turnSummarySchema = z.object({
  id: z.uuid(),
  actor: z.string(),
  conversation: z.uuid(),
  step: z.int(),
  attempts: z.int(),
  state: z.enum(["running", "done", "failed"]),
  model: z.string().nullable(),
  tokensIn: z.int(),
  tokensOut: z.int(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  failure: z.string().nullable(),
  /** The duty it was about, with its subject. */
  duty: dutySchema.nullable(),
  subject: z.uuid().nullable(),
  /** The action it ended in, and by whom that was decided. */
  action: z.string().nullable(),
  origin: z.enum(["model", "deadline", "rule", "human"]).nullable(),
});

/** One decision on record. */
export const decisionRecordSchema = z.object({
  id: z.string(),
  at: z.string(),
  conversation: z.uuid(),
  phaseNo: z.int(),
  actor: z.string(),
  turn: z.uuid().nullable(),
  /** As it was recorded: of kinds that this build need not know. */
  head: z.looseObject({ kind: z.string() }),
  origin: z.enum(["model", "deadline", "rule", "human"]),
  /** Key of an offered action, or piece of evidence → probability; null where no model chose. */
  probabilities: z.record(z.string(), z.number()).nullable(),
  seed: z.int().nullable(),
  rejectedAnswers: z.int(),
  note: z.string(),
});

/** What a turn's model was given. */
export const turnRecordSchema = z.object({
  /** The stable prompt: charter and persona. */
  system: z.string().max(MAX_SYSTEM_PROMPT),
  /** The situation, as it was put to it. */
  situation: z.string().max(MAX_SITUATION),
  /** Every lawful action it could choose from, as its key and the sentence it was scored by. */
  offered: z.array(z.object({ key: z.string().max(200), sentence: z.string().max(1_000) })).max(64),
  /** Messages whose text it was shown. */
  read: z.array(z.uuid()).max(512),
  /** Answers it gave that were thrown away, by what was wrong with them. */
  rejected: z.array(z.string().max(100)).max(16),
});
export type TurnRecord = z.infer<typeof turnRecordSchema>;

/** What was spent by one actor, in one conversation, or on one task. */
export const costSchema = z.object({
  id: z.string(),
  title: z.string(),
  kind: z.enum(["actor", "thread", "mission", "motion", "errand", "task"]),
  turns: z.int(),
  failedTurns: z.int(),
  tokensIn: z.int(),
  tokensOut: z.int(),
  /** Time its turns took, added up. */
  ms: z.int(),
  /** What the charter bounds there, and how much of it is used: of an actor, in the open conversation where it is nearest. */
  budgets: z.array(
    z.object({
      name: z.enum(["turnsPerConversation", "tokensPerConversation", "wallMsPerConversation", "wallMsPerTask"]),
      used: z.number(),
      limit: z.number(),
      conversation: z.uuid().nullable(),
    }),
  ),
});

/** A browser page that was let in by a ticket, and comes back by a secret that it renews while it is connected. */
export const pageSessionSchema = z.object({
  id: z.uuid(),
  actor: z.string(),
  origin: z.string(),
  state: z.enum(["live", "expired", "ended"]),
  /**
   * Why it ended: by its own actor or the commander, to make room for a newer page, with its token, or because more than
   * one had its secrets: a replaced one was shown, or it was renewed from two places. Empty while it has not ended.
   */
  reason: z.string(),
  createdAt: z.string(),
  usedAt: z.string(),
  expiresAt: z.string(),
});
export type PageSession = z.infer<typeof pageSessionSchema>;

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
