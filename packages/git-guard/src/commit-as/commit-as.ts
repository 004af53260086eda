/**
 * Writes the files of a submission into a worktree of the daemon's own and commits them as their author, through the
 * same hooks as everybody's commits.
 *
 * 1. Content and paths are a model's words. They reach git as objects and index entries; git itself writes the folder.
 * 2. A path that leaves the worktree, reaches into `.git` or leads through a link is refused, and then nothing is
 *    committed.
 * 3. The same call again, after a crash at any point, commits once.
 */
import { lstat } from "node:fs/promises";
import path from "node:path";
import { actorNameSchema, MeshError } from "@federation/core";
import { committingEnvironment } from "../git/child-environment.ts";
import { readCommit } from "../git/commit-object.ts";
import { type Git, readObjects } from "../git/git.ts";
import { ACTOR_VARIABLE } from "../hooks/local-commit.ts";
import { status } from "../install/status.ts";
import { identOf } from "../judge/identity.ts";
import { shown } from "../judge/refusal.ts";
import { composeMessage, readTrailers } from "../judge/trailers.ts";
import { pathProblem } from "../judge/tree-path.ts";
import { defaultLimits } from "../limits.ts";
import { type OwnWorktree, openOwnWorktree } from "./own-worktree.ts";

export interface CommitAsRequest {
  /** The repository, in which the guard is installed for a clone. */
  readonly repository: string;
  /** A folder of the daemon's own; it is made when it does not exist. */
  readonly worktree: string;
  readonly branch: string;
  /** Where the branch begins when there is none; HEAD of the repository without it. */
  readonly base?: string;
  readonly actor: string;
  /** The actor's private key, without a passphrase, readable by this user only. */
  readonly keyFile: string;
  readonly claim: { readonly task: string; readonly fence: number };
  /** The author's words; what in them looks like a trailer is quoted. */
  readonly message: string;
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** For the hooks, beside PATH and HOME: what their program needs to find its node. */
  readonly environment?: Readonly<Record<string, string>>;
}

export type CommitAsOutcome =
  | { readonly outcome: "committed"; readonly commit: string }
  /** The tip of the branch holds these files and was made by this actor under this claim; it is that commit. */
  | { readonly outcome: "unchanged"; readonly commit: string }
  /** Refused before the hooks, or by them; lines for people. */
  | { readonly outcome: "refused"; readonly lines: readonly string[] };

const MAX_FILES = 256;
const busy = new Map<string, Promise<unknown>>();

export async function commitAs(request: CommitAsRequest): Promise<CommitAsOutcome> {
  const key = path.resolve(request.worktree);
  // One commit at a time in one worktree; a failure of the one before is its caller's.
  const turn = (busy.get(key) ?? Promise.resolve()).then(
    () => commitOnce(request),
    () => commitOnce(request),
  );
  busy.set(key, turn);
  try {
    return await turn;
  } finally {
    if (busy.get(key) === turn) busy.delete(key);
  }
}

async function commitOnce(request: CommitAsRequest): Promise<CommitAsOutcome> {
  const { actor, claim, files } = request;
  if (!actorNameSchema.safeParse(actor).success) throw new MeshError("invalid_input", "That is no actor's name.");
  const refusal = refusePaths(files.map((it) => it.path));
  if (refusal !== undefined) return { outcome: "refused", lines: [refusal] };
  await requireGuard(request.repository);
  const environment = committingEnvironment({ ...request.environment, [ACTOR_VARIABLE]: actor });
  const own = await openOwnWorktree({ ...request, environment });
  for (const file of files) {
    const problem = await linkOnTheWay(own.folder, file.path);
    if (problem !== undefined) return { outcome: "refused", lines: [problem] };
  }
  const staged = await stage(own.git, files);
  if (staged !== undefined) return { outcome: "refused", lines: [staged] };
  if ((await own.git.run(["diff-index", "--cached", "--quiet", "HEAD", "--"])).code === 0) {
    const tip = await headOf(own.git);
    // Somebody else's commit is no evidence of this actor's work.
    if (await isMade(own, tip, request)) return { outcome: "unchanged", commit: tip };
    return { outcome: "refused", lines: ["These files change nothing in the repository."] };
  }
  const message = composeMessage(request.message, { ...claim, actor });
  const made = await own.git.run(
    [...signing(actor, path.resolve(request.keyFile)), "commit", "--quiet", "--cleanup=verbatim", "--file=-"],
    { input: message, timeoutMs: defaultLimits.deadlineMs },
  );
  if (made.code !== 0) {
    await own.git.ask(["read-tree", "--reset", "-u", "HEAD"]);
    return { outcome: "refused", lines: linesOf(made.stderr) };
  }
  const commit = await headOf(own.git);
  // A hook may have rewritten the message: the commit is looked at as it is, before anybody relies on it.
  if (!(await isMade(own, commit, request)))
    throw new MeshError(
      "conflict",
      `Commit ${commit} is not what was asked for; a hook of the repository has changed it.`,
    );
  return { outcome: "committed", commit };
}

