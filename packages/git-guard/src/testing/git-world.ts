/**
 * A bare repository as a server, clones of it, actors with real keys, and a book of claims that the hooks of both sides
 * ask. Everything lies in one temporary folder.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ClaimRecord } from "@federation/runtime/ports";
import { install } from "../install/install.ts";
import { identOf } from "../judge/identity.ts";
import { type ClaimBook, openClaimBook } from "./claim-book.ts";

export interface Ran {
  readonly code: number;
  /** Standard error and output together. */
  readonly said: string;
  readonly out: string;
}

export interface GitWorld {
  readonly root: string;
  readonly server: string;
  readonly book: ClaimBook;
  readonly command: readonly string[];
  readonly keyFile: (name: string) => string;
  readonly publicKey: (name: string) => string;
  /** Runs git as a caller would, with nothing of this process' environment but PATH. */
  git(cwd: string, args: readonly string[], options?: { env?: Record<string, string>; input?: string | Buffer }): Ran;
  /** A clone with the guard installed for this actor, on a fresh branch of this name. */
  clone(actor: string, branch: string): Promise<string>;
  /** Commits files by plumbing, past every hook; answers the commit. */
  forge(repository: string, forged: Forged): string;
  write(repository: string, file: string, content: string): void;
  close(): void;
}

export interface Forged {
  readonly files: Readonly<Record<string, string | { readonly mode: string; readonly id: string }>>;
  readonly message: string;
  /** Whose name stands in it. */
  readonly author: string;
  readonly committer?: string;
  /** Whose key signs it; null: nobody's. */
  readonly key: string | null;
  readonly parents?: readonly string[];
  /** Leaves out these paths of the first parent. */
  readonly without?: readonly string[];
  /** A tree made by hand, instead of files. */
  readonly tree?: string;
}

export const trailersOf = ({ task, fence }: Pick<ClaimRecord, "task" | "fence">, actor: string): string =>
  `Federation-Task: ${task}\nFederation-Fence: ${fence}\nFederation-Actor: ${actor}\n`;

/** Actors with registered keys; the keys `stranger` and `former` are not registered. */
const people = ["aorus", "baby", "rob"] as const;

export async function openGitWorld(): Promise<GitWorld> {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), "git-guard-")));
  const home = path.join(root, "home");
  mkdirSync(home);
  const keyFile = (name: string): string => path.join(root, `key-${name}`);
  const publicKey = (name: string): string => readFileSync(`${keyFile(name)}.pub`, "utf8").trim();
  const bookFile = path.join(root, "book.json");
  const book = openClaimBook(bookFile);
  for (const name of [...people, "stranger", "former"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", keyFile(name)]);
  for (const name of people) await book.keyRegistered(name, publicKey(name));
  const server = path.join(root, "server.git");
  const command = [process.execPath, path.join(import.meta.dirname, "hook-main.ts"), bookFile];

  const git: GitWorld["git"] = (cwd, args, { env = {}, input } = {}) => {
    const { status, stdout, stderr } = spawnSync("git", args, {
      cwd,
      env: { PATH: process.env["PATH"] ?? "", HOME: home, GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C", ...env },
      ...(input === undefined ? {} : { input }),
      maxBuffer: 64 * 1024 * 1024,
    });
    const out = stdout.toString("utf8").replace(/\n$/, "");
    return { code: status ?? -1, out, said: `${stderr.toString("utf8")}${out}` };
  };
  const must = (cwd: string, args: readonly string[], options?: Parameters<GitWorld["git"]>[2]): string => {
    const { code, out, said } = git(cwd, args, options);
    if (code !== 0) throw new Error(`git ${args.join(" ")}: ${said}`);
    return out;
  };

  const forge: GitWorld["forge"] = (repository, forged) => {
    const { files, message, author, committer = author, key, without = [] } = forged;
    const head = git(repository, ["rev-parse", "--verify", "--quiet", "HEAD"]);
    const parents = forged.parents ?? (head.code === 0 ? [head.out] : []);
    const index = { GIT_INDEX_FILE: path.join(root, "forge-index") };
    rmSync(index.GIT_INDEX_FILE, { force: true });
    const [first] = parents;
    if (first !== undefined) must(repository, ["read-tree", first], { env: index });
    const rows = Object.entries(files).map(([file, it]) => {
      const plain = typeof it === "string";
      const id = plain ? must(repository, ["hash-object", "-w", "--stdin"], { input: it }) : it.id;
      return `${plain ? "100644" : it.mode} ${id}\t${file}\0`;
    });
    const gone = without.map((file) => `0 ${"0".repeat(40)}\t${file}\0`);
    must(repository, ["update-index", "--add", "--replace", "-z", "--index-info"], {
      env: index,
      input: [...gone, ...rows].join(""),
    });
    const tree = forged.tree ?? must(repository, ["write-tree"], { env: index });
    const ident = (role: "AUTHOR" | "COMMITTER", name: string): Record<string, string> => ({
      [`GIT_${role}_NAME`]: identOf(name).name,
      [`GIT_${role}_EMAIL`]: identOf(name).email,
    });
    const sign = key === null ? [] : ["-c", "gpg.format=ssh", "-c", `user.signingkey=${keyFile(key)}`];
    return must(
      repository,
      [
        ...sign,
        "commit-tree",
        ...(key === null ? ["--no-gpg-sign"] : ["-S"]),
        ...parents.flatMap((it) => ["-p", it]),
        tree,
      ],
      { env: { ...ident("AUTHOR", author), ...ident("COMMITTER", committer) }, input: message },
    );
  };

  const write: GitWorld["write"] = (repository, file, content) => {
    mkdirSync(path.dirname(path.join(repository, file)), { recursive: true });
    writeFileSync(path.join(repository, file), content);
  };

  must(root, ["init", "--quiet", "--bare", "--initial-branch=main", server]);
  const seed = path.join(root, "seed");
  must(root, ["init", "--quiet", "--initial-branch=main", seed]);
  const first = forge(seed, {
    files: { "README.md": "A repository.\n", "src/main.ts": "export {};\n", "docs/index.md": "Words.\n" },
    message: "Begin\n",
    author: "rob",
    key: "rob",
  });
  must(seed, ["push", "--quiet", server, `${first}:refs/heads/main`]);
  await install({ repository: server, command });

  const clone: GitWorld["clone"] = async (actor, branch) => {
    const folder = path.join(root, `clone-${branch.replaceAll("/", "-")}`);
    must(root, ["clone", "--quiet", server, folder]);
    await install({ repository: folder, command, actor: { name: actor, keyFile: keyFile(actor) } });
    must(folder, ["checkout", "--quiet", "-b", branch, "origin/main"]);
    return folder;
  };

  return {
    root,
    server,
    book,
    command,
    keyFile,
    publicKey,
    git,
    clone,
    forge,
    write,
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}
