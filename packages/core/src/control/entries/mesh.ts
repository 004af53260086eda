import { z } from "zod";
import { actorNameSchema, uuidSchema } from "../../ids.ts";
import { textSchema } from "../../text.ts";
import { entry } from "../entry.ts";
import { meshEventSchema, overdueSchema, reloadRecordSchema, rosterEntrySchema } from "../records.ts";
import { anyone, done, limit } from "./parts.ts";

/** The mesh itself: its state, its actors, its log. */
export const meshEntries = {
  GetStatus: entry({
    name: "GetStatus",
    kind: "query",
    title: "Status of the mesh",
    doc: "Tells how this node, its broker, its database and its model are, and what is waiting in the mesh.",
    request: z.strictObject({}),
    response: z.object({
      node: z.string(),
      version: z.string(),
      charterVersion: z.int(),
      database: z.string(),
      broker: z.object({ publish: z.string(), consume: z.string() }),
      model: z.string(),
      actors: z.int(),
      online: z.int(),
      openMissions: z.int(),
      outbox: z.int(),
      due: z.int(),
      dead: z.int(),
      paused: z.array(z.string()).describe("Nodes that take no turns."),
    }),
    roles: anyone,
    idempotent: true,
  }),
  ListRoster: entry({
    name: "ListRoster",
    kind: "query",
    title: "Roster",
    doc: "Lists all actors with role, presence, model, waiting deliveries and tokens used.",
    request: z.strictObject({}),
    response: z.object({ actors: z.array(rosterEntrySchema) }),
    roles: anyone,
    idempotent: true,
  }),
  GetOverdue: entry({
    name: "GetOverdue",
    kind: "query",
    title: "What is overdue",
    doc: "Lists what waits beyond its deadline, for whom and since when; with a healthy mesh nothing does.",
    request: z.strictObject({
      graceMs: z
        .int()
        .min(0)
        .max(24 * 3_600_000)
        .default(10_000)
        .describe("Leaves out what is not late by more than this: the reconcilers look every few seconds."),
    }),
    response: z.object({ items: z.array(overdueSchema) }),
    roles: anyone,
    idempotent: true,
  }),
  PauseNode: entry({
    name: "PauseNode",
    kind: "command",
    title: "Pause a node",
    doc: "Lets a node take no more turns; it still delivers and answers calls, and its duties run into their deadlines.",
    request: z.strictObject({ node: actorNameSchema, reason: textSchema(2_000) }),
    response: done,
    roles: ["commander"],
    idempotent: true,
    manages: true,
  }),
  ResumeNode: entry({
    name: "ResumeNode",
    kind: "command",
    title: "Resume a node",
    doc: "Lets a paused node take turns again.",
    request: z.strictObject({ node: actorNameSchema }),
    response: done,
    roles: ["commander"],
    idempotent: true,
    manages: true,
  }),
  ReloadNode: entry({
    name: "ReloadNode",
    kind: "command",
    title: "Reload a node's logic",
    doc: "Replaces the logic of a node while its sessions and its model stay; ListReloads tells how it ended.",
    request: z.strictObject({
      id: uuidSchema.optional().describe("Made by the caller, so that a retry is the same reload."),
      node: actorNameSchema.optional().describe("This node when not given; another one only by the commander."),
    }),
    response: z.object({ reload: z.uuid(), node: z.string() }),
    roles: ["commander", "lead", "developer", "analyst"],
    idempotent: false,
    manages: true,
  }),
  ListReloads: entry({
    name: "ListReloads",
    kind: "query",
    title: "Reloads",
    doc: "Lists reloads of nodes, newest first: who asked, how each ended, and why one was rolled back.",
    request: z.strictObject({ node: actorNameSchema.optional(), reload: uuidSchema.optional(), limit }),
    response: z.object({ reloads: z.array(reloadRecordSchema) }),
    roles: anyone,
    idempotent: true,
  }),
  ListEvents: entry({
    name: "ListEvents",
    kind: "query",
    title: "Events",
    doc: "Reads the event log after a cursor, in commit order without gaps, waiting up to waitMs for something new.",
    request: z.strictObject({
      after: z
        .string()
        .max(200)
        .optional()
        .describe(
          "Cursor of the last event seen; without one, from the beginning; end: only what happens from now on.",
        ),
      conversation: uuidSchema.optional(),
      waitMs: z.int().min(0).max(25_000).default(0),
      limit,
    }),
    response: z.object({ events: z.array(meshEventSchema), cursor: z.string().nullable() }),
    roles: anyone,
    idempotent: true,
  }),
} as const;
