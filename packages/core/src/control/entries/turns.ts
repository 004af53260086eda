import { z } from "zod";
import { actorNameSchema, uuidSchema } from "../../ids.ts";
import { entry } from "../entry.ts";
import { costSchema, decisionRecordSchema, turnRecordSchema, turnSummarySchema } from "../records.ts";
import { anyone, limit } from "./parts.ts";

const from = z
  .int()
  .min(1_000)
  .max(365 * 24 * 3_600_000)
  .optional()
  .describe("Only what began within this many milliseconds before now.");

/** What models did: their turns laid open, and what they cost. */
export const turnsEntries = {
  ListTurns: entry({
    name: "ListTurns",
    kind: "query",
    title: "Turns",
    doc: "Lists turns of models, latest first: who, where, how long, with what end.",
    request: z.strictObject({
      conversation: uuidSchema.optional(),
      actor: actorNameSchema.optional(),
      subject: uuidSchema.optional().describe("Only those about this task or proposal."),
      limit,
    }),
    response: z.object({ turns: z.array(turnSummarySchema) }),
    roles: anyone,
    idempotent: true,
  }),
  ShowTurn: entry({
    name: "ShowTurn",
    kind: "query",
    title: "One turn",
    doc: "Lays a turn open: what the model was shown, what was lawful, what it chose with which probabilities, who decided.",
    request: z.strictObject({ turn: uuidSchema }),
    response: z.object({
      turn: turnSummarySchema,
      record: turnRecordSchema.nullable().describe("Null where no model was asked, or while it is under way."),
      decisions: z.array(decisionRecordSchema),
      verdicts: z.array(
        z.object({
          action: z.string(),
          allowed: z.boolean(),
          article: z.string().nullable(),
          reason: z.string(),
          lawful: z.string(),
        }),
      ),
    }),
    roles: anyone,
    idempotent: true,
  }),
  ListDecisions: entry({
    name: "ListDecisions",
    kind: "query",
    title: "Decisions",
    doc: "Lists decisions, latest first, with by whom each was made: a model, a human, a rule or a deadline.",
    request: z.strictObject({
      conversation: uuidSchema.optional(),
      actor: actorNameSchema.optional(),
      limit,
    }),
    response: z.object({ decisions: z.array(decisionRecordSchema) }),
    roles: anyone,
    idempotent: true,
  }),
  ListCosts: entry({
    name: "ListCosts",
    kind: "query",
    title: "Costs",
    doc: "Adds up turns, tokens and time by actor, conversation or task, dearest first, with the budgets that bound them.",
    request: z.strictObject({ by: z.enum(["actor", "conversation", "task"]).default("actor"), withinMs: from, limit }),
    response: z.object({
      costs: z.array(costSchema),
      total: costSchema.pick({ turns: true, failedTurns: true, tokensIn: true, tokensOut: true, ms: true }),
    }),
    roles: anyone,
    idempotent: true,
  }),
  GetUsage: entry({
    name: "GetUsage",
    kind: "query",
    title: "Usage over time",
    doc: "Gives tokens and turns by actor in equal steps of time up to now.",
    request: z.strictObject({
      stepMs: z
        .int()
        .min(1_000)
        .max(24 * 3_600_000)
        .default(60_000),
      steps: z.int().min(1).max(500).default(60),
    }),
    response: z.object({
      from: z.string(),
      stepMs: z.int(),
      actors: z.array(
        z.object({
          actor: z.string(),
          tokensIn: z.array(z.int()),
          tokensOut: z.array(z.int()),
          turns: z.array(z.int()),
        }),
      ),
    }),
    roles: anyone,
    idempotent: true,
  }),
} as const;
