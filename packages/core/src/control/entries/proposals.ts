import { z } from "zod";
import { uuidSchema } from "../../ids.ts";
import { choiceSchema } from "../../mission/view.ts";
import { MAX_TITLE, textSchema } from "../../text.ts";
import { entry } from "../entry.ts";
import { proposalRecordSchema } from "../records.ts";
import { actors, anyone, done, limit, text } from "./parts.ts";

/** Proposals, critique, ballots, veto. */
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
} as const;
