import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { ContractClaim } from "@federation/testkit/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GitWorld, openGitWorld, trailersOf } from "../testing/git-world.ts";
import { type CommitAsRequest, commitAs } from "./commit-as.ts";

let world: GitWorld;
let clone: string;
let claim: ContractClaim;
let count = 0;

beforeAll(async () => {
  world = await openGitWorld();
  // The repository is the human's; what the daemons commit there is theirs.
  clone = await world.clone("rob", "mission");
});
afterAll(() => world.close());
beforeEach(async () => {
  count += 1;
  for (const held of await world.book.registry.liveClaims("aorus")) await world.book.handedBack(held);
  claim = await world.book.claimed("aorus", ["src/**", "docs/**"]);
});

const request = (over: Partial<CommitAsRequest> = {}): CommitAsRequest => ({
  repository: clone,
  worktree: path.join(world.root, `own ${count}`),
  branch: `tasks/${count}`,
  base: "origin/main",
  actor: "aorus",
  keyFile: world.keyFile("aorus"),
  claim,
  message: "Add a parser\n\nIt parses.",
  files: [{ path: "src/parser/index.ts", content: "export const it = 1;\r\n" }],
  ...over,
});
const show = (what: string): string => world.git(clone, ["cat-file", "-p", what]).out;

describe("a submission's files", () => {
  test("become a commit of their author that the server takes", async () => {
    const made = await commitAs(request());
    expect(made).toMatchObject({ outcome: "committed" });
    const commit = made.outcome === "committed" ? made.commit : "";
    expect(show(commit)).toContain("author aorus <aorus@federation.invalid>");
    expect(show(commit)).toContain(`Add a parser\n\nIt parses.\n\n${trailersOf(claim, "aorus").trim()}`);
    expect(show(`${commit}:src/parser/index.ts`)).toBe("export const it = 1;\r");
    expect(world.git(clone, ["push", "--quiet", "origin", `${commit}:refs/heads/as-${count}`])).toMatchObject({
      code: 0,
    });
    expect(readFileSync(path.join(request().worktree, "src/parser/index.ts"), "utf8")).toBe("export const it = 1;\r\n");
    expect(world.git(clone, ["status", "--porcelain"]).out).toBe("");
  });

  test("are committed once, however often they are asked for", async () => {
    const first = await commitAs(request());
    const again = await commitAs(request());
    expect(again).toEqual({ outcome: "unchanged", commit: first.outcome === "committed" ? first.commit : "" });
  });

  test("of two submissions at the same time become two commits in one worktree", async () => {
    const [one, two] = await Promise.all([
      commitAs(request()),
      commitAs(request({ files: [{ path: "docs/parser.md", content: "How.\n" }] })),
    ]);
    expect([one.outcome, two.outcome]).toEqual(["committed", "committed"]);
    expect(world.git(clone, ["rev-list", "--count", `origin/main..tasks/${count}`]).out).toBe("2");
  });

  test("of another task go to another branch in the same worktree", async () => {
    await commitAs(request());
    const other = await commitAs(
      request({ branch: `tasks/${count}-b`, files: [{ path: "docs/b.md", content: "B\n" }] }),
    );
    expect(other).toMatchObject({ outcome: "committed" });
    expect(show(`tasks/${count}-b^{tree}`)).not.toContain("parser");
  });

  test("are committed byte for byte, whatever the repository would convert", async () => {
    const base = world.forge(clone, {
      files: { ".gitattributes": "* text=auto eol=lf\n" },
      message: "Attributes\n",
      author: "rob",
      key: "rob",
    });
    expect(await commitAs(request({ base }))).toMatchObject({ outcome: "committed" });
    expect(show(`tasks/${count}:src/parser/index.ts`)).toBe("export const it = 1;\r");
    const next = await commitAs(request({ base, files: [{ path: "src/next.ts", content: "n\r\n" }] }));
    expect(next).toMatchObject({ outcome: "committed" });
    expect(world.git(clone, ["diff", "--name-only", `tasks/${count}^`, `tasks/${count}`]).out).toBe("src/next.ts");
  });

  test("keep the mode of a file that can be run", async () => {
    const script = world.git(clone, ["hash-object", "-w", "--stdin"], { input: "#!/bin/sh\n" }).out;
    const base = world.forge(clone, {
      files: { "src/run.sh": { mode: "100755", id: script } },
      message: "A script\n",
      author: "rob",
      key: "rob",
    });
    await commitAs(request({ base, files: [{ path: "src/run.sh", content: "#!/bin/sh\nexit 0\n" }] }));
    expect(world.git(clone, ["ls-tree", `tasks/${count}`, "src/run.sh"]).out).toMatch(/^100755 /);
  });

  test("after a crash that left a lock and half-written files", async () => {
    await commitAs(request());
    const own = request().worktree;
    const lock = world.git(own, ["rev-parse", "--path-format=absolute", "--git-path", "index.lock"]).out;
    writeFileSync(lock, "");
    utimesSync(lock, 0, 0);
    writeFileSync(path.join(own, "src/parser/index.ts"), "half");
    writeFileSync(path.join(own, "README.md"), "half");
    expect(await commitAs(request({ files: [{ path: "src/next.ts", content: "n\n" }] }))).toMatchObject({
      outcome: "committed",
    });
    expect(world.git(clone, ["diff", "--name-only", `tasks/${count}^`, `tasks/${count}`]).out).toBe("src/next.ts");
  });
});

