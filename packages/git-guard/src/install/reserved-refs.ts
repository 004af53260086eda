/** Refs of a server that move only to commits a human signed, as patterns in the repository's own configuration. */
import { MeshError, scopeSchema } from "@federation/core";
import type { Git } from "../git/git.ts";
import { shown } from "../judge/refusal.ts";

const KEY = "federation.reserved";

export async function reservedRefs(git: Git): Promise<readonly string[]> {
  const { stdout } = await git.run(["config", "-z", "--get-all", KEY]);
  return stdout
    .toString("utf8")
    .split("\0")
    .filter((it) => it !== "");
}

/** A pattern that can match no ref would reserve nothing, and nobody would notice. */
export function requireRefPatterns(patterns: readonly string[]): void {
  for (const pattern of patterns) {
    const name = shown(pattern, 100);
    if (!pattern.startsWith("refs/"))
      throw new MeshError("invalid_input", `"${name}" names no ref; write it as refs/heads/${name}.`);
    const read = scopeSchema.safeParse([pattern]);
    if (!read.success)
      throw new MeshError(
        "invalid_input",
        `"${name}" is no pattern of refs: it ${read.error.issues[0]?.message ?? ""}.`,
      );
  }
  if (!scopeSchema.safeParse(patterns).success) throw new MeshError("invalid_input", "These are too many patterns.");
}

/** These, and no others. */
export async function reserve(git: Git, patterns: readonly string[]): Promise<void> {
  await releaseAll(git);
  for (const pattern of patterns) await git.ask(["config", "--local", "--add", KEY, pattern]);
}

export async function releaseAll(git: Git): Promise<void> {
  await git.run(["config", "--local", "--unset-all", KEY]);
}
