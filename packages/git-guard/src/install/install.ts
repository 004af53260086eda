/**
 * Puts the guard into a repository, and takes it out again.
 *
 * 1. The hooks stand in a folder of their own beside the repository's objects, and the repository's configuration
 *    points there by an absolute path: so they run in every worktree.
 * 2. Hooks that were there stay where they are, untouched, and are run first. Taking the guard out leaves the
 *    repository as it was found, but for what somebody has changed since.
 * 3. What was found is on disk before anything is changed. Installing again is harmless.
 */
import { access, chmod, constants, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { MeshError } from "@federation/core";
import { plainEnvironment, userEnvironment } from "../git/child-environment.ts";
import { configValue, createGit, type Git } from "../git/git.ts";
import { guardScript, hooksOf, passingScript } from "./hook-script.ts";
import { type InstallSide, type Manifest, type Places, placesOf, readManifest, writeManifest } from "./manifest.ts";
import { releaseAll, requireRefPatterns, reserve } from "./reserved-refs.ts";
import { actorSettings, changeSettings, restoreSettings, type WantedSetting } from "./settings.ts";

export interface InstallOptions {
  /** A folder inside the repository: a clone, one of its worktrees, or a bare repository. */
  readonly repository: string;
  /** Started as `command… git hook NAME args…`: Node's own path first, then the program's. Absolute paths. */
  readonly command: readonly string[];
  /** Beside those installed earlier. Without it: `server` for a bare repository, `clone` for any other. */
  readonly sides?: readonly InstallSide[];
  /** On a clone: who commits here, and the private key that signs. Without it every commit names its own actor. */
  readonly actor?: { readonly name: string; readonly keyFile: string; readonly onlyThisWorktree?: boolean };
  /**
   * On a server: patterns of refs that move only to commits a human signed, such as `refs/heads/main`. They take the
   * place of earlier ones; without it those stay.
   */
  readonly reserved?: readonly string[];
}

export interface Installed {
  readonly hooks: string;
  readonly sides: readonly InstallSide[];
  /** Hooks that were there and are run before, or instead of, ours. */
  readonly chained: readonly string[];
}

export async function install(options: InstallOptions): Promise<Installed> {
  const [program = ""] = options.command;
  if (!path.isAbsolute(program))
    throw new MeshError(
      "invalid_input",
      `The hooks are started by an absolute path, not by ${JSON.stringify(program)}.`,
    );
  requireRefPatterns(options.reserved ?? []);
  const git = createGit(path.resolve(options.repository), plainEnvironment());
  const places = await placesOf(git);
  const bare = await isBare(options.repository);
  const asked: readonly InstallSide[] = options.sides ?? [bare ? "server" : "clone"];
  if (!asked.includes("clone") && options.actor !== undefined)
    throw new MeshError("invalid_input", "Nobody commits in a server's repository; install without an actor.");
  const earlier = await readManifest(places);
  // One side is installed beside the other and never in its place: only `uninstall` takes hooks out.
  const sides = [...new Set([...(earlier?.sides ?? []), ...asked])];
  const manifest: Manifest = {
    version: 1,
    sides,
    command: [...options.command],
    formerHooks: earlier?.formerHooks ?? (await findHooks(git, places)),
    settings: earlier?.settings ?? [],
  };
  const wanted: WantedSetting[] = [{ key: "core.hooksPath", value: hooksPath(places, manifest, bare), worktree: null }];
  if (sides.includes("server")) wanted.push(...serverSettings);
  if (options.actor !== undefined) wanted.push(...(await actorSettings(git, options.actor)));
  await writeManifest(places, manifest);
  const chained = await writeScripts(git, places, manifest);
  await changeSettings(git, places, manifest, wanted);
  if (options.reserved !== undefined) await reserve(git, options.reserved);
  return { hooks: places.hooks, sides, chained };
}

/** Whether nobody commits there: a repository without a work tree, into which others push. */
export async function isBare(repository: string): Promise<boolean> {
  const git = createGit(path.resolve(repository), plainEnvironment());
  return (await git.line(["rev-parse", "--is-bare-repository"])) === "true";
}

/**
 * Git passes over a folder of hooks that is not there. So a server's is named from inside the repository, where git
 * stands when it receives a push: it is found wherever the repository is moved to. A worktree needs the whole path.
 */
function hooksPath(places: Places, { sides }: Manifest, bare: boolean): string {
  return bare && !sides.includes("clone") ? path.relative(places.common, places.hooks) : places.hooks;
}

/** Malformed objects are refused at the door, and what a human moves by hand leaves a line in the repository's own log. */
const serverSettings: readonly WantedSetting[] = [
  { key: "receive.fsckObjects", value: "true", worktree: null },
  { key: "core.logAllRefUpdates", value: "true", worktree: null },
];

/** Lines about what could not be put back as it was. */
export async function uninstall(repository: string): Promise<readonly string[]> {
  const git = createGit(path.resolve(repository), plainEnvironment());
  const places = await placesOf(git);
  const manifest = await readManifest(places);
  if (manifest === undefined) throw new MeshError("not_found", "The guard is not installed in this repository.");
  const left = await restoreSettings(git, manifest.settings);
  await releaseAll(git);
  await rm(path.dirname(places.manifest), { recursive: true, force: true });
  return left;
}

/** Where git looks for hooks before we come, the user's own configuration included. */
async function findHooks(git: Git, places: Places): Promise<string> {
  const asked = createGit(git.cwd, userEnvironment());
  const found = await configValue(asked, "core.hooksPath", ["--type=path"]);
  if (found === undefined) return path.join(places.common, "hooks");
  if (path.resolve(await whereHooksRun(git), found) === places.hooks)
    throw new MeshError("conflict", "core.hooksPath points to the guard, and its record is gone; unset it first.");
  return found;
}

async function writeScripts(git: Git, places: Places, manifest: Manifest): Promise<readonly string[]> {
  const ours = manifest.sides.flatMap((side) => hooksOf[side]);
  const former = await formerHooks(git, manifest);
  const scripts = new Map(former.map((name) => [name, passingScript(name, manifest.formerHooks)]));
  for (const name of ours) scripts.set(name, guardScript(name, manifest.command));
  await rm(places.hooks, { recursive: true, force: true });
  await mkdir(places.hooks, { recursive: true });
  for (const [name, text] of scripts) {
    const file = path.join(places.hooks, name);
    await writeFile(file, text);
    await chmod(file, 0o755);
  }
  return former;
}

/** The executable hooks of the folder that was in force before. */
export async function formerHooks(git: Git, manifest: Manifest): Promise<readonly string[]> {
  const folder = path.resolve(await whereHooksRun(git), manifest.formerHooks);
  const names = await readdir(folder).catch(() => []);
  const executable = await Promise.all(
    names.map((name) =>
      access(path.join(folder, name), constants.X_OK).then(
        () => /^[a-z-]+$/.test(name),
        () => false,
      ),
    ),
  );
  return names.filter((_, n) => executable[n] === true).sort();
}

/** The folder git changes to before it runs a hook. */
async function whereHooksRun(git: Git): Promise<string> {
  const { code, stdout } = await git.run(["rev-parse", "--show-toplevel"]);
  if (code === 0) return stdout.toString("utf8").replace(/\n$/, "");
  return path.resolve(git.cwd, await git.line(["rev-parse", "--git-dir"]));
}
