import { z } from "zod";
import { taskKindSchema } from "../mission/phases.ts";

/**
 * The numbers of the law, by article. They are data: the version in force is a row, and an amendment makes the next
 * row. The defaults stand in the front matter of `charter/*.md`; this schema bounds what they may become.
 */
const ms = z
  .int()
  .min(100)
  .max(7 * 24 * 3_600_000);

export const charterParametersSchema = z.strictObject({
  "explicit-assignment": z.strictObject({
    /** Whether a task may be left in an open pool, for whoever claims it first. */
    pool: z.boolean(),
    /** An assigned task that is not claimed for this long is released. */
    claimWithinMs: ms,
  }),
  "propose-before-implement": z.strictObject({
    /** Rounds of proposing and voting before the last-round article applies. */
    maxRounds: z.int().min(1).max(10),
    /** Kinds of task that are opened only for an accepted proposal. */
    kindsNeedingProposal: z.array(taskKindSchema).max(8),
  }),
  "claim-before-code": z.strictObject({
    /** Path patterns of one task. */
    maxScopePatterns: z.int().min(1).max(64),
  }),
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
  "human-veto": z.strictObject({
    /** How long an accepted motion waits for a veto before it takes effect. */
    windowMs: z
      .int()
      .min(0)
      .max(7 * 24 * 3_600_000),
  }),
  "review-by-another": z.strictObject({
    /** How often a result may be sent back for rework. */
    maxReworks: z.int().min(0).max(10),
  }),
  "leases-and-hand-back": z.strictObject({
    /** A claim that is not renewed for this long is released. */
    leaseMs: ms,
    /** The same for a claim of a human or an external actor, whom no daemon's timer renews. */
    humanLeaseMs: ms,
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
    /** How long agents may act in one conversation. */
    wallMsPerConversation: ms,
    /** A task that is not submitted this long after its first claim has expired. */
    wallMsPerTask: ms,
  }),
  "no-self-dealing": z.strictObject({}),
  "truthful-completion": z.strictObject({
    /** How many pieces of evidence a result names at least. */
    minEvidence: z.int().min(1).max(8),
  }),
  audit: z.strictObject({
    /** A verdict is sealed into the chain at latest so long after it was recorded. */
    sealWithinMs: ms,
  }),
  amendments: z.strictObject({
    /** Share of the electorate that must cast yes or no on a motion. */
    quorum: z.number().min(0.1).max(1),
    /** Share of yes among yes and no that a motion must exceed. */
    threshold: z.number().min(0.5).max(0.99),
  }),
});
export type CharterParameters = z.infer<typeof charterParametersSchema>;
export type ArticleId = keyof CharterParameters;

export const articleIdSchema = charterParametersSchema.keyof();
export const articleIds: readonly ArticleId[] = articleIdSchema.options;

export function isArticleId(text: string): text is ArticleId {
  return Object.hasOwn(charterParametersSchema.shape, text);
}
