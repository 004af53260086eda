import {
  type Action,
  type ActionHead,
  findTask,
  type MissionView,
  pathInScope,
  resultPath,
  type SubmittedFile,
  type Words,
} from "@federation/core";
import type { Workspace } from "../ports/index.ts";

/**
 * A result that belongs into a repository is committed before it is submitted, while its author holds the claim, and
 * names the commit as evidence.
 *
 * 1. A result of words alone becomes a file of those words. A file the model named outside of the task's paths keeps its
 *    name and lies inside of them: small models name folders badly, and the guard takes nothing from elsewhere.
 * 2. A node that does not have the repository submits without a commit: the words are not lost for it.
 */
export type CommittedResult =
  | { readonly end: "ready"; readonly action: Action }
  | { readonly end: "refused"; readonly reason: string };

type Submit = Extract<ActionHead, { readonly kind: "submit" }>;

export async function commitResult(
  workspace: Workspace | undefined,
  view: MissionView,
  head: Submit,
  words: Words,
): Promise<CommittedResult> {
  const { repository } = view;
  const task = findTask(view, head.task);
  if (repository === null || task === undefined || workspace?.has(repository) !== true)
    return { end: "ready", action: { head, words } };
  const files = filesOf(task.scope, task.title, words);
  if (files.length === 0) return { end: "refused", reason: "its paths leave no room for a file of its own" };
  const made = await workspace.commit({
    repository,
    task: task.id,
    fence: task.fence,
    message: `${task.title}\n\n${words.text ?? ""}`,
    files,
  });
  if (made.outcome === "refused") return { end: "refused", reason: made.reason };
  return {
    end: "ready",
    action: {
      head: { ...head, evidence: [...(head.evidence ?? []), `commit:${made.commit}`] },
      words: { ...words, files: [...files] },
    },
  };
}

function filesOf(scope: readonly string[], title: string, words: Words): readonly SubmittedFile[] {
  const placed = new Map<string, SubmittedFile>();
  for (const file of words.files ?? []) {
    const path = pathInScope(scope, file.path);
    if (path !== undefined) placed.set(path, { ...file, path });
  }
  if (placed.size > 0) return [...placed.values()];
  const path = resultPath(scope, title);
  return path === undefined ? [] : [{ path, content: `# ${title}\n\n${words.text ?? ""}\n` }];
}