function refusePaths(paths: readonly string[]): string | undefined {
  if (paths.length === 0 || paths.length > MAX_FILES) return `A commit has 1 to ${MAX_FILES} files.`;
  if (new Set(paths).size !== paths.length) return "The same path is given twice.";
  for (const it of paths) {
    const problem = pathProblem(it);
    if (problem !== undefined) return `"${shown(it)}": ${problem}`;
  }
  return undefined;
}

async function requireGuard(repository: string): Promise<void> {
  const { problems, sides } = await status(repository);
  if (problems.length > 0 || !sides.includes("clone"))
    throw new MeshError(
      "config_invalid",
      `The guard is not in force in ${repository}: ${problems[0] ?? "it is not installed for a clone"} Run \`federation git install\`.`,
    );
}

/** Whether a folder on the way is a link, or something that is no folder, or the file itself is none. */
async function linkOnTheWay(folder: string, file: string): Promise<string | undefined> {
  const names = file.split("/");
  for (let n = 1; n <= names.length; n++) {
    const found = await lstat(path.join(folder, ...names.slice(0, n))).catch(() => undefined);
    if (found === undefined) return undefined;
    const fits = n === names.length ? found.isFile() : found.isDirectory();
    if (!fits) return `"${shown(file)}": ${shown(names.slice(0, n).join("/"))} is a link, or stands in the way`;
  }
  return undefined;
}

/** Puts exactly these bytes into the index and the folder; answers what is wrong. */
async function stage(git: Git, files: CommitAsRequest["files"]): Promise<string | undefined> {
  const rows: string[] = [];
  for (const { path: file, content } of files) {
    const id = await git.line(["hash-object", "-w", "--no-filters", "--stdin"], { input: content });
    const known = await git.line(["--literal-pathspecs", "ls-files", "-s", "-z", "--", file]);
    rows.push(`${known.startsWith("100755 ") ? "100755" : "100644"} ${id}\t${file}\0`);
  }
  const put = await git.run(["update-index", "--add", "-z", "--index-info"], { input: rows.join("") });
  if (put.code !== 0) return `The files do not fit into the repository: ${shown(put.stderr.trim(), 200)}`;
  const out = await git.run(["checkout-index", "--force", "-z", "--stdin"], {
    input: files.map((it) => `${it.path}\0`).join(""),
  });
  return out.code === 0 ? undefined : `The files cannot be written: ${shown(out.stderr.trim(), 200)}`;
}

function signing(actor: string, keyFile: string): readonly string[] {
  const { name, email } = identOf(actor);
  const settings = {
    "user.name": name,
    "user.email": email,
    "user.signingkey": keyFile,
    "gpg.format": "ssh",
    "gpg.ssh.program": "ssh-keygen",
    "commit.gpgsign": "true",
    "i18n.commitEncoding": "UTF-8",
  };
  return Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
}

async function headOf(git: Git): Promise<string> {
  return git.line(["rev-parse", "--verify", "HEAD^{commit}"]);
}

/** Whether a commit is signed and names this actor under this claim. */
async function isMade({ git }: OwnWorktree, commit: string, { actor, claim }: CommitAsRequest): Promise<boolean> {
  const content = (await readObjects(git, [commit], defaultLimits.maxCommitBytes)).get(commit)?.content;
  const read = content === undefined ? undefined : readCommit(content);
  if (read?.kind !== "commit" || read.commit.signature === undefined) return false;
  const found = readTrailers(read.commit.message);
  return found.kind === "claim" && found.task === claim.task && found.fence === claim.fence && found.actor === actor;
}

function linesOf(stderr: string): readonly string[] {
  return stderr
    .split("\n")
    .filter((line) => line !== "")
    .slice(0, 20)
    .map((line) => shown(line, 400));
}
