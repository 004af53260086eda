/**
 * What a commit changes, path by path.
 *
 * 1. Renames are never guessed: a path that went and a path that came both count.
 * 2. A merge changes what differs from the merge git would make of its parents by itself, and every path on which git
 *    would ask. What a merge leaves out of one side is a change like any other.
 */
import type { Change, Changes } from "../judge/judge-changes.ts";
import { type Git, readObjects } from "./git.ts";

const LINK = "120000";
const SUBMODULE = "160000";
const MAX_LINK = 4_096;
const MAX_DIFF_BYTES = 8 * 1024 * 1024;
const rawRow = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])$/;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const unreadable = (reason: string, lawful: string): Changes => ({ kind: "unreadable", reason, lawful });

/** From one tree to another; `to` may be the index that is about to be committed. */
export async function readChanges(git: Git, from: string, to: string | "index"): Promise<Changes> {
  const how = ["-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--ignore-submodules=none"];
  const args = to === "index" ? ["diff-index", "--cached", ...how, from, "--"] : ["diff-tree", ...how, from, to, "--"];
  const { code, stdout } = await git.run(args, { maxBytes: MAX_DIFF_BYTES });
  if (code !== 0) return unreadable("what it changes cannot be read", "make the commit anew");
  let text: string;
  try {
    text = decoder.decode(stdout);
  } catch {
    return unreadable("it changes a path that is not written in UTF-8", "name the file in UTF-8");
  }
  const parts = text.split("\0");
  const rows: { row: RegExpExecArray; path: string }[] = [];
  for (let n = 0; n + 1 < parts.length; n += 2) {
    const row = rawRow.exec(parts[n] ?? "");
    const path = parts[n + 1];
    if (row === null || path === undefined) return unreadable("what it changes cannot be read", "make the commit anew");
    rows.push({ row, path });
  }
  const links = rows.filter(({ row }) => row[2] === LINK).map(({ row }) => row[4] ?? "");
  const targets = await readObjects(git, [...new Set(links)], MAX_LINK);
  return {
    kind: "changes",
    list: rows.map(({ row: [, before, after, , id = ""], path }): Change => {
      if (before === SUBMODULE || after === SUBMODULE) return { path, kind: "submodule" };
      if (after === "000000") return { path, kind: "deletion" };
      const target = after === LINK ? targets.get(id)?.content?.toString("utf8") : undefined;
      return after === LINK
        ? { path, kind: "link", ...(target === undefined ? {} : { target }) }
        : { path, kind: "file" };
    }),
  };
}

/** What `to` changes as a child of these parents. */
export async function readChangesSince(git: Git, parents: readonly string[], to: string | "index"): Promise<Changes> {
  const [first, second, ...more] = parents;
  if (first === undefined) return readChanges(git, await emptyTree(git), to);
  if (second === undefined) return readChanges(git, `${first}^{tree}`, to);
  const byHuman = "rebase onto the other branch, or ask the human to merge";
  if (more.length > 0) return unreadable("it merges more than two branches at once", byHuman);
  const merged = await git.run(["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", first, second], {
    maxBytes: MAX_DIFF_BYTES,
  });
  const [tree = "", ...conflicts] = merged.stdout.toString("latin1").split("\0");
  if (merged.code > 1 || !/^[0-9a-f]{40,64}$/.test(tree))
    return unreadable("its merge cannot be made again here to see what it changes", byHuman);
  const changes = await readChanges(git, tree, to);
  if (changes.kind === "unreadable") return changes;
  const asked = conflicts
    .filter((it) => it !== "")
    .map((it): Change => ({ path: Buffer.from(it, "latin1").toString("utf8"), kind: "file" }));
  return { kind: "changes", list: [...changes.list, ...asked] };
}

async function emptyTree(git: Git): Promise<string> {
  return git.line(["hash-object", "-t", "tree", "--stdin"]);
}
