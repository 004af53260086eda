/**
 * A worktree that belongs to one daemon: made by it, marked, and used for nothing else.
 *
 * 1. Only a marked linked worktree is written to. Somebody's own working folder never is.
 * 2. What a crash left in it is cleared away: nothing but commits is kept there.
 */
import { readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { MeshError } from "@federation/core";
import { createGit, type Git } from "../git/git.ts";

export interface OwnWorktree {
  /** Real path of the folder. */
  readonly folder: string;
  readonly git: Git;
}

export interface WorktreeRequest {
  /** The repository the worktree is of. */
  readonly repository: string;
  readonly worktree: string;
  readonly branch: string;
  /** Where the branch begins when there is none; HEAD of the repository without it. */
  readonly base?: string;
  readonly environment: Readonly<Record<string, string>>;
}

const MARK = "federation-worktree";
/** Git holds its lock on the index for moments; one that old was left by a process that was killed. */
const STALE_LOCK_MS = 60_000;

export async function openOwnWorktree(request: WorktreeRequest): Promise<OwnWorktree> {
  const { repository, worktree, branch, environment } = request;
  const main = createGit(path.resolve(repository), environment);
  const ref = `refs/heads/${branch}`;
  if (branch.startsWith("-") || (await main.run(["check-ref-format", ref])).code !== 0)
    throw new MeshError("invalid_input", `${JSON.stringify(branch.slice(0, 100))} is no name of a branch.`);
  const exists = (await main.run(["show-ref", "--verify", "--quiet", ref])).code === 0;
  const base = await main.line(["rev-parse", "--verify", "--end-of-options", `${request.base ?? "HEAD"}^{commit}`]);
  const folder = path.resolve(worktree);
  const there = await stat(folder).catch(() => undefined);
  if (there === undefined) {
    await main.ask(["worktree", "prune"]);
    const how = exists ? [folder, branch] : ["-b", branch, folder, base];
    await main.ask(["worktree", "add", "--quiet", ...how]);
    const own = createGit(await realpath(folder), environment);
    await writeFile(await markOf(own), `${path.basename(folder)}\n`);
    return { folder: own.cwd, git: own };
  }
  const git = createGit(await realpath(folder), environment);
  await requireOwn(main, git);
  await clearStaleLock(git);
  const head = await git.run(["symbolic-ref", "--quiet", "HEAD"]);
  if (head.stdout.toString("utf8").trim() !== ref)
    await git.ask(["checkout", "--quiet", "--force", ...(exists ? [branch] : ["-b", branch, base]), "--"]);
  await git.ask(["read-tree", "--reset", "-u", "HEAD"]);
  return { folder: git.cwd, git };
}

async function markOf(git: Git): Promise<string> {
  return path.resolve(git.cwd, await git.line(["rev-parse", "--git-path", MARK]));
}

async function requireOwn(main: Git, git: Git): Promise<void> {
  const common = async (of: Git): Promise<string> =>
    realpath(path.resolve(of.cwd, await of.line(["rev-parse", "--git-common-dir"])));
  const top = await git.line(["rev-parse", "--show-toplevel"]);
  const marked = await readFile(await markOf(git)).catch(() => undefined);
  if (marked === undefined || (await realpath(top)) !== git.cwd || (await common(main)) !== (await common(git)))
    throw new MeshError(
      "conflict",
      `${git.cwd} is no worktree of ours for this repository; name a folder that does not exist.`,
    );
}

async function clearStaleLock(git: Git): Promise<void> {
  const lock = path.resolve(git.cwd, await git.line(["rev-parse", "--git-path", "index.lock"]));
  const found = await stat(lock).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > STALE_LOCK_MS) await rm(lock, { force: true });
}
