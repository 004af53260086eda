/** Git's plumbing, called with lists of arguments and read where it ends its records with NUL. */
import { MeshError } from "@federation/core";
import { type Ran, type RunOptions, runProgram } from "./run-program.ts";

export interface Git {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Any exit code is an answer. */
  run(args: readonly string[], options?: Partial<RunOptions>): Promise<Ran>;
  /** Exit code 0, or a MeshError with git's own words. */
  ask(args: readonly string[], options?: Partial<RunOptions>): Promise<Buffer>;
  /** The same as text, without its last newline. */
  line(args: readonly string[], options?: Partial<RunOptions>): Promise<string>;
}

/** Commands of ours never run a program that a repository's configuration names. */
const always = ["-c", "core.fsmonitor=false", "-c", "core.pager=cat"];

export function createGit(cwd: string, environment: Readonly<Record<string, string>>): Git {
  const run = (args: readonly string[], options: Partial<RunOptions> = {}): Promise<Ran> =>
    runProgram("git", [...always, ...args], { cwd, environment, ...options });
  const ask = async (args: readonly string[], options: Partial<RunOptions> = {}): Promise<Buffer> => {
    const { code, stdout, stderr } = await run(args, options);
    if (code === 0) return stdout;
    const said = stderr.trim().split("\n")[0] ?? "";
    throw new MeshError("conflict", `git ${args[0] ?? ""} failed with ${code}: ${said.slice(0, 300)}`);
  };
  return {
    cwd,
    environment,
    run,
    ask,
    line: async (args, options) => (await ask(args, options)).toString("utf8").replace(/\n$/, ""),
  };
}

/** One value of the repository's configuration; undefined when there is none. */
export async function configValue(git: Git, key: string, scope: readonly string[] = []): Promise<string | undefined> {
  const { code, stdout } = await git.run(["config", ...scope, "-z", "--get", key]);
  return code === 0 ? stdout.toString("utf8").replace(/\0$/, "") : undefined;
}

export interface GitObject {
  readonly id: string;
  readonly type: string;
  /** Undefined: larger than was asked for. */
  readonly content: Buffer | undefined;
}

/** Objects by their hashes, each of at most `maxBytes`; what is missing is left out. */
export async function readObjects(
  git: Git,
  ids: readonly string[],
  maxBytes: number,
): Promise<ReadonlyMap<string, GitObject>> {
  const found = new Map<string, GitObject>();
  if (ids.length === 0) return found;
  const small: string[] = [];
  const sizes = await git.ask(["cat-file", "--batch-check"], { input: `${ids.join("\n")}\n` });
  for (const row of sizes.toString("latin1").split("\n")) {
    const [id = "", type = "", size = ""] = row.split(" ");
    if (!/^\d+$/.test(size)) continue;
    found.set(id, { id, type, content: undefined });
    if (Number(size) <= maxBytes) small.push(id);
  }
  if (small.length === 0) return found;
  const all = await git.ask(["cat-file", "--batch"], { input: `${small.join("\n")}\n` });
  for (let at = 0; at < all.length; ) {
    const end = all.indexOf(10, at);
    const [id = "", type = "", size = ""] = all.subarray(at, end).toString("latin1").split(" ");
    const from = end + 1;
    const to = from + Number(size);
    if (end < 0 || !/^\d+$/.test(size) || to > all.length) throw new MeshError("internal", "git cat-file spoke oddly.");
    found.set(id, { id, type, content: all.subarray(from, to) });
    at = to + 1;
  }
  return found;
}
