import type { SubmittedFile } from "@federation/core";

/**
 * Repositories this node may commit to: a worktree of its own in each, its actor's signature under each commit.
 *
 * 1. A commit is made under a live claim and inside its paths, or not at all; the same request again makes it once.
 */
export interface Workspace {
  /** This node knows a repository of that name. */
  has(repository: string): boolean;
  /** @throws MeshError when the repository cannot be written; what the guard refuses is an answer. */
  commit(request: WorkspaceCommit): Promise<Committed>;
}

export interface WorkspaceCommit {
  readonly repository: string;
  readonly task: string;
  readonly fence: number;
  /** The author's words. */
  readonly message: string;
  readonly files: readonly SubmittedFile[];
}

export type Committed =
  | { readonly outcome: "committed"; readonly commit: string }
  | { readonly outcome: "refused"; readonly reason: string };
