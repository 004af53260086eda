import { z } from "zod";
import { actorNameSchema, uuidSchema } from "../../ids.ts";
import { roleSchema } from "../../roles.ts";
import { textSchema } from "../../text.ts";
import { entry } from "../entry.ts";
import { meshEventSchema, overdueSchema, reloadRecordSchema, rosterEntrySchema } from "../records.ts";
import { scopeNameSchema } from "../scopes.ts";
import { anyone, done, limit } from "./parts.ts";

const cursor = z.string().max(200);

/** Which events: those that fit all of what is given. */
const eventFilterSchema = z.object({
  conversation: uuidSchema.optional(),
  actor: actorNameSchema.optional().describe("Only what this actor did."),
  kinds: z.array(z.string().max(64)).max(64).optional().describe("Only these kinds, as in TaskClaimed."),
  subject: z.string().max(200).optional().describe("Only what is about this task, proposal or other subject."),
  text: textSchema(200).optional().describe("Only what has these letters somewhere in it, in either case."),
});
export type EventFilter = Readonly<z.infer<typeof eventFilterSchema>>;

/** The mesh itself: its state, its actors, its log. */
export const meshEntries = {
  GetStatus: entry({
    name: "GetStatus",
    kind: "query",
    title: "Status of the mesh",
    doc: "Tells how this node, its broker, its database and its model are, and what is waiting in the mesh.",
    request: z.strictObject({}),
    response: z.object({
      /** Who asks, and what their token lets them do. */
      you: z.object({ actor: z.string(), role: roleSchema, scopes: z.array(scopeNameSchema) }),
      /** The database's clock, by which deadlines run. */
      now: z.string(),
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
    doc: "Lists what waits beyond its deadline, for whom and since when, the longest late first and at most 500; with a healthy mesh nothing does.",
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
      after: cursor
        .optional()
        .describe(
          "Cursor of the last event seen; without one, from the beginning; end: only what happens from now on.",
        ),
      before: cursor
        .optional()
        .describe("Reads backwards instead: the events before this cursor, oldest first; end: the latest."),
      ...eventFilterSchema.shape,
      waitMs: z.int().min(0).max(25_000).default(0),
      limit,
    }),
    response: z.object({
      events: z.array(meshEventSchema),
      cursor: z.string().nullable().describe("To go on with in the same direction; null: nothing lies before."),
    }),
    roles: anyone,
    idempotent: true,
  }),
  CountEvents: entry({
    name: "CountEvents",
    kind: "query",
    title: "Count events",
    doc: "Counts the events between two cursors that I may see, so that a reader can tell that it missed none.",
    request: z.strictObject({
      after: cursor.optional().describe("From behind this cursor; without one, from the beginning."),
      upTo: cursor.default("end"),
      ...eventFilterSchema.shape,
    }),
    response: z.object({
      count: z.int(),
      upTo: z.string().describe("The cursor that was counted up to, itself included."),
    }),
    roles: anyone,
    idempotent: true,
  }),
} as const;
