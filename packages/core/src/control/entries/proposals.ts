import { z } from "zod";
import { taskOrderSchema } from "../../charter/amendment.ts";
import { uuidSchema } from "../../ids.ts";
import { choiceSchema, missionViewSchema, proposalSchema } from "../../mission/view.ts";
import { MAX_TITLE, textSchema } from "../../text.ts";
import { entry } from "../entry.ts";
import { proposalRecordSchema } from "../records.ts";
import { actors, anyone, done, limit, text } from "./parts.ts";

/** A motion, in a line. */
const motionSummarySchema = missionViewSchema
  .pick({ id: true, phase: true, phaseDeadline: true, outcome: true })
  .extend(proposalSchema.pick({ kind: true, title: true, author: true, state: true }).shape)
  .extend({ proposal: z.uuid(), createdAt: z.string(), closedAt: z.string().nullable() });

const motionId = uuidSchema.optional().describe("Made by the caller, so that a retry is the same motion.");
const motionMade = z.object({ motion: z.uuid(), proposal: z.uuid() });
const order = taskOrderSchema.shape;

/** Proposals, critique, ballots, veto; motions, which bind the whole federation. */
export const proposalsEntries = {
  Propose: entry({
    name: "Propose",
    kind: "command",
    title: "Propose",
    doc: "Puts a proposal before the members of a mission.",
    request: z.strictObject({ id: uuidSchema.optional(), mission: uuidSchema, title: textSchema(MAX_TITLE), text }),
    response: z.object({ proposal: z.uuid() }),
    roles: actors,
    idempotent: false,
  }),
  Critique: entry({
    name: "Critique",
    kind: "command",
    title: "Criticise a proposal",
    doc: "Says what is good, weak or missing in a proposal before it is voted on.",
    request: z.strictObject({ proposal: uuidSchema, text }),
    response: done,
    roles: actors,
    idempotent: false,
  }),
  ListProposals: entry({
    name: "ListProposals",
    kind: "query",
    title: "Proposals",
    doc: "Lists proposals with their electorate and ballots, newest first.",
    request: z.strictObject({ mission: uuidSchema.optional(), limit }),
    response: z.object({ proposals: z.array(proposalRecordSchema) }),
    roles: anyone,
    idempotent: true,
  }),
  ShowProposal: entry({
    name: "ShowProposal",
    kind: "query",
    title: "One proposal",
    doc: "Shows a proposal with its text, electorate and ballots.",
    request: z.strictObject({ proposal: uuidSchema }),
    response: z.object({ proposal: proposalRecordSchema }),
    roles: anyone,
    idempotent: true,
  }),
  CastBallot: entry({
    name: "CastBallot",
    kind: "command",
    title: "Vote",
    doc: "Casts my one ballot on a proposal: yes, no or abstain, with a reason.",
    request: z.strictObject({ proposal: uuidSchema, choice: choiceSchema, reason: text }),
    response: done,
    roles: actors,
    idempotent: false,
  }),
  VetoProposal: entry({
    name: "VetoProposal",
    kind: "command",
    title: "Veto",
    doc: "Stops a proposal and what was built on it, on record with the reason; only a human may.",
    request: z.strictObject({ proposal: uuidSchema, reason: text }),
    response: done,
    roles: ["commander"],
    idempotent: true,
  }),
  WithdrawProposal: entry({
    name: "WithdrawProposal",
    kind: "command",
    title: "Withdraw a proposal",
    doc: "Takes back a proposal of mine that is not decided yet; ballots that were cast stay on record.",
    request: z.strictObject({ proposal: uuidSchema, reason: text }),
    response: done,
    roles: actors,
    idempotent: true,
  }),
  ProposeDecision: entry({
    name: "ProposeDecision",
    kind: "command",
    title: "Propose a decision",
    doc: "Opens a motion whose text is recorded as the federation's decision when it is accepted.",
    request: z.strictObject({ id: motionId, title: textSchema(MAX_TITLE), text }),
    response: motionMade,
    roles: actors,
    idempotent: false,
  }),
  ProposeTask: entry({
    name: "ProposeTask",
    kind: "command",
    title: "Propose a task",
    doc: "Opens a motion that opens a task and assigns it when it is accepted.",
    request: z.strictObject({
      id: motionId,
      title: textSchema(MAX_TITLE),
      text: text.describe("Why it should be done."),
      taskKind: order.taskKind.default("feature"),
      assignee: order.assignee,
      instructions: order.instructions,
      scope: order.scope.default([]).describe("Path patterns its holder may write; none: any."),
      priority: order.priority.default(0),
      dueInMs: order.dueInMs.default(null).describe("Counted from when it is opened."),
    }),
    response: motionMade,
    roles: actors,
    idempotent: false,
  }),
  ListMotions: entry({
    name: "ListMotions",
    kind: "query",
    title: "Motions",
    doc: "Lists motions, newest first.",
    request: z.strictObject({ open: z.boolean().default(false).describe("Only those not yet closed."), limit }),
    response: z.object({ motions: z.array(motionSummarySchema) }),
    roles: anyone,
    idempotent: true,
  }),
} as const;
