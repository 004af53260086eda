import { z } from "zod";
import { uuidSchema } from "../../ids.ts";
import { textSchema } from "../../text.ts";
import { entry } from "../entry.ts";
import { episodeSchema } from "../records.ts";
import { incidentSchema } from "./charter.ts";
import { actors, anyone, limit } from "./parts.ts";

/** The shared memory. */
export const memoryEntries = {
  Remember: entry({
    name: "Remember",
    kind: "command",
    title: "Remember",
    doc: "Writes an episode into the shared memory.",
    request: z.strictObject({
      text: textSchema(2_000),
      conversation: uuidSchema.optional(),
      incident: incidentSchema.optional(),
    }),
    response: z.object({ episode: z.uuid() }),
    roles: actors,
    idempotent: false,
  }),
  RecallMemory: entry({
    name: "RecallMemory",
    kind: "query",
    title: "Recall",
    doc: "Finds episodes by their words, best first, or lists the newest.",
    request: z.strictObject({
      query: textSchema(400).optional().describe("Any of its words; without it, the newest episodes."),
      limit,
    }),
    response: z.object({ episodes: z.array(episodeSchema) }),
    roles: anyone,
    idempotent: true,
  }),
} as const;
