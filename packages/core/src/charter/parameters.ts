import { z } from "zod";

/**
 * The numbers of the law, by article. They are data: the version in force is a row, and an amendment makes the next
 * row. The defaults stand in the front matter of `charter/*.md`; this schema bounds what they may become.
 */
const ms = z
  .int()
  .min(100)
  .max(7 * 24 * 3_600_000);

export const charterParametersSchema = z.strictObject({
  "explicit-assignment": z.strictObject({}),
  "propose-before-implement": z.strictObject({
    /** Rounds of proposing and voting before the last-round article applies. */
    maxRounds: z.int().min(1).max(10),
  }),
  "claim-before-code": z.strictObject({}),
  "one-voice": z.strictObject({}),
  "one-ballot": z.strictObject({}),
  "quorum-and-deadline": z.strictObject({
    /** Share of the electorate that must cast yes or no. */
    quorum: z.number().min(0).max(1),
    /** Share of yes among yes and no that must be exceeded. */
    threshold: z.number().min(0).max(1),
    /** How long a phase may take before its deadline closes it. */
    phaseDeadlineMs: z.strictObject({
      propose: ms,
      critique: ms,
      vote: ms,
      assign: ms,
      implement: ms,
      review: ms,
      synthesise: ms,
    }),
  }),
  "human-veto": z.strictObject({}),
  "review-by-another": z.strictObject({
    /** How often a result may be sent back for rework. */
    maxReworks: z.int().min(0).max(10),
  }),
  "leases-and-hand-back": z.strictObject({
    /** A claim that is not renewed for this long is released. */
    leaseMs: ms,
    /** How often a mission's task may change hands. */
    maxReassignments: z.int().min(0).max(10),
  }),
  "duties-are-met": z.strictObject({
    /** From this turn for one duty on only what ends the duty is lawful; two turns later the duty expires. */
    turnsPerDuty: z.int().min(1).max(20),
  }),
  "last-round": z.strictObject({}),
  budgets: z.strictObject({
    /** Free messages (say, ask, hold) of one agent in one phase. */
    talkPerPhase: z.int().min(0).max(100),
    /** Model turns of one agent in one conversation. */
    turnsPerConversation: z.int().min(1).max(10_000),
    /** Model tokens of all agents in one conversation. */
    tokensPerConversation: z.int().min(1_000).max(100_000_000),
    /** Length of a chain of messages that answer each other. */
    maxHops: z.int().min(1).max(64),
  }),
});
export type CharterParameters = z.infer<typeof charterParametersSchema>;
export type ArticleId = keyof CharterParameters;

export const articleIds = Object.keys(charterParametersSchema.shape) as readonly ArticleId[];
