import { join } from "node:path";
import { commitAs } from "@federation/git-guard";
import type { Workspace } from "@federation/runtime/ports";
import type { NodeConfig } from "../config/index.ts";

/**
 * The repositories of a node's configuration, each with a worktree of this node's own in its state folder and a branch
 * per claim. Undefined when it has none.
 */
export function workspaceOf(config: NodeConfig): Workspace | undefined {
  const { repositories, signingKeyFile: keyFile } = config.git;
  if (keyFile === undefined || repositories.length === 0) return undefined;
  const actor = config.node.name;
  const paths = new Map(repositories.map(repositoryOf));
  return {
    has: (repository) => paths.has(repository),
    async commit({ repository, task, fence, message, files }) {
      const made = await commitAs({
        repository: paths.get(repository) ?? "",
        worktree: join(config.stateDir, "worktrees", repository),
        branch: branchOf(actor, task, fence),
        actor,
        keyFile,
        claim: { task, fence },
        message,
        files,
      });
      return made.outcome === "refused"
        ? { outcome: "refused", reason: made.lines.join(" ") }
        : { outcome: "committed", commit: made.commit };
    },
  };
}

/**
 * Of one claim: two worktrees cannot be on one branch, and a commit under a claim that has ended would keep those after
 * it from ever being pushed.
 */
export function branchOf(actor: string, task: string, fence: number): string {
  return `federation/${actor}/${task}-${fence}`;
}

function repositoryOf(line: string): readonly [name: string, path: string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}
