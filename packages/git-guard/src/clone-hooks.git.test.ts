import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ContractClaim } from "@federation/testkit/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GitWorld, openGitWorld, type Ran, trailersOf } from "./testing/git-world.ts";

// What happens on a clone when somebody simply runs `git commit`.
let world: GitWorld;
let clone: string;
let claim: ContractClaim;

beforeAll(async () => {
  world = await openGitWorld();
  clone = await world.clone("aorus", "work");
});
afterAll(() => world.close());
beforeEach(async () => {
  for (const held of await world.book.registry.liveClaims("aorus")) await world.book.handedBack(held);
  world.git(clone, ["reset", "--quiet", "--hard", "origin/main"]);
  claim = await world.book.claimed("aorus", ["src/**"]);
});

const commit = (args: readonly string[] = [], message = "Add a parser", env: Record<string, string> = {}): Ran =>
  world.git(clone, ["commit", "--quiet", "-m", message, ...args], { env });
function change(file = "src/parser.ts", content = "export {};\n", repository = clone): void {
  world.write(repository, file, content);
  world.git(repository, ["add", "--", file]);
}
const messageOf = (repository = clone): string => world.git(repository, ["log", "-1", "--format=%B"]).out;
const push = (repository = clone): Ran =>
  world.git(repository, [
    "push",
    "--quiet",
    "origin",
    `HEAD:refs/heads/t-${world.git(repository, ["rev-parse", "HEAD"]).out.slice(0, 12)}`,
  ]);
function expectNotMade({ code, said }: Ran, ...words: readonly string[]): void {
  for (const word of ["federation: ", ...words]) expect(said).toContain(word);
  expect(code).not.toBe(0);
  expect(world.git(clone, ["rev-parse", "HEAD"]).out).toBe(world.git(clone, ["rev-parse", "origin/main"]).out);
}

describe("a commit under a live claim", () => {
  test("gets the trailers and the signature, and the server takes it", () => {
    change();
    expect(commit()).toMatchObject({ code: 0, said: "" });
    expect(messageOf()).toBe(`Add a parser\n\n${trailersOf(claim, "aorus")}`);
    expect(push()).toMatchObject({ code: 0 });
  });

  test("keeps trailers of other kinds in one block with them", () => {
    change();
    expect(commit(["--signoff"])).toMatchObject({ code: 0 });
    expect(messageOf()).toMatch(/^Add a parser\n\nSigned-off-by: .*\nFederation-Task: /);
    expect(push()).toMatchObject({ code: 0 });
  });

  test("written in an editor has them above what git explains there", () => {
    change();
    const editor = path.join(world.root, "editor");
    writeFileSync(editor, `#!/bin/sh\ncp "$1" "${world.root}/shown"\nsed -i '1s/.*/From the editor/' "$1"\n`, {
      mode: 0o755,
    });
    const { code } = world.git(clone, ["commit", "--quiet"], { env: { GIT_EDITOR: editor } });
    expect(code).toBe(0);
    expect(messageOf()).toBe(`From the editor\n\n${trailersOf(claim, "aorus")}`);
    expect(readFileSync(path.join(world.root, "shown"), "utf8")).toContain("# Please enter the commit message");
    expect(push()).toMatchObject({ code: 0 });
  });

  test("that is amended under a newer fence carries that one, once", async () => {
    change();
    commit();
    await world.book.handedBack(claim);
    const again = await world.book.claimedAgain(claim.task, "aorus");
    change("src/more.ts");
    expect(world.git(clone, ["commit", "--quiet", "--amend", "--no-edit"])).toMatchObject({ code: 0 });
    expect(messageOf()).toBe(`Add a parser\n\n${trailersOf(again, "aorus")}`);
    expect(push()).toMatchObject({ code: 0 });
  });

  test("names the one of several claims whose paths it keeps to", async () => {
    const docs = await world.book.claimed("aorus", ["docs/**"]);
    change("docs/parser.md");
    expect(commit()).toMatchObject({ code: 0 });
    expect(messageOf()).toContain(docs.task);
  });

  test("must say which, when several reach so far", async () => {
    const other = await world.book.claimed("aorus", []);
    change();
    expectNotMade(commit(), "several claims of aorus reach so far", "--trailer");
    expect(commit(["--trailer", `Federation-Task: ${other.task}`])).toMatchObject({ code: 0 });
    expect(messageOf()).toBe(`Add a parser\n\n${trailersOf(other, "aorus")}`);
  });

  test("of everything that was changed, or of a part, is judged by what will be committed", () => {
    change("src/main.ts", "export const a = 1;\n");
    commit();
    world.write(clone, "README.md", "Mine.\n");
    world.write(clone, "src/main.ts", "export const a = 2;\n");
    expect(commit(["--all"]).said).toContain(`it changes "README.md"`);
    expect(world.git(clone, ["commit", "--quiet", "-m", "Only this", "src/main.ts"])).toMatchObject({ code: 0 });
    expect(push()).toMatchObject({ code: 0 });
  });

  test("that merges what is on the server needs no wider claim", async () => {
    const other = await world.book.claimed("baby", ["docs/**"]);
    const theirs = world.forge(clone, {
      files: { "docs/theirs.md": "Theirs.\n" },
      message: `Theirs\n\n${trailersOf(other, "baby")}`,
      author: "baby",
      key: "baby",
    });
    expect(world.git(clone, ["push", "--quiet", "origin", `${theirs}:refs/heads/theirs`])).toMatchObject({ code: 0 });
    change();
    commit();
    expect(world.git(clone, ["merge", "--quiet", "--no-edit", theirs])).toMatchObject({ code: 0 });
    expect(messageOf()).toContain(trailersOf(claim, "aorus").trim());
    expect(push()).toMatchObject({ code: 0 });
  });
});

