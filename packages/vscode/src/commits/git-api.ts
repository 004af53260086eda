/** What is used of the API that the editor's own git extension offers to others. */
import type { Uri } from "vscode";

export interface GitChange {
  /** The new path, or the old one of a file that is gone. */
  readonly uri: Uri;
  readonly originalUri: Uri;
  readonly renameUri: Uri | undefined;
  readonly status: number;
}

/** Of the API's list of states, those in which one side of a change is empty. */
export const indexAdded = 1;
export const indexDeleted = 2;
export const deleted = 6;
export const untracked = 7;

export interface GitRepository {
  readonly rootUri: Uri;
  getCommit(ref: string): Promise<{ readonly hash: string; readonly message: string; readonly parents: string[] }>;
  diffBetween(ref1: string, ref2: string): Promise<GitChange[]>;
  fetch(remote: string, ref: string): Promise<void>;
}

export interface GitApi {
  readonly repositories: readonly GitRepository[];
  toGitUri(uri: Uri, ref: string): Uri;
}
