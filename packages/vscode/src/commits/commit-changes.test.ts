import { execFileSync } from "node:child_process";
import { expect, test, vi } from "vitest";
import type { Uri } from "vscode";
import { fetchCommand, findCommit } from "./commit-changes.ts";
import { deleted, type GitApi, type GitChange, type GitRepository, indexAdded } from "./git-api.ts";

const modified = 5;
const commit = "0123456789abcdef0123456789abcdef01234567";
/** As much of the editor's class as is looked at here. */
const uri = (path: string) => ({ path }) as Uri;

function change(path: string, status: number, renamed?: string): GitChange {
  return {
    uri: uri(path),
    originalUri: uri(path),
    renameUri: renamed === undefined ? undefined : uri(renamed),
    status,
  };
}

function repository(
  root: string,
  parents: readonly string[] | undefined,
  changes: readonly GitChange[],
): GitRepository {
  return {
    rootUri: uri(root),
    async getCommit(hash) {
      if (parents === undefined) throw new Error("unknown revision");
      return { hash, message: "docs: the policy\n\nWhy.", parents: [...parents] };
    },
    diffBetween: async () => [...changes],
    fetch: async () => {},
  };
}

const apiOf = (...repositories: readonly GitRepository[]): GitApi => ({
  repositories,
  toGitUri: ({ path }, ref) => uri(`${path}@${ref}`),
});

test("a commit is looked for in every repository of the workspace, and shown against its first parent", async () => {
  const api = apiOf(repository("/a", undefined, []), repository("/b", ["p1", "p2"], [change("/b/x", modified)]));
  expect(await findCommit(api, commit)).toEqual({
    found: "changes",
    title: "0123456789 docs: the policy",
    resources: [[uri("/b/x"), uri("/b/x@p1"), uri(`/b/x@${commit}`)]],
  });
});

test("a file that is new has nothing before it, one that is gone nothing after it", async () => {
  const changes = [change("/a/new", indexAdded), change("/a/gone", deleted)];
  const found = await findCommit(apiOf(repository("/a", ["p"], changes)), commit);
  expect(found).toMatchObject({
    resources: [
      [uri("/a/new"), undefined, uri(`/a/new@${commit}`)],
      [uri("/a/gone"), uri("/a/gone@p"), undefined],
    ],
  });
});

test("a file that was renamed is held against what it was called before", async () => {
  const found = await findCommit(apiOf(repository("/a", ["p"], [change("/a/old", modified, "/a/new")])), commit);
  expect(found).toMatchObject({ resources: [[uri("/a/new"), uri("/a/old@p"), uri(`/a/new@${commit}`)]] });
});

test("a first commit, and one that is nowhere, are told apart", async () => {
  expect(await findCommit(apiOf(repository("/a", [], [])), commit)).toMatchObject({ found: "first" });
  expect(await findCommit(apiOf(repository("/a", undefined, [])), commit)).toEqual({ found: "nowhere" });
});

test.each(["--output=/tmp/x", "HEAD", `${commit}\n`, `${commit} --all`, ""])(
  "%j is no commit, and git does not hear of it",
  async (name) => {
    const getCommit = vi.fn();
    await expect(findCommit(apiOf({ ...repository("/a", ["p"], []), getCommit }), name)).rejects.toMatchObject({
      code: "invalid_input",
    });
    expect(getCommit).not.toHaveBeenCalled();
  },
);

test("the command to fetch with is one command to a shell, whatever the clone is called", () => {
  const from = "/a b/it's; echo $(id)";
  const command = fetchCommand(from, commit).replace(/^git fetch/, "printf '%s|'");
  expect(execFileSync("sh", ["-c", command], { encoding: "utf8" })).toBe(`${from}|${commit}|`);
});
