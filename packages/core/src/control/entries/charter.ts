import { z } from "zod";
import { amendmentSchema } from "../../charter/amendment.ts";
import { actorNameSchema, uuidSchema } from "../../ids.ts";
import { MAX_TITLE, textSchema } from "../../text.ts";
import { entry } from "../entry.ts";
import { actors, anyone, limit, text } from "./parts.ts";

/** How a version came to be in force: shipped with a build, voted for, or adopted by the commander. */
const howSchema = z.enum(["shipped", "vote", "commander"]);

const versionSchema = z.object({
  version: z.int(),
  sha256: z.string(),
  how: howSchema,
  adoptedBy: z.string(),
  adoptedAt: z.string(),
  /** The incident or the reason behind it. */
  motive: z.string(),
  /** The proposal that was voted for. */
  proposal: z.uuid().nullable(),
});

const charterSchema = versionSchema.extend({
  articles: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      principle: z.string(),
      /** A vote may switch it off. */
      optional: z.boolean().default(false),
      /** A change of it needs the commander's yes. */
      entrenched: z.boolean().default(false),
      text: z.string(),
      rationale: z.string(),
    }),
  ),
  /** By article, then by name. An older version may have others than this build knows. */
  parameters: z.record(z.string(), z.record(z.string(), z.unknown())),
  /** Optional articles that are not in force. */
  off: z.array(z.string()),
  /** Shown to models and people, and not enforced. */
  advisories: z.array(z.object({ id: z.string(), title: z.string(), text: z.string() })),
});

const valueSchema = z.union([z.number(), z.boolean(), z.string(), z.array(z.string())]);

const verdictSchema = z.object({
  id: z.string(),
  at: z.string(),
  /** Null: outside of any mission. */
  conversation: z.uuid().nullable(),
  actor: z.string(),
  action: z.string(),
  allowed: z.boolean(),
  article: z.string().nullable(),
  reason: z.string(),
  /** What would have been lawful. */
  lawful: z.string(),
  charterVersion: z.int(),
});

/** A refused action by its number, a rejected result or a claim that ran out by its task. */
export const incidentSchema = z
  .string()
  .regex(/^(?:\d{1,18}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/, {
    error: "is no incident: give the number of a verdict or the id of a task",
  })
  .describe("Number of a refused verdict, or id of a task whose result was rejected or whose claim ran out.");

const motionMade = z.object({ motion: z.uuid(), proposal: z.uuid() });
const motionId = uuidSchema.optional().describe("Made by the caller, so that a retry is the same motion.");

/** The charter: what is in force, how it changes, and what was decided under it. */
export const charterEntries = {
  ShowCharter: entry({
    name: "ShowCharter",
    kind: "query",
    title: "Charter",
    doc: "Shows the articles in force and their parameters, what is switched off, and the advice; or an older version.",
    request: z.strictObject({ version: z.int().min(0).optional().describe("Without it, the version in force.") }),
    response: charterSchema,
    roles: anyone,
    idempotent: true,
  }),
  ListCharterVersions: entry({
    name: "ListCharterVersions",
    kind: "query",
    title: "History of the charter",
    doc: "Lists the versions of the charter with hash, reason and how each came to be in force, newest first.",
    request: z.strictObject({ limit }),
    response: z.object({ versions: z.array(versionSchema) }),
    roles: anyone,
    idempotent: true,
  }),
  DiffCharter: entry({
    name: "DiffCharter",
    kind: "query",
    title: "Difference of two versions",
    doc: "Tells what is different between two versions of the charter.",
    request: z.strictObject({
      from: z.int().min(0),
      to: z.int().min(0).optional().describe("Without it, the version in force."),
    }),
    response: z.object({
      from: z.int(),
      to: z.int(),
      differences: z.array(
        z.object({
          article: z.string(),
          /** A parameter by its name, `in force`, or `advice`. */
          what: z.string(),
          before: valueSchema.nullable(),
          after: valueSchema.nullable(),
        }),
      ),
    }),
    roles: anyone,
    idempotent: true,
  }),
  ProposeAmendment: entry({
    name: "ProposeAmendment",
    kind: "command",
    title: "Propose an amendment",
    doc: "Opens a motion that changes the charter, with the incident that motivates it.",
    request: z
      .strictObject({
        id: motionId,
        title: textSchema(MAX_TITLE),
        text: text.describe("What should change, and why it is better."),
        motive: textSchema(2_000).optional().describe("What happened, in your words."),
        incident: incidentSchema.optional(),
        change: amendmentSchema,
      })
      .refine((it) => it.motive !== undefined || it.incident !== undefined, {
        error: "needs a motive or an incident: what happened that the charter should answer to",
      }),
    response: motionMade.extend({ motive: z.string() }),
    roles: actors,
    idempotent: false,
  }),
  RatifyCharter: entry({
    name: "RatifyCharter",
    kind: "command",
    title: "Put the charter to the vote",
    doc: "Opens the founding vote: whether the charter that was shipped is the federation's own.",
    request: z.strictObject({ id: motionId, text: text.optional().describe("What the voters should consider.") }),
    response: motionMade,
    roles: ["commander", "lead"],
    idempotent: false,
  }),
  AdoptCharter: entry({
    name: "AdoptCharter",
    kind: "command",
    title: "Adopt the charter without a vote",
    doc: "Puts the charter in force by the commander's word, on record as such, after the founding vote has failed.",
    request: z.strictObject({ reason: textSchema(4_000) }),
    response: z.object({ version: z.int() }),
    roles: ["commander"],
    idempotent: false,
  }),
  ShowIncident: entry({
    name: "ShowIncident",
    kind: "query",
    title: "One incident",
    doc: "Tells what happened, as the rows have it: what an amendment or a lesson can be made of.",
    request: z.strictObject({ incident: incidentSchema }),
    response: z.object({
      incident: z.string(),
      kind: z.enum(["refused_action", "rejected_result", "expired_claim"]),
      at: z.string(),
      actor: z.string(),
      text: z.string(),
    }),
    roles: anyone,
    idempotent: true,
  }),
  ListVerdicts: entry({
    name: "ListVerdicts",
    kind: "query",
    title: "Verdicts",
    doc: "Lists what the law decided, newest first: who, what, which article, and what would have been lawful.",
    request: z.strictObject({
      conversation: uuidSchema.optional(),
      actor: actorNameSchema.optional(),
      refused: z.boolean().default(false).describe("Only refusals."),
      limit,
    }),
    response: z.object({ verdicts: z.array(verdictSchema) }),
    roles: anyone,
    idempotent: true,
  }),
  AuditVerdicts: entry({
    name: "AuditVerdicts",
    kind: "query",
    title: "Audit the verdicts",
    doc: "Computes the chain of seals over all verdicts again, and says where it breaks if it does.",
    request: z.strictObject({}),
    response: z.object({
      seals: z.int(),
      sealed: z.int(),
      unsealed: z.int(),
      ok: z.boolean(),
      /** The first seal that does not come out. */
      brokenAt: z.int().nullable(),
      /** The last seal, in hex: kept elsewhere, it also shows whether the chain was cut off. */
      head: z.string().nullable(),
    }),
    roles: anyone,
    idempotent: true,
  }),
} as const;
