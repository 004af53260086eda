/** What of the guard is in force in a repository, and what somebody has changed. It only looks. */
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { plainEnvironment, userEnvironment } from "../git/child-environment.ts";
import { configValue, createGit, type Git } from "../git/git.ts";
import { guardScript, hooksOf, passingScript } from "./hook-script.ts";
import { formerHooks } from "./install.ts";
import { type InstallSide, type Manifest, placesOf, readManifest } from "./manifest.ts";
import { reservedRefs } from "./reserved-refs.ts";

export interface HookState {
  readonly name: string;
  readonly state: "in force" | "missing" | "changed" | "not executable" | "not ours";
  /** The repository had this hook before, and it is still run. */
  readonly chained: boolean;
}

export interface GuardStatus {
  readonly installed: boolean;
  /** Installed, and nothing found that takes its effect. */
  readonly inForce: boolean;
  readonly sides: readonly InstallSide[];
  readonly actor: string | null;
  /** On a server: the refs that move only to commits a human signed, as patterns. */
  readonly reserved: readonly string[];
  readonly hooks: readonly HookState[];
  /** What was tampered with or takes the guard's effect, one sentence each. */
  readonly problems: readonly string[];
}

/** `command`: what the hooks should start, when the one who asks knows better than the record in the repository. */
export async function status(repository: string, command?: readonly string[]): Promise<GuardStatus> {
  const git = createGit(path.resolve(repository), plainEnvironment());
  const places = await placesOf(git);
  const manifest = await readManifest(places);
  if (manifest === undefined)
    return {
      installed: false,
      inForce: false,
      sides: [],
      actor: null,
      reserved: [],
      hooks: [],
      problems: ["The guard is not installed."],
    };
  const problems: string[] = [];
  const expected = command ?? manifest.command;
  if (expected.join("\0") !== manifest.command.join("\0"))
    problems.push("The hooks start another program than this one.");
  const former = await formerHooks(git, manifest);
  const hooks = await lookAtHooks(places.hooks, manifest, expected, former);
  for (const { name, state } of hooks) {
    if (state !== "in force") problems.push(`The hook ${name} is ${state}.`);
  }
  const [main = "", ...linked] = await worktreesOf(git);
  // Nobody commits in the worktrees of a repository that is only pushed to.
  for (const worktree of manifest.sides.includes("clone") ? [main, ...linked] : [main])
    problems.push(...(await lookAtSettings(worktree, manifest, places.hooks)));
  const actor = (await configValue(git, "federation.actor")) ?? null;
  const reserved = await reservedRefs(git);
  return { installed: true, inForce: problems.length === 0, sides: manifest.sides, actor, reserved, hooks, problems };
}

async function lookAtHooks(
  folder: string,
  manifest: Manifest,
  command: readonly string[],
  former: readonly string[],
): Promise<readonly HookState[]> {
  const ours = manifest.sides.flatMap((side) => hooksOf[side]);
  const others = former.filter((name) => !ours.includes(name));
  const found = await readdir(folder).catch(() => []);
  const states: HookState[] = [];
  for (const name of ours)
    states.push({
      name,
      chained: former.includes(name),
      state: await lookAt(folder, name, guardScript(name, command)),
    });
  for (const name of others) {
    const state = await lookAt(folder, name, passingScript(name, manifest.formerHooks));
    states.push({ name, chained: true, state });
  }
  for (const name of found) {
    if (ours.includes(name) || others.includes(name)) continue;
    // A hook that has gone where it was leaves a script behind that does nothing.
    const text = await readFile(path.join(folder, name), "utf8").catch(() => "");
    if (text !== passingScript(name, manifest.formerHooks)) states.push({ name, chained: false, state: "not ours" });
  }
  return states;
}

async function lookAt(folder: string, name: string, expected: string): Promise<HookState["state"]> {
  const file = path.join(folder, name);
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return "missing";
  if (text !== expected) return "changed";
  const { mode } = await stat(file);
  return (mode & 0o111) === 0 ? "not executable" : "in force";
}

/** Seen from one worktree, with the user's own configuration: what counts is what git will find there. */
async function lookAtSettings(worktree: string, manifest: Manifest, hooks: string): Promise<readonly string[]> {
  const git = createGit(worktree, userEnvironment());
  const problems: string[] = [];
  const where = `in ${worktree}`;
  const inForce = await configValue(git, "core.hooksPath", ["--type=path"]);
  if (inForce === undefined || path.resolve(worktree, inForce) !== hooks)
    problems.push(`Hooks are looked for elsewhere ${where}: ${inForce ?? "core.hooksPath is unset"}.`);
  for (const { key, value, worktree: only } of manifest.settings) {
    if (key === "core.hooksPath" || (only !== null && only !== worktree)) continue;
    // Another actor may have a worktree of its own.
    const own = manifest.settings.find((it) => it.key === key && it.worktree === worktree);
    const now = await configValue(git, key);
    if (now !== (own?.value ?? value))
      problems.push(`${key} is ${now ?? "unset"} ${where}, and was set to ${own?.value ?? value}.`);
  }
  return [...new Set(problems)];
}

/** Every folder in which git would run these hooks and that is still there. */
async function worktreesOf(git: Git): Promise<readonly string[]> {
  const listed = await git.ask(["worktree", "list", "--porcelain", "-z"]);
  const folders = listed
    .toString("utf8")
    .split("\0")
    .filter((it) => it.startsWith("worktree "))
    .map((it) => it.slice("worktree ".length));
  const there = await Promise.all(
    folders.map((it) =>
      stat(it).then(
        (found) => found.isDirectory(),
        () => false,
      ),
    ),
  );
  return folders.filter((_, n) => there[n] === true);
}
