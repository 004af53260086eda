import { z } from "zod";

/** Path patterns of a task: segments of literals and `*`, or `**` for any number of segments. */
const pattern = z
  .string()
  .max(200)
  .regex(/^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^/\\\u0000-\u001f][^\\\u0000-\u001f]*$/u, {
    error: "is no relative path pattern",
  });

export const scopeSchema = z.array(pattern).max(64);

export function scopesOverlap(a: readonly string[], b: readonly string[]): boolean {
  return a.some((x) => b.includes(x));
}
