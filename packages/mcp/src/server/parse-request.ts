import { type ControlEntry, MAX_JSON_DEPTH, MeshError } from "@federation/core";
import type { z } from "zod";
import { isDeeperThan } from "./value-depth.ts";

const maxIssues = 5;
const maxMessageBytes = 1024;

/**
 * The arguments of a call as its entry's request schema gives them out, defaults filled in.
 * @throws MeshError `invalid_input` that names the first five faults in at most 1 KiB.
 */
export function parseRequest(entry: ControlEntry, given: unknown): unknown {
  if (isDeeperThan(given, MAX_JSON_DEPTH)) {
    throw new MeshError("invalid_input", `The arguments nest deeper than ${MAX_JSON_DEPTH} levels; send them flatter.`);
  }
  const parsed = entry.request.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  throw new MeshError("invalid_input", cut(describeIssues(parsed.error.issues)), {
    details: { call: entry.name, issues: parsed.error.issues.length },
  });
}

function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  const told = issues.slice(0, maxIssues).map((issue) => {
    const path = issue.path.map(String).join(".");
    return path === "" ? issue.message : `${path}: ${issue.message}`;
  });
  const more = issues.length > maxIssues ? `; and ${issues.length - maxIssues} more` : "";
  return `${told.join("; ")}${more}. Correct the arguments and call again.`;
}

function cut(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= maxMessageBytes) return text;
  // Not `fatal`: a character cut in half becomes a replacement character, which is dropped.
  return `${new TextDecoder().decode(bytes.subarray(0, maxMessageBytes - 3)).replace(/\uFFFD$/, "")}…`;
}
