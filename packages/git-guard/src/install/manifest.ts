/** What an installation has written into a repository and what it found there, so that it can be looked at and undone. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { MeshError } from "@federation/core";
import { z } from "zod";
import type { Git } from "../git/git.ts";

export const sides = ["clone", "server"] as const;
export type InstallSide = (typeof sides)[number];

const settingSchema = z.strictObject({
  key: z.string().max(200),
  value: z.string().max(4_096),
  /** What stood in the repository's own configuration before. */
  before: z.string().nullable(),
  /** The worktree it is set for; null: for the whole repository. */
  worktree: z.string().nullable(),
});
export type Setting = z.infer<typeof settingSchema>;

const manifestSchema = z.strictObject({
  version: z.literal(1),
  sides: z.array(z.enum(sides)).min(1),
  /** Started as `command… git hook NAME args…`. */
  command: z.array(z.string().min(1).max(4_096)).min(1).max(16),
  /** Where the repository's hooks were, as git understands it: relative to where a hook runs, or absolute. */
  formerHooks: z.string().max(4_096),
  settings: z.array(settingSchema).max(256),
});
export type Manifest = z.infer<typeof manifestSchema>;

export interface Places {
  /** Of the repository and all its worktrees. */
  readonly common: string;
  readonly hooks: string;
  readonly manifest: string;
}

export async function placesOf(git: Git): Promise<Places> {
  const common = path.resolve(git.cwd, await git.line(["rev-parse", "--git-common-dir"]));
  const folder = path.join(common, "federation");
  return { common, hooks: path.join(folder, "hooks"), manifest: path.join(folder, "guard.json") };
}

/** Undefined: the guard is not installed here. */
export async function readManifest(places: Places): Promise<Manifest | undefined> {
  const text = await readFile(places.manifest, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new MeshError("config_invalid", `${places.manifest} cannot be read; remove it and install again.`, { cause });
  }
}

export async function writeManifest(places: Places, manifest: Manifest): Promise<void> {
  await mkdir(path.dirname(places.manifest), { recursive: true });
  const next = `${places.manifest}.next`;
  await writeFile(next, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(next, places.manifest);
}
