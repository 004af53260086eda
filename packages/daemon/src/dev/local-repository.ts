import { execFile } from "node:child_process";
import { mkdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { MeshError, type MissionReport } from "@federation/core";
import { install } from "@federation/git-guard";
import type { ControlClient } from "@federation/mcp/client";
import { ensureSigningKey } from "../git/signing-key.ts";
import { branchOf } from "../git/workspace.ts";
import { repository } from "../repository.ts";
import type { JoinedNode } from "./state.ts";

/**
 * The repository of `dev --repo`: a clone in the state folder, guarded like any other. The user's own folder is read,
 * and gets no hook, no branch and no worktree.
 */
export interface LocalRepository {
  /** How missions call it. */
  readonly name: string;
  /** The user's. */
  readonly origin: string;
  readonly clone: string;
}

const git = async (...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)("git", [...args], { maxBuffer: 16 * 1024 * 1024 })).stdout.trim();

/** @throws MeshError `invalid_input` when it is no git repository with a commit. */
export async function cloneRepository(origin: string, stateDir: string): Promise<LocalRepository> {
  await git("-C", origin, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").catch((cause: unknown) => {
    throw new MeshError("invalid_input", `${origin} is no git repository with a commit; make one first.`, { cause });
  });
  const name =
    basename(origin)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-+|-+$/g, "")
      .slice(0, 60) || "repository";
  const clone = join(stateDir, "repositories", name);
  const there = await stat(clone).then(
    () => true,
    () => false,
  );
  if (!there) {
    await mkdir(dirname(clone), { recursive: true });
    await git("clone", "--quiet", "--no-hardlinks", "--", origin, clone);
  } else {
    const from = await git("-C", clone, "remote", "get-url", "origin");
    if (from !== origin)
      throw new MeshError("conflict", `${clone} is a clone of ${from}; give --state another folder, or --fresh.`);
    // Branches of new tasks begin where the user's repository is now.
    await git("-C", clone, "fetch", "--quiet", "origin", "HEAD");
    await git("-C", clone, "reset", "--quiet", "--hard", "FETCH_HEAD");
  }
  return { name, origin, clone };
}

export function signingKeyFileOf(node: Pick<JoinedNode, "tokenFile">): string {
  return join(dirname(node.tokenFile), "signing-key");
}

/** Keys for the agents, known to the federation, and the hooks, which ask the commander's node. */
export async function guardRepository(
  { clone }: LocalRepository,
  nodes: readonly JoinedNode[],
  client: ControlClient,
  stateDir: string,
): Promise<void> {
  for (const node of nodes.filter((it) => it.role !== "commander")) {
    const key = await ensureSigningKey(signingKeyFileOf(node), node.name);
    await client.call("AddSigningKey", { actor: node.name, ...key });
  }
  await install({
    repository: clone,
    command: [process.execPath, repository.gitHook, "--config", join(stateDir, "commander")],
  });
}

/** What brings a mission's commit into the user's own repository. */
export function fetchCommand({ clone, origin }: LocalRepository, report: Pick<MissionReport, "tasks">): string {
  const task = report.tasks.at(-1);
  const branch = branchOf(task?.claimedBy ?? "", task?.id ?? "", task?.fence ?? 0);
  return `git -C '${origin}' fetch '${clone}' ${branch}`;
}
