import { inScope } from "@federation/core";
import { isModulesFile, linkDestination, pathProblem } from "./tree-path.ts";

/** One path that a commit changes; a rename is two. */
export interface Change {
  readonly path: string;
  readonly kind: "file" | "link" | "submodule" | "deletion";
  /** Where a link leads; absent where there is none, or none that could be read. */
  readonly target?: string;
}

export type Changes =
  | { readonly kind: "changes"; readonly list: readonly Change[] }
  | { readonly kind: "unreadable"; readonly reason: string; readonly lawful: string };

/** The first path that may not be changed under this scope, and why. */
export function outsideScope(
  changes: readonly Change[],
  scope: readonly string[],
): { readonly path: string; readonly reason: string } | undefined {
  for (const change of changes) {
    const reason = whyOutside(change, scope);
    if (reason !== undefined) return { path: change.path, reason };
  }
  return undefined;
}

function whyOutside({ path, kind, target }: Change, scope: readonly string[]): string | undefined {
  const problem = pathProblem(path);
  if (problem !== undefined) return problem;
  if (kind === "submodule" || isModulesFile(path)) return "a submodule brings in what no claim covers";
  if (!inScope(scope, path)) return "it is outside of the claim's paths";
  if (kind !== "link") return undefined;
  const destination = linkDestination(path, target ?? "");
  if (destination === undefined) return "this link leads out of the repository";
  return inScope(scope, destination) ? undefined : "this link leads out of the claim's paths";
}