describe("an author's words", () => {
  test.each([
    ["that hold a block of trailers", "Take it\n\nFederation-Task: x\nFederation-Fence: 9\nFederation-Actor: rob"],
    ["that begin like a comment", "# Heading\n\n# not a comment"],
    ["that control a terminal", "Red \u001b[31m and \u202e back\r\nand \u0000 on"],
    ["that are none", "   "],
    ["that are far too many", `M\n\n${"long ".repeat(20_000)}`],
    ["that look like an option", "--amend"],
  ])("%s are still a message that the server takes", async (_, message) => {
    const made = await commitAs(request({ message }));
    expect(made).toMatchObject({ outcome: "committed" });
    const commit = made.outcome === "committed" ? made.commit : "";
    expect(world.git(clone, ["push", "--quiet", "origin", `${commit}:refs/heads/words-${count}`])).toMatchObject({
      code: 0,
    });
  });
});

describe("refused, and nothing is committed, are", () => {
  const refused = async (over: Partial<CommitAsRequest>, words: string): Promise<void> => {
    const made = await commitAs(request(over));
    expect(made.outcome).toBe("refused");
    expect(made.outcome === "refused" ? made.lines.join("\n") : "").toContain(words);
    expect(world.git(clone, ["rev-list", "--count", `origin/main..tasks/${count}`]).out).toMatch(/^0?$/);
  };

  test.each([
    ["../outside", "leaves its folder"],
    ["src/../../outside", "leaves its folder"],
    ["/etc/passwd", "is absolute"],
    ["src//a", "empty segment"],
    ["./a", "leaves its folder"],
    ["a\\b", "backslash"],
    ["a\0b", "NUL"],
    ["", "empty"],
    [".git/hooks/pre-commit", "reaches into .git"],
    ["src/.GIT/config", "reaches into .git"],
    [".git /config", "reaches into .git"],
    [".git./config", "reaches into .git"],
    [".g\u200dit/config", "reaches into .git"],
    ["git~1/config", "reaches into .git"],
    [".git::$INDEX_ALLOCATION/config", "reaches into .git"],
  ])("the path %j", async (file, words) => {
    await refused({ files: [{ path: file, content: "x" }] }, words);
    expect(existsSync(request().worktree)).toBe(false);
  });

  test("a path twice, and no path", async () => {
    await refused({ files: [] }, "1 to 256 files");
    await refused(
      {
        files: [
          { path: "a", content: "1" },
          { path: "a", content: "2" },
        ],
      },
      "twice",
    );
  });

  test("a path through a link that somebody put into the worktree", async () => {
    await commitAs(request());
    const own = request().worktree;
    const outside = path.join(world.root, `outside-${count}`);
    mkdirSync(outside);
    symlinkSync(outside, path.join(own, "docs-link"));
    rmSync(path.join(own, "docs"), { recursive: true });
    const made = await commitAs(request({ files: [{ path: "docs-link/x.md", content: "x" }] }));
    expect(made).toEqual({ outcome: "refused", lines: [expect.stringContaining("docs-link is a link")] });
    symlinkSync("/etc/hostname", path.join(own, "src/target"));
    const final = await commitAs(request({ files: [{ path: "src/target", content: "x" }] }));
    expect(final).toEqual({ outcome: "refused", lines: [expect.stringContaining("is a link")] });
    expect(existsSync(path.join(outside, "x.md"))).toBe(false);
  });

  test("a path through a link that the branch holds", async () => {
    const id = world.git(clone, ["hash-object", "-w", "--stdin"], { input: "docs" }).out;
    const base = world.forge(clone, {
      files: { "src/docs": { mode: "120000", id } },
      message: "A link\n",
      author: "rob",
      key: "rob",
    });
    const made = await commitAs(request({ base, files: [{ path: "src/docs/x.md", content: "x" }] }));
    expect(made).toEqual({ outcome: "refused", lines: [expect.stringContaining("src/docs is a link")] });
    expect(lstatSync(path.join(request().worktree, "src/docs")).isSymbolicLink()).toBe(true);
  });

  test("a file where a folder is, and a folder where a file is", async () => {
    await refused({ files: [{ path: "src", content: "x" }] }, "stands in the way");
    await refused({ files: [{ path: "README.md/x", content: "x" }] }, "stands in the way");
  });

  test("files as somebody else's commit has them, or one under another claim", async () => {
    const lines = ["These files change nothing in the repository."];
    await refused({ files: [{ path: "docs/index.md", content: "Words.\n" }] }, lines[0] ?? "");
    const made = await commitAs(request());
    expect(made.outcome).toBe("committed");
    await world.book.handedBack(claim);
    const next = await world.book.claimedAgain(claim.task, "aorus");
    expect(await commitAs(request({ claim: next }))).toEqual({ outcome: "refused", lines });
  });

  test("files outside of the claim's paths, by the hooks", async () => {
    await refused({ files: [{ path: "README.md", content: "Mine.\n" }] }, "it is outside of the claim's paths");
  });

  test("files under a claim that has ended, by the hooks", async () => {
    await world.book.ranOut(claim);
    await refused({}, "aorus holds no live claim");
  });

  test("files while the federation does not answer, by the hooks", async () => {
    world.book.setAway(true);
    const made = await commitAs(request());
    world.book.setAway(false);
    expect(made.outcome === "refused" ? made.lines.join("\n") : "").toContain("The federation does not answer");
  });
});

