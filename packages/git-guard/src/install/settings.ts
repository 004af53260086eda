/** The repository's configuration as the guard sets it: on record before it is changed, and put back afterwards. */
import { realpath } from "node:fs/promises";
import path from "node:path";
import { actorNameSchema, MeshError } from "@federation/core";
import { configValue, type Git } from "../git/git.ts";
import { identOf } from "../judge/identity.ts";
import { type Manifest, type Places, type Setting, writeManifest } from "./manifest.ts";

export type WantedSetting = Pick<Setting, "key" | "value" | "worktree">;

/** Who commits here, and that every commit is signed. */
export async function actorSettings(
  git: Git,
  actor: { readonly name: string; readonly keyFile: string; readonly onlyThisWorktree?: boolean },
): Promise<readonly WantedSetting[]> {
  const name = actorNameSchema.safeParse(actor.name);
  if (!name.success) throw new MeshError("invalid_input", `${JSON.stringify(actor.name)} is no actor's name.`);
  const keyFile = await realpath(actor.keyFile).catch((cause) => {
    throw new MeshError("invalid_input", "The private key that signs is not there.", { cause });
  });
  const worktree =
    actor.onlyThisWorktree === true ? path.resolve(git.cwd, await git.line(["rev-parse", "--show-toplevel"])) : null;
  const ident = identOf(name.data);
  const values: Readonly<Record<string, string>> = {
    "federation.actor": name.data,
    "user.name": ident.name,
    "user.email": ident.email,
    "user.signingkey": keyFile,
    "gpg.format": "ssh",
    "gpg.ssh.program": "ssh-keygen",
    "commit.gpgsign": "true",
  };
  return Object.entries(values).map(([key, value]) => ({ key, value, worktree }));
}

export async function changeSettings(
  git: Git,
  places: Places,
  manifest: Manifest,
  wanted: readonly WantedSetting[],
): Promise<void> {
  const kept = manifest.settings.filter((it) => !wanted.some((other) => sameSetting(it, other)));
  const next: Setting[] = [];
  for (const it of wanted) {
    const known = manifest.settings.find((other) => sameSetting(it, other));
    const before = known === undefined ? await read(git, it) : known.before;
    next.push({ ...it, before: before ?? null });
  }
  if (wanted.some((it) => it.worktree !== null)) await allowWorktreeConfiguration(git);
  await writeManifest(places, { ...manifest, settings: [...kept, ...next] });
  for (const it of wanted) await git.ask(["config", ...scopeOf(it), it.key, it.value], inside(it));
}

/** Puts back what was there, but leaves what somebody else has changed since, and says so. */
export async function restoreSettings(git: Git, settings: readonly Setting[]): Promise<readonly string[]> {
  const left: string[] = [];
  for (const it of settings) {
    const now = await read(git, it).catch(() => undefined);
    if (now !== it.value) {
      if (now !== undefined) left.push(`${it.key} was changed since and stays: ${now}`);
    } else if (it.before === null) await git.ask(["config", ...scopeOf(it), "--unset", it.key], inside(it));
    else await git.ask(["config", ...scopeOf(it), it.key, it.before], inside(it));
  }
  return left;
}

function sameSetting(a: WantedSetting, b: WantedSetting): boolean {
  return a.key === b.key && a.worktree === b.worktree;
}

function scopeOf({ worktree }: WantedSetting): readonly string[] {
  return [worktree === null ? "--local" : "--worktree"];
}

function inside({ worktree }: WantedSetting): { readonly cwd?: string } {
  return worktree === null ? {} : { cwd: worktree };
}

function read(git: Git, it: WantedSetting): Promise<string | undefined> {
  return configValue(
    it.worktree === null ? git : { ...git, run: (args) => git.run(args, inside(it)) },
    it.key,
    scopeOf(it),
  );
}

/** Git's own rule: what says where the work tree is must not stand in the common file then. */
async function allowWorktreeConfiguration(git: Git): Promise<void> {
  if ((await configValue(git, "extensions.worktreeConfig", ["--local", "--type=bool"])) === "true") return;
  const bare = await configValue(git, "core.bare", ["--local", "--type=bool"]);
  if (bare === "true" || (await configValue(git, "core.worktree", ["--local"])) !== undefined)
    throw new MeshError(
      "conflict",
      "This repository says where its work tree is; run `git config extensions.worktreeConfig true` as git's manual tells.",
    );
  await git.ask(["config", "--local", "extensions.worktreeConfig", "true"]);
}
