/** Turns what zod found into sentences that name the key, what was expected, and what to write instead. */
import type { z } from "zod";
import type { OptionRow } from "./option-table.ts";
import { getAt } from "./override.ts";

export interface ProblemContext {
  readonly table: readonly OptionRow[];
  /** What was checked: the values shown come from it. */
  readonly tree: unknown;
  /** Key → environment variable it came from. */
  readonly sources: ReadonlyMap<string, string>;
}

export function describeIssues(issues: readonly z.core.$ZodIssue[], context: ProblemContext): readonly string[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey([...issue.path, key], context));
    return [wrongValue(issue, context)];
  });
}

function unknownKey(path: readonly PropertyKey[], context: ProblemContext): string {
  const key = path.map(String).join(".");
  const prefix = path.slice(0, -1).map(String).join(".");
  if (context.table.some((row) => row.key === key)) {
    const source = context.sources.get(key);
    const named = source === undefined ? `"${key}"` : `${source} (${key})`;
    return `${named} means nothing with "${prefix}.mode: ${String(getAt(context.tree, [...path.slice(0, -1), "mode"]))}"`;
  }
  const siblings = siblingKeys(prefix, context.table);
  const near = nearest(key, siblings) ?? nearest(key, [...siblingKeys("", context.table), ...allKeys(context.table)]);
  if (near !== undefined) return `unknown key "${key}"; the nearest known key is "${near}"`;
  return `unknown key "${key}"; known here: ${siblings.join(", ")}`;
}

function wrongValue(issue: z.core.$ZodIssue, context: ProblemContext): string {
  const key = issue.path.map(String).join(".");
  const row = context.table.find((candidate) => candidate.key === key);
  const source = context.sources.get(key);
  const named = source === undefined ? `"${key}"` : `${source} (${key})`;
  const about = row === undefined || row.description === "" ? "" : ` (${row.description})`;
  const value = getAt(context.tree, issue.path);
  if (value === undefined) {
    const takes = row === undefined ? "" : `: ${row.takes}`;
    return key === "" ? "the file is empty" : `missing key ${named}${takes}${about}`;
  }
  return `${named} is ${shown(value)}; ${expected(issue, row)}${about}`;
}

function expected(issue: z.core.$ZodIssue, row: OptionRow | undefined): string {
  if (issue.code === "custom" || issue.code === "invalid_format") return issue.message;
  if (issue.code === "invalid_union") return `expected ${row?.takes ?? "another form"}`;
  if (issue.code === "invalid_type" && row !== undefined && row.kind === "text") return `expected ${row.takes}`;
  const start = issue.message.indexOf("expected");
  const text = start < 0 ? issue.message : issue.message.slice(start);
  return text.replace(/, received .*$/, "");
}

/** Short, on one line, and without what may be a credential. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value;
  const safe = text.replace(/:\/\/([^/@:"]*):[^@"]*@/g, "://$1:***@");
  return safe.length <= 80 ? safe : `${safe.slice(0, 77)}…`;
}

function allKeys(table: readonly OptionRow[]): readonly string[] {
  return table.map((row) => row.key);
}

/** Full keys one level below `prefix`, sections included. */
function siblingKeys(prefix: string, table: readonly OptionRow[]): readonly string[] {
  const start = prefix === "" ? "" : `${prefix}.`;
  const below = table.filter((row) => row.key.startsWith(start));
  return [...new Set(below.map((row) => start + (row.key.slice(start.length).split(".")[0] ?? "")))];
}

function nearest(key: string, candidates: readonly string[]): string | undefined {
  const last = (path: string) => (path.split(".").at(-1) ?? path).toLowerCase();
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const prefixed = last(candidate).startsWith(last(key)) || last(key).startsWith(last(candidate));
    const distance = prefixed && last(key).length > 2 ? 1 : editDistance(last(key), last(candidate));
    if (best === undefined || distance < best.distance) best = { candidate, distance };
  }
  const tolerated = last(key).length <= 3 ? 1 : Math.max(2, Math.floor(last(key).length / 3));
  return best !== undefined && best.distance <= tolerated ? best.candidate : undefined;
}

/** Levenshtein; a dozen lines against a dependency for one message. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