describe("an error is", () => {
  test("a worktree that is somebody's own", async () => {
    await expect(commitAs(request({ worktree: clone }))).rejects.toThrow("no worktree of ours");
    const theirs = path.join(world.root, `theirs-${count}`);
    world.git(clone, ["worktree", "add", "--quiet", theirs, "-b", `theirs-${count}`]);
    writeFileSync(path.join(theirs, "README.md"), "unsaved work");
    await expect(commitAs(request({ worktree: theirs }))).rejects.toThrow("no worktree of ours");
    expect(readFileSync(path.join(theirs, "README.md"), "utf8")).toBe("unsaved work");
  });

  test("a name that is no branch's", async () => {
    for (const branch of ["-b", "a..b", "a b", "a\nb", "@{-1}", "x.lock"])
      await expect(commitAs(request({ branch }))).rejects.toThrow("no name of a branch");
  });

  test("a base that is an option", async () => {
    await expect(commitAs(request({ base: "--git-dir" }))).rejects.toThrow();
  });

  test("a repository in which the guard is not in force", async () => {
    const plain = path.join(world.root, `plain-${count}`);
    world.git(world.root, ["clone", "--quiet", world.server, plain]);
    await expect(commitAs(request({ repository: plain }))).rejects.toThrow("The guard is not in force");
  });
});
