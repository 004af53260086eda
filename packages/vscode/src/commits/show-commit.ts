/** Opens what a commit changed, in the editor's own view of changes; says where it is to be had when it is not here. */
import * as vscode from "vscode";
import { errorText, tell } from "../app/tell.ts";
import type { Way } from "../finding/way.ts";
import { fetchCommand, findCommit } from "./commit-changes.ts";
import type { GitApi } from "./git-api.ts";
import { localClones } from "./local-clones.ts";

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

const fetchIt = "Fetch It";
const copyCommand = "Copy the Command";

export async function showCommit(commit: string, way: Way | undefined): Promise<void> {
  const api = await gitApi();
  if (api === undefined) {
    void tell.error("The editor's git extension is off; changes of a commit are shown by it.");
    return;
  }
  const found = await findCommit(api, commit);
  if (found.found === "changes") {
    await vscode.commands.executeCommand("vscode.changes", found.title, found.resources);
    return;
  }
  if (found.found === "first") {
    void tell.info(
      `${commit} is the first commit of ${found.repository.rootUri.fsPath}: there is nothing before it to compare it with.`,
    );
    return;
  }
  await offerToFetch(api, commit, way);
}

async function offerToFetch(api: GitApi, commit: string, way: Way | undefined): Promise<void> {
  const repositories = api.repositories.map((it) => it.rootUri.fsPath);
  const [clone] = await localClones(way);
  const [only] = api.repositories.length === 1 ? api.repositories : [];
  const where =
    repositories.length === 0
      ? "no repository is open in this workspace"
      : `it is in none of the workspace's repositories (${repositories.join(", ")})`;
  const command = fetchCommand(clone ?? "PATH-OR-URL", commit);
  const hint =
    clone === undefined
      ? "Fetch it from the clone in which the node commits (git.repositories in its node.yaml)"
      : "The local mesh has committed it in a clone of its own";
  const buttons = clone !== undefined && only !== undefined ? [fetchIt, copyCommand] : [copyCommand];
  const chosen = await tell.warning(
    `The commit ${commit.slice(0, 10)} cannot be shown: ${where}. ${hint}: ${command}`,
    ...buttons,
  );
  if (chosen === copyCommand) await vscode.env.clipboard.writeText(command);
  if (chosen !== fetchIt || only === undefined || clone === undefined) return;
  try {
    await only.fetch(clone, commit);
  } catch (error) {
    void tell.error(`It could not be fetched: ${errorText(error)}`);
    return;
  }
  await showCommit(commit, way);
}

async function gitApi(): Promise<GitApi | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>("vscode.git");
  if (extension === undefined) return undefined;
  const git = await extension.activate();
  return git.enabled ? git.getAPI(1) : undefined;
}
