import { z } from "zod";
import { actorNameSchema, uuidSchema } from "../../ids.ts";
import { textSchema } from "../../text.ts";
import { entry } from "../entry.ts";
import { pageSessionSchema, tokenRecordSchema } from "../records.ts";
import { scopeNameSchema } from "../scopes.ts";
import { actors, anyone, done, limit } from "./parts.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "is no SHA-256 in hexadecimal");
const dayMs = 24 * 3_600_000;

/**
 * Who may come in: actors without a daemon, tokens, tickets. Secrets are made by the caller and only their hash is
 * sent, so that no row, log or recorded outcome ever holds one.
 */
export const identityEntries = {
  AddActor: entry({
    name: "AddActor",
    kind: "command",
    title: "Add an external actor",
    doc: "Registers an actor without a daemon, such as a coding agent; it is hosted by the node its client connects to.",
    request: z.strictObject({
      name: actorNameSchema,
      role: z.enum(["developer", "analyst", "observer"]),
      description: textSchema(600).optional().describe("Who it is, in a sentence or two."),
    }),
    response: z.object({ actor: z.string() }),
    roles: ["commander"],
    idempotent: true,
    manages: true,
  }),
  RetireActor: entry({
    name: "RetireActor",
    kind: "command",
    title: "Retire an external actor",
    doc: "Takes an external actor out of the federation for good: its tokens end, its open claims are released.",
    request: z.strictObject({ name: actorNameSchema }),
    response: done,
    roles: ["commander"],
    idempotent: true,
    manages: true,
  }),
  IssueToken: entry({
    name: "IssueToken",
    kind: "command",
    title: "Issue a token",
    doc: "Makes a bearer token valid, by its SHA-256: for me, or by the commander for an external actor.",
    request: z.strictObject({
      id: uuidSchema.optional().describe("Made by the caller, so that a retry is the same token."),
      actor: actorNameSchema.optional().describe("Whose token it is; mine when not given."),
      sha256: sha256.describe("SHA-256 of the token's text, in hexadecimal: the token itself is never sent."),
      label: z.string().max(100).default("").describe("What it is for, to tell it from others."),
      scopes: z.array(scopeNameSchema).min(1).max(3).default(["read", "act"]),
      expiresInMs: z
        .int()
        .min(1_000)
        .max(400 * dayMs)
        .default(90 * dayMs),
      replaces: uuidSchema.optional().describe("The token that this one takes the place of."),
      graceMs: z
        .int()
        .min(0)
        .max(7 * dayMs)
        .default(0)
        .describe("How long the replaced token stays valid."),
    }),
    response: z.object({ token: tokenRecordSchema }),
    roles: anyone,
    idempotent: false,
    manages: true,
  }),
  ListTokens: entry({
    name: "ListTokens",
    kind: "query",
    title: "Tokens",
    doc: "Lists my tokens, or as the commander those of one or of all actors; never the tokens themselves.",
    request: z.strictObject({
      actor: z
        .union([actorNameSchema, z.literal("all")])
        .optional()
        .describe("Mine when not given."),
      live: z.boolean().default(true).describe("Only what still opens a session."),
    }),
    response: z.object({ tokens: z.array(tokenRecordSchema) }),
    roles: anyone,
    idempotent: true,
    manages: true,
  }),
  RevokeToken: entry({
    name: "RevokeToken",
    kind: "command",
    title: "Revoke a token",
    doc: "Ends a token of mine, or as the commander any: its open sessions are closed within a second.",
    request: z.strictObject({ token: uuidSchema }),
    response: done,
    roles: anyone,
    idempotent: true,
    manages: true,
  }),
  IssueTicket: entry({
    name: "IssueTicket",
    kind: "command",
    title: "Issue a ticket",
    doc: "Makes a one-time ticket valid, by its SHA-256: for a short time it opens one session of mine, from one origin.",
    request: z.strictObject({
      sha256,
      origin: z
        .string()
        .max(300)
        .regex(/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/i, "is no origin: scheme, host and port only")
        .optional()
        .describe("The browser origin it is for; without one, only a client that sends no origin."),
      lastsMs: z.int().min(10_000).max(900_000).default(60_000).describe("How long it can be used."),
    }),
    response: z.object({ expiresAt: z.string() }),
    roles: actors,
    idempotent: false,
    manages: true,
  }),
  RenewPageSession: entry({
    name: "RenewPageSession",
    kind: "command",
    title: "Renew a page's session",
    doc: "Gives the page I am called from the next secret by which it comes back, by its SHA-256; the one before stays good until this one is used.",
    request: z.strictObject({ sha256 }),
    response: z.object({ session: pageSessionSchema }),
    roles: anyone,
    idempotent: false,
  }),
  ListPageSessions: entry({
    name: "ListPageSessions",
    kind: "query",
    title: "Pages",
    doc: "Lists browser pages that were let in as me, or as the commander those of all actors, latest used first.",
    request: z.strictObject({ live: z.boolean().default(true).describe("Only those that can come back."), limit }),
    response: z.object({
      sessions: z.array(pageSessionSchema),
      here: z.uuid().nullable().describe("The page that asks."),
    }),
    roles: anyone,
    idempotent: true,
  }),
  EndPageSession: entry({
    name: "EndPageSession",
    kind: "command",
    title: "End a page's session",
    doc: "Lets a page come back no more and closes what it has open within a second: one of mine, or as the commander any.",
    request: z.strictObject({ session: uuidSchema }),
    response: done,
    roles: anyone,
    idempotent: true,
  }),
} as const;
