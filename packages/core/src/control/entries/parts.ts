import { z } from "zod";
import { MAX_TEXT, textSchema } from "../../text.ts";

/** What many entries share. */
export const anyone = ["lead", "developer", "analyst", "commander", "observer"] as const;
export const actors = ["lead", "developer", "analyst", "commander"] as const;
export const limit = z.int().min(1).max(500).default(50).describe("At most this many rows.");
export const text = textSchema(MAX_TEXT);
export const done = z.object({ done: z.literal(true) });