describe("git's other ways to make a commit", () => {
  test("rebase, cherry-pick, revert and squash end in commits that the server takes", () => {
    change("src/one.ts");
    commit();
    const [one = ""] = [world.git(clone, ["rev-parse", "HEAD"]).out];
    const onto = world.forge(clone, {
      files: { "docs/onto.md": "New.\n" },
      parents: [world.git(clone, ["rev-parse", "origin/main"]).out],
      message: "Go on\n",
      author: "rob",
      key: "rob",
    });
    expect(world.git(clone, ["rebase", "--quiet", onto])).toMatchObject({ code: 0 });
    expect(world.git(clone, ["rev-parse", "HEAD"]).out).not.toBe(one);
    expect(world.git(clone, ["revert", "--no-edit", "HEAD"])).toMatchObject({ code: 0 });
    expect(world.git(clone, ["cherry-pick", one])).toMatchObject({ code: 0 });
    expect(push()).toMatchObject({ code: 0 });
    world.git(clone, ["checkout", "--quiet", "--detach", onto]);
    expect(world.git(clone, ["merge", "--squash", "--quiet", one])).toMatchObject({ code: 0 });
    const squashed = commit([], "All at once");
    world.git(clone, ["checkout", "--quiet", "-B", "work"]);
    expect(squashed).toMatchObject({ code: 0 });
    expect(push()).toMatchObject({ code: 0 });
  });
});

describe("refused on the clone is a commit", () => {
  test("without a live claim", async () => {
    await world.book.ranOut(claim);
    change();
    expectNotMade(commit(), "aorus holds no live claim", "lawful: claim a task");
  });

  test("outside of the claim's paths", () => {
    change("README.md", "Mine.\n");
    expectNotMade(commit(), `it changes "README.md": it is outside of the claim's paths`, "src/**");
  });

  test("with --no-verify too", () => {
    change("README.md", "Mine.\n");
    expectNotMade(commit(["--no-verify"]), "it is outside of the claim's paths");
  });

  test("with trailers of another's claim", async () => {
    const stolen = await world.book.claimed("baby", []);
    change();
    expectNotMade(commit([], `M\n\n${trailersOf(stolen, "baby")}`), `aorus holds no live claim on task ${stolen.task}`);
  });

  test("with something like a trailer in its body", () => {
    change();
    expectNotMade(commit([], `M\n\nFederation-Fence: 7\n\nMore words`), "outside its last paragraph");
  });

  test("whose author has taken the trailers out again", () => {
    change();
    const editor = path.join(world.root, "eraser");
    writeFileSync(editor, `#!/bin/sh\nprintf 'Mine\\n' > "$1"\n`, { mode: 0o755 });
    expectNotMade(world.git(clone, ["commit"], { env: { GIT_EDITOR: editor } }), "its message names no claim");
  });

  test("while the federation does not answer, and it says what the human may do", () => {
    change();
    world.book.setAway(true);
    const ran = commit();
    world.book.setAway(false);
    expectNotMade(ran, "The federation does not answer", "A human may commit past the hooks");
  });

  test("of an actor without a key in force", async () => {
    change();
    expectNotMade(commit([], "M", { FEDERATION_GIT_ACTOR: "eve" }), "no signing key of eve is registered");
  });

  test("with a message beyond all measure", () => {
    change();
    const file = path.join(world.root, "long");
    writeFileSync(file, `M\n\n${"x".repeat(70_000)}\n`);
    expectNotMade(world.git(clone, ["commit", "--quiet", "-F", file]), "at most 65536 characters");
  });
});

