import { z } from "zod";
import { actorNameSchema, uuidSchema } from "../../ids.ts";
import { textSchema } from "../../text.ts";
import { entry } from "../entry.ts";
import { approvalRecordSchema, waitingItemSchema } from "../records.ts";
import { actors, anyone, done, limit } from "./parts.ts";

/** Questions to a person: rows with a deadline, answered once, in whichever home the person sits. */
export const approvalsEntries = {
  ListWaiting: entry({
    name: "ListWaiting",
    kind: "query",
    title: "What waits for me",
    doc: "Lists what waits for me, most urgent first: votes, duties, questions, tasks; and what I may still stop.",
    request: z.strictObject({}),
    response: z.object({
      items: z.array(waitingItemSchema),
      unread: z.int().describe("Messages to me that are due and ask nothing."),
    }),
    roles: anyone,
    idempotent: true,
  }),
  AskApproval: entry({
    name: "AskApproval",
    kind: "command",
    title: "Ask a person",
    doc: "Asks a person for a yes or no by a deadline; the answer comes back as a message.",
    request: z.strictObject({
      id: uuidSchema.optional().describe("Made by the caller, so that a retry is the same question."),
      whom: actorNameSchema.describe("The person who is asked."),
      question: textSchema(4_000),
      conversation: uuidSchema.optional().describe("Where the question belongs; without one, a new thread with them."),
      dueInMs: z
        .int()
        .min(10_000)
        .max(7 * 24 * 3_600_000)
        .default(3_600_000)
        .describe("Unanswered after this, it is expired and counts as a no."),
    }),
    response: z.object({ approval: z.uuid(), conversation: z.uuid() }),
    roles: actors,
    idempotent: false,
  }),
  AnswerApproval: entry({
    name: "AnswerApproval",
    kind: "command",
    title: "Answer an approval",
    doc: "Answers a question put to me, once; without `approve` the person is asked in their own host where it can.",
    request: z.strictObject({
      approval: uuidSchema,
      approve: z.boolean().optional(),
      reason: z.string().max(4_000).default(""),
    }),
    response: z.object({ approval: approvalRecordSchema }),
    roles: actors,
    idempotent: true,
  }),
  WithdrawApproval: entry({
    name: "WithdrawApproval",
    kind: "command",
    title: "Withdraw a question",
    doc: "Takes back a question of mine that is not answered yet.",
    request: z.strictObject({ approval: uuidSchema }),
    response: done,
    roles: actors,
    idempotent: true,
  }),
  ListApprovals: entry({
    name: "ListApprovals",
    kind: "query",
    title: "Approvals",
    doc: "Lists questions put to me, or asked by me, newest first.",
    request: z.strictObject({
      asked: z.enum(["of_me", "by_me"]).default("of_me"),
      open: z.boolean().default(true).describe("Only what waits for an answer."),
      approval: uuidSchema.optional().describe("Only this one, open or not, put to me or asked by me."),
      limit,
    }),
    response: z.object({ approvals: z.array(approvalRecordSchema) }),
    roles: anyone,
    idempotent: true,
  }),
} as const;
