/** The files that a commit changed, as the editor's view of several diffs wants them. */
import { MeshError } from "@federation/core";
import type { Uri } from "vscode";
import { oneLine } from "../text/one-line.ts";
import { deleted, type GitApi, type GitRepository, indexAdded, indexDeleted, untracked } from "./git-api.ts";

export type FoundCommit =
  | { readonly found: "nowhere" }
  /** It has no parent, and so nothing to be held against. */
  | { readonly found: "first"; readonly repository: GitRepository }
  | {
      readonly found: "changes";
      readonly title: string;
      /** Each: the file, and what it was and is; undefined where it was not, or is no more. */
      readonly resources: readonly (readonly [file: Uri, before: Uri | undefined, after: Uri | undefined])[];
    };

const shortLength = 10;

/** @throws MeshError `invalid_input`: who handed a result in wrote the name, and to git it could be an option. */
export async function findCommit(api: GitApi, commit: string): Promise<FoundCommit> {
  if (!/^[0-9a-f]{40,64}$/.test(commit))
    throw new MeshError("invalid_input", `“${oneLine(commit, 80)}” names no commit.`);
  for (const repository of api.repositories) {
    const it = await repository.getCommit(commit).catch(() => undefined);
    if (it === undefined) continue;
    const [parent] = it.parents;
    if (parent === undefined) return { found: "first", repository };
    const changes = await repository.diffBetween(parent, commit);
    const [subject = ""] = it.message.split("\n");
    return {
      found: "changes",
      title: `${commit.slice(0, shortLength)} ${subject}`,
      resources: changes.map((change) => {
        const now = change.renameUri ?? change.uri;
        const isNew = change.status === indexAdded || change.status === untracked;
        const isGone = change.status === indexDeleted || change.status === deleted;
        return [
          now,
          isNew ? undefined : api.toGitUri(change.originalUri, parent),
          isGone ? undefined : api.toGitUri(now, commit),
        ] as const;
      }),
    };
  }
  return { found: "nowhere" };
}

/** For a person's shell, in which it is one command, wherever the clone lies. */
export function fetchCommand(from: string, commit: string): string {
  return `git fetch '${from.replaceAll("'", "'\\''")}' ${commit}`;
}