describe("past the hooks", () => {
  test("an unsigned commit is said at once to be one that the server will refuse, and it is refused", () => {
    change();
    const { code, said } = commit(["--no-verify", "--no-gpg-sign"]);
    expect(code).toBe(0);
    expect(said).toContain("The commit was made, and the server will refuse it.");
    expect(said).toContain("it is not signed");
    const pushed = push();
    expect(pushed.code).not.toBe(0);
    expect(pushed.said).toContain("it is not signed");
  });

  test("with another folder of hooks, the server refuses what is outside of the claim", () => {
    change("README.md", "Mine.\n");
    const args = ["-c", "core.hooksPath=/dev/null", "commit", "--quiet", "-m", `M\n\n${trailersOf(claim, "aorus")}`];
    expect(world.git(clone, args)).toMatchObject({ code: 0 });
    const pushed = push();
    expect(pushed.code).not.toBe(0);
    expect(pushed.said).toContain(`it changes "README.md"`);
  });

  test("git's own variables do not make a hook look away", () => {
    change("README.md", "Mine.\n");
    const env = {
      GIT_EXTERNAL_DIFF: "/bin/true",
      GIT_LITERAL_PATHSPECS: "0",
      GIT_REPLACE_REF_BASE: "refs/heads/",
      GIT_CONFIG_COUNT: "2",
      GIT_CONFIG_KEY_0: "federation.actor",
      GIT_CONFIG_VALUE_0: "rob",
      GIT_CONFIG_KEY_1: "diff.external",
      GIT_CONFIG_VALUE_1: "/bin/true",
    };
    expectNotMade(commit([], "M", env), "it is outside of the claim's paths");
  });

  test("to say that one is the human convinces the hook, and not the server", () => {
    change("README.md", "Mine.\n");
    expect(commit([], "M", { FEDERATION_GIT_ACTOR: "rob" }).code).toBe(0);
    const pushed = push();
    expect(pushed.code).not.toBe(0);
    expect(pushed.said).toContain("it names no claim");
  });
});

describe("in a worktree", () => {
  test("the same hooks run, for the actor of that worktree", async () => {
    const folder = path.join(world.root, "worktree");
    world.git(clone, ["worktree", "add", "--quiet", "-b", "in-worktree", folder, "origin/main"]);
    change("README.md", "Mine.\n", folder);
    const refused = world.git(folder, ["commit", "--quiet", "-m", "M"]);
    expect(refused.code).not.toBe(0);
    expect(refused.said).toContain(`it changes "README.md"`);
    world.git(folder, ["reset", "--quiet", "--hard"]);
    change("src/tree.ts", "export {};\n", folder);
    expect(world.git(folder, ["commit", "--quiet", "-m", "From a worktree"])).toMatchObject({ code: 0, said: "" });
    expect(messageOf(folder)).toContain(trailersOf(claim, "aorus").trim());
    expect(push(folder)).toMatchObject({ code: 0 });
    expect(existsSync(path.join(folder, ".git", "hooks"))).toBe(false);
  });
});

describe("the human", () => {
  test("commits and merges without a claim, and the server takes it", async () => {
    const human = await world.clone("rob", "human");
    change("README.md", "By hand.\n", human);
    expect(world.git(human, ["commit", "--quiet", "-m", "By hand"])).toMatchObject({ code: 0, said: "" });
    expect(messageOf(human)).toBe("By hand\n");
    expect(push(human)).toMatchObject({ code: 0 });
    change();
    commit();
    world.git(clone, ["push", "--quiet", "origin", "HEAD:refs/heads/for-merge"]);
    world.git(human, ["fetch", "--quiet"]);
    const merged = world.git(human, ["merge", "--quiet", "--no-ff", "-m", "Merge it", "origin/for-merge"]);
    expect(merged).toMatchObject({ code: 0 });
    expect(world.git(human, ["push", "--quiet", "origin", "HEAD:main"])).toMatchObject({ code: 0 });
    expect((await world.book.recorded()).at(-1)).toMatchObject({
      kind: "human_merge",
      actor: "rob",
      reason: "Merge it",
    });
  });
});
