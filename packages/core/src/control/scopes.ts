import { z } from "zod";
import type { ControlEntry } from "./entry.ts";

/** What a token lets its bearer do, within the rights of its actor: ask, act, and administer. */
export const scopeNameSchema = z.enum(["read", "act", "manage"]);
export type ScopeName = z.infer<typeof scopeNameSchema>;
export const allScopes: readonly ScopeName[] = scopeNameSchema.options;

/** The scope a token must have for this entry. */
export function scopeOf(entry: Pick<ControlEntry, "kind" | "manages">): ScopeName {
  if (entry.manages === true) return "manage";
  return entry.kind === "query" ? "read" : "act";
}
