import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ContractClaim } from "@federation/testkit/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Forged, type GitWorld, openGitWorld, type Ran, trailersOf } from "./testing/git-world.ts";

// What a server takes and refuses, whatever was done on the clone: the commits are made by plumbing, past every hook.
let world: GitWorld;
let clone: string;
let claim: ContractClaim;
let count = 0;
let branch = "";

beforeAll(async () => {
  world = await openGitWorld();
  clone = await world.clone("aorus", "work");
});
afterAll(() => world.close());
beforeEach(async () => {
  branch = `test-${++count}`;
  world.git(clone, ["checkout", "--quiet", "--force", "-B", branch, "origin/main"]);
  claim = await world.book.claimed("aorus", ["src/**"]);
});

const lawful = (over: Partial<Forged> = {}): Forged => ({
  files: { "src/parser.ts": `export const n = ${count};\n` },
  message: `Add a parser\n\nWords about it.\n\n${trailersOf(claim, "aorus")}`,
  author: "aorus",
  key: "aorus",
  ...over,
});
const forge = (over: Partial<Forged> = {}): string => world.forge(clone, lawful(over));
const push = (commit: string, ref = `refs/heads/${branch}`, options: readonly string[] = []): Ran =>
  world.git(clone, ["push", "--quiet", ...options, "origin", `${commit}:${ref}`]);
const onServer = (ref: string): string => world.git(world.server, ["rev-parse", "--verify", "--quiet", ref]).out;

function expectRefused({ code, said }: Ran, ...words: readonly string[]): void {
  for (const word of ["This push is refused", "lawful:", ...words]) expect(said).toContain(word);
  expect(code).not.toBe(0);
  expect(onServer(`refs/heads/${branch}`)).toBe("");
}

describe("taken is", () => {
  test("a signed commit of the holder within the claim's paths, and it is on record", async () => {
    const commit = forge();
    expect(push(commit)).toMatchObject({ code: 0 });
    expect(onServer(`refs/heads/${branch}`)).toBe(commit);
    expect((await world.book.recorded()).at(-1)).toMatchObject({
      kind: "push_accepted",
      actor: "aorus",
      commit,
      ref: `refs/heads/${branch}`,
      reason: expect.stringContaining(`task ${claim.task}/${claim.fence}`),
    });
  });

  test("a commit under a claim that was submitted and accepted since", async () => {
    const commit = forge();
    await world.book.submitted(claim);
    await world.book.accepted(claim);
    expect(push(commit)).toMatchObject({ code: 0 });
  });

  test("several commits of several actors, each under a claim of its own", async () => {
    const other = await world.book.claimed("baby", ["docs/**"]);
    const one = forge();
    const two = forge({
      parents: [one],
      files: { "docs/parser.md": "How.\n" },
      message: `Describe it\n\n${trailersOf(other, "baby")}`,
      author: "baby",
      key: "baby",
    });
    expect(push(two)).toMatchObject({ code: 0 });
  });

  test("a merge by the human, of whatever was pushed, with its own line on record", async () => {
    const commit = forge();
    expect(push(commit)).toMatchObject({ code: 0 });
    const merge = forge({
      parents: [onServer("refs/heads/main"), commit],
      files: { "src/parser.ts": `export const n = ${count};\n` },
      message: "Merge the parser\n",
      author: "rob",
      key: "rob",
    });
    expect(push(merge, "refs/heads/main")).toMatchObject({ code: 0 });
    expect(await world.book.recorded()).toContainEqual({
      kind: "human_merge",
      actor: "rob",
      commit: merge,
      ref: "refs/heads/main",
      reason: "Merge the parser",
    });
  });

  test("a human's commit without a claim, of something that somebody else wrote", () => {
    const commit = forge({
      files: { LICENSE: "Free.\n" },
      message: "Say what is allowed\n",
      author: "baby",
      committer: "rob",
      key: "rob",
    });
    expect(push(commit)).toMatchObject({ code: 0 });
  });
});

describe("refused is a commit", () => {
  test("without a signature", () => {
    expectRefused(push(forge({ key: null })), "it is not signed", "one-voice");
  });

  test("signed with a key that nobody registered", () => {
    expectRefused(push(forge({ key: "stranger" })), "a key that nobody has registered (SHA256:");
  });

  test("signed with a key that was revoked", async () => {
    const commit = forge({ author: "baby", key: "baby", message: `M\n\n${trailersOf(claim, "baby")}` });
    await world.book.keyRevoked(world.publicKey("baby"));
    expectRefused(push(commit), "a key of baby that was revoked");
    await world.book.keyRegistered("baby", world.publicKey("baby"));
  });

  test("signed by another actor than its author", () => {
    expectRefused(push(forge({ key: "baby", author: "aorus" })), "signed by baby", "aorus@federation.invalid");
  });

  test("with a forged author", () => {
    expectRefused(
      push(forge({ author: "baby", committer: "aorus" })),
      "says that baby <baby@federation.invalid> wrote it",
    );
  });

  test("with a forged committer, be it the human", () => {
    expectRefused(push(forge({ committer: "rob" })), "says that rob <rob@federation.invalid> made it");
  });

  test("whose signature belongs to another commit", () => {
    const [mine = "", other = ""] = [forge(), forge({ message: `Other\n\n${trailersOf(claim, "aorus")}` })];
    const read = (id: string): string => world.git(clone, ["cat-file", "commit", id]).out;
    const signature = /gpgsig [\s\S]*?-----END SSH SIGNATURE-----\n/;
    const swapped = read(mine).replace(signature, signature.exec(read(other))?.[0] ?? "");
    const { out } = world.git(clone, ["hash-object", "-t", "commit", "-w", "--stdin"], { input: `${swapped}\n` });
    expectRefused(push(out), "it names a key of aorus, and that key did not sign it");
  });

  test("without trailers", () => {
    expectRefused(push(forge({ message: "Add a parser\n" })), "it names no claim", "claim-before-code");
  });

  test("whose trailers name another actor", () => {
    expectRefused(
      push(forge({ message: `M\n\n${trailersOf(claim, "baby")}` })),
      "signed by aorus and its trailers name baby",
    );
  });

  test("with another's fence", async () => {
    const stolen = await world.book.claimed("baby", ["src/**"]);
    expectRefused(push(forge({ message: `M\n\n${trailersOf(stolen, "aorus")}` })), "is baby's, not aorus's");
  });

  test("with the fence of a claim that was lost to another since", async () => {
    await world.book.ranOut(claim);
    await world.book.claimedAgain(claim.task, "baby");
    expectRefused(push(forge()), "holds no more: ran out", "under the new fence");
  });

  test("with a claim that never was", () => {
    expectRefused(push(forge({ message: `M\n\n${trailersOf({ ...claim, fence: 999 }, "aorus")}` })), "never was");
  });

  test("with a block of trailers in its body", async () => {
    const other = await world.book.claimed("aorus", []);
    const message = `M\n\n${trailersOf(other, "aorus")}\n${trailersOf(claim, "aorus")}`;
    expectRefused(push(forge({ message })), "outside its last paragraph");
  });

  test("with two blocks of trailers in its last paragraph", () => {
    const message = `M\n\n${trailersOf(claim, "aorus")}${trailersOf(claim, "aorus")}`;
    expectRefused(push(forge({ message })), "more than one block");
  });

  test("made after its claim was finished, when the result is linked with another commit", async () => {
    const result = forge();
    await world.book.submitted(claim);
    await world.book.linked(claim, result);
    const later = forge({ parents: [result], files: { "src/more.ts": "export {};\n" } });
    expectRefused(push(later), "is finished, and its result is another commit");
    expect(push(result)).toMatchObject({ code: 0 });
  });

  test("larger than a commit may be", () => {
    const message = `M\n\n${"x".repeat(70_000)}\n\n${trailersOf(claim, "aorus")}`;
    expectRefused(push(forge({ message })), "larger than 65536 bytes");
  });
});

describe("refused is a change", () => {
  const outside = (over: Partial<Forged>, ...words: readonly string[]): void => {
    expectRefused(push(forge(over)), "claim-before-code", ...words);
  };

  test("outside of the claim's paths", () => {
    outside({ files: { "README.md": "Mine.\n" } }, `it changes "README.md"`, "keep to the claim's paths: src/**");
  });

  test("outside of them in a commit before the tip", () => {
    const first = forge({ files: { "README.md": "Mine.\n" } });
    const back = forge({ parents: [first], files: { "README.md": "A repository.\n" } });
    expectRefused(push(back), first.slice(0, 12), `it changes "README.md"`);
  });

  test("that moves a file out of them", () => {
    outside({ without: ["src/main.ts"], files: { "docs/main.ts": "export {};\n" } }, `it changes "docs/main.ts"`);
  });

  test("that moves a file into them", () => {
    outside({ without: ["docs/index.md"], files: { "src/index.md": "Words.\n" } }, `it changes "docs/index.md"`);
  });

  test.each([
    ["absolute", "/etc/passwd", "out of the repository"],
    ["climbing out", "../../etc/passwd", "out of the repository"],
    ["climbing out behind a name", "a/../../../etc", "out of the repository"],
    ["into .git", "../.git/hooks", "out of the repository"],
    ["to a path outside of the claim", "../docs/index.md", "out of the claim's paths"],
  ])("to a link that leads %s", (_, target, reason) => {
    const id = world.git(clone, ["hash-object", "-w", "--stdin"], { input: target }).out;
    outside({ files: { "src/link": { mode: "120000", id } } }, `this link leads ${reason}`);
  });

  test("to a submodule, be it within the paths", () => {
    outside({ files: { "src/lib": { mode: "160000", id: "a".repeat(40) } } }, "a submodule brings in");
  });

  test("to the file that makes submodules", async () => {
    const wide = await world.book.claimed("aorus", []);
    const message = `M\n\n${trailersOf(wide, "aorus")}`;
    outside(
      { message, files: { ".gitmodules": '[submodule "a"]\n\tpath = a\n\turl = ./a\n' } },
      "a submodule brings in",
    );
  });

  test("to a path with a newline, shown without its effect", () => {
    outside({ files: { "docs/a\nremote: taken\u001b[2J.md": "x" } }, "docs/a\\u{a}remote: taken\\u{1b}[2J.md");
  });

  test("to a path that looks like an option", () => {
    outside({ files: { "--output=x": "x" } }, `it changes "--output=x"`);
  });

  test("to a path that is not UTF-8", async () => {
    const wide = await world.book.claimed("aorus", []);
    const id = world.git(clone, ["hash-object", "-w", "--stdin"], { input: "x" }).out;
    const { out: tree } = world.git(clone, ["mktree", "-z"], {
      input: Buffer.concat([Buffer.from(`100644 blob ${id}\tsrc-`), Buffer.from([0xff, 0xfe, 0])]),
    });
    outside({ tree, message: `M\n\n${trailersOf(wide, "aorus")}` }, "a path that is not written in UTF-8");
  });

  test.each([
    ["two entries of one name, of which a comparison shows one", "duplicateEntries", ["a", "a"]],
    ["entries out of order", "treeNotSorted", ["b", "a"]],
    [".git in other letters", "hasDotgit", [".GIT"]],
  ])("to a tree with %s", (_, check, names) => {
    const id = world.git(clone, ["hash-object", "-w", "--stdin"], { input: "x" }).out;
    const entries = names.map((name) => Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(id, "hex")]));
    const { out: tree } = world.git(clone, ["hash-object", "-t", "tree", "-w", "--literally", "--stdin"], {
      input: Buffer.concat(entries),
    });
    const { code, said } = push(forge({ tree }));
    expect(code).not.toBe(0);
    expect(said).toContain(check);
  });
});

describe("within the paths, hostile names are names", () => {
  test.each([
    ["a newline", "src/a\nb.ts"],
    ["a quote", "src/a\"b'c.ts"],
    ["a leading dash", "src/-rf"],
    ["a trailer", "src/Federation-Task: x"],
    ["letters beyond ASCII", "src/ä/🜁.ts"],
    ["a wildcard", "src/*"],
  ])("%s", (_, file) => {
    expect(push(forge({ files: { [file]: "x\n" } }))).toMatchObject({ code: 0 });
  });
});

describe("a merge by an agent", () => {
  const side = async (files: Forged["files"], scope: readonly string[]): Promise<string> => {
    const other = await world.book.claimed("baby", scope);
    const message = `M\n\n${trailersOf(other, "baby")}`;
    return forge({ files, message, author: "baby", key: "baby" });
  };

  test("is taken when git alone would merge so outside of the claim's paths", async () => {
    const theirs = await side({ "docs/merged.md": `${count}\n` }, ["docs/**"]);
    const mine = forge();
    const merge = forge({ parents: [mine, theirs], files: { "docs/merged.md": `${count}\n` } });
    expect(push(merge)).toMatchObject({ code: 0 });
  });

  test("is refused when it leaves out what the other side did", async () => {
    const theirs = await side({ "docs/merged.md": `${count}\n` }, ["docs/**"]);
    const merge = forge({ parents: [forge(), theirs], files: {} });
    expectRefused(push(merge), `it changes "docs/merged.md"`);
  });

  test("is refused when it adds what neither side did", async () => {
    const theirs = await side({ "docs/merged.md": `${count}\n` }, ["docs/**"]);
    const merge = forge({
      parents: [forge(), theirs],
      files: { "docs/merged.md": `${count}\n`, "README.md": "Mine.\n" },
    });
    expectRefused(push(merge), `it changes "README.md"`);
  });

  test("is refused when it settles a conflict outside of the claim's paths", async () => {
    const wide = await world.book.claimed("aorus", ["docs/**"]);
    const mine = forge({ files: { "docs/index.md": "Mine.\n" }, message: `M\n\n${trailersOf(wide, "aorus")}` });
    const theirs = await side({ "docs/index.md": "Theirs.\n" }, ["docs/**"]);
    const merge = forge({ parents: [mine, theirs], files: { "docs/index.md": "Theirs.\n" } });
    expectRefused(push(merge), `it changes "docs/index.md"`);
  });

  test("of three branches is refused", async () => {
    const one = await side({ "docs/one.md": "1\n" }, ["docs/**"]);
    const two = await side({ "docs/two.md": "2\n" }, ["docs/**"]);
    expectRefused(push(forge({ parents: [forge(), one, two], files: {} })), "more than two branches");
  });
});

describe("a ref", () => {
  const name = (): string => `refs/heads/${branch}`;

  test("is not deleted by a push", () => {
    expect(push(forge())).toMatchObject({ code: 0 });
    const { code, said } = world.git(clone, ["push", "--quiet", "origin", `:${name()}`]);
    expect(code).not.toBe(0);
    expect(said).toContain("a push does not delete");
    expect(said).toContain("a human with access to the server");
    expect(onServer(name())).not.toBe("");
  });

  test("is not rewritten by a push", () => {
    const first = forge();
    expect(push(first)).toMatchObject({ code: 0 });
    const other = forge({ files: { "src/other.ts": "export {};\n" } });
    const { code, said } = push(other, name(), ["--force"]);
    expect(code).not.toBe(0);
    expect(said).toContain("it would rewrite what is there");
    expect(onServer(name())).toBe(first);
  });

  test("that is one of several refused takes the others with it", () => {
    const good = forge();
    const bad = forge({ key: null });
    const { code } = world.git(clone, [
      "push",
      "--quiet",
      "origin",
      `${good}:${name()}`,
      `${bad}:refs/heads/bad-${count}`,
    ]);
    expect(code).not.toBe(0);
    expect(onServer(name())).toBe("");
  });

  test("of a name that reads as something else is refused", () => {
    for (const ref of [
      "refs/heads/HEAD",
      `refs/heads/${"a".repeat(40)}`,
      "refs/replace/x",
      "refs/notes/x",
      "refs/heads/refs/heads/main",
    ])
      expect(push(forge(), ref).said).toContain("plain names");
    expect(push(forge(), "refs/heads/-x").said).toContain("plain names");
  });

  test("does not point to anything but a commit", () => {
    const tree = world.git(clone, ["rev-parse", "HEAD^{tree}"]).out;
    expectRefused(push(tree, "refs/tags/a-tree"), "a tag without an annotation");
  });

  test("that is reserved moves only to what a human signed", () => {
    world.git(world.server, ["config", "--add", "federation.reserved", "refs/heads/release*"]);
    const release = `refs/heads/release-${count}`;
    expect(push(forge(), release).said).toContain("moves only to a commit that a human signed");
    const merged = forge({ parents: [forge()], files: {}, message: "Release\n", author: "rob", key: "rob" });
    expect(push(merged, release)).toMatchObject({ code: 0 });
    world.git(world.server, ["config", "--unset-all", "federation.reserved"]);
  });
});

describe("a tag", () => {
  const tag = (name: string, key: string, target = "HEAD"): void => {
    const ident = { GIT_COMMITTER_NAME: key, GIT_COMMITTER_EMAIL: `${key}@federation.invalid` };
    const sign = ["-c", "gpg.format=ssh", "-c", `user.signingkey=${world.keyFile(key)}`];
    const { code, said } = world.git(clone, [...sign, "tag", "-s", "-m", "Tag", name, target], { env: ident });
    expect([code, said]).toEqual([0, ""]);
  };
  const pushTag = (name: string): Ran => world.git(clone, ["push", "--quiet", "origin", `refs/tags/${name}`]);

  test("signed by the human is taken, and never moved", () => {
    tag(`v${count}`, "rob");
    expect(pushTag(`v${count}`)).toMatchObject({ code: 0 });
    world.git(clone, ["tag", "-d", `v${count}`]);
    tag(`v${count}`, "rob", "HEAD^{tree}");
    const { said } = world.git(clone, ["push", "--quiet", "--force", "origin", `refs/tags/v${count}`]);
    expect(said).toContain("a tag is not moved");
  });

  test("of an agent, of nobody, of a tree or under another name is refused", () => {
    tag("by-agent", "aorus");
    expect(pushTag("by-agent").said).toContain("tags are a human's, and aorus is none");
    world.git(clone, ["tag", "light", "HEAD"]);
    expect(pushTag("light").said).toContain("a tag without an annotation");
    tag("of-tree", "rob", "HEAD^{tree}");
    expect(pushTag("of-tree").said).toContain("it tags a tree");
    tag("one-name", "rob");
    expect(push("refs/tags/one-name", "refs/tags/another-name").said).toContain(`the tag names itself "one-name"`);
    tag("by-stranger", "stranger");
    expect(pushTag("by-stranger").said).toContain("nobody has registered");
  });
});

describe("whatever the caller sets", () => {
  test("git's own variables, and Node's, do not change what is judged", () => {
    const bad = forge({ files: { "README.md": "Mine.\n" } });
    const trace = path.join(world.root, "trace");
    const evil = path.join(world.root, "evil.cjs");
    writeFileSync(evil, "process.exit(0)");
    world.git(clone, ["branch", `${branch}-bad`, bad]);
    world.git(world.server, ["fetch", "--quiet", clone, `${branch}-bad`]);
    const { status, stderr } = spawnSync(path.join(world.server, "federation/hooks/pre-receive"), {
      cwd: world.server,
      input: `${"0".repeat(40)} ${bad} refs/heads/${branch}\n`,
      env: {
        PATH: process.env["PATH"],
        GIT_DIR: ".",
        NODE_OPTIONS: `--require ${evil}`,
        GIT_TRACE: trace,
        GIT_EXTERNAL_DIFF: "/bin/true",
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "receive.fsckObjects",
        GIT_CONFIG_VALUE_0: "false",
        GIT_DIFF_OPTS: "-u0",
        GIT_REPLACE_REF_BASE: "refs/heads/",
        GIT_GLOB_PATHSPECS: "1",
        GIT_NAMESPACE: "other",
      },
    });
    expect(status).toBe(1);
    expect(stderr.toString("utf8")).toContain(`it changes "README.md"`);
    expect(existsSync(trace)).toBe(false);
  });

  test("a replaced object on the server does not stand in for another", () => {
    const bad = forge({ key: null });
    const good = forge();
    expect(push(good)).toMatchObject({ code: 0 });
    world.git(world.server, ["update-ref", `refs/replace/${bad}`, good]);
    expect(push(bad, `refs/heads/${branch}-b`).said).toContain("it is not signed");
    world.git(world.server, ["update-ref", "-d", `refs/replace/${bad}`]);
  });
});

describe("when something is away", () => {
  test("a federation that does not answer is a refusal that says what the human may do", async () => {
    const commit = forge();
    world.book.setAway(true);
    const { code, said } = push(commit);
    world.book.setAway(false);
    expect(code).not.toBe(0);
    expect(said).toContain("The federation does not answer (The database is away.)");
    expect(said).toContain("A human with access to the server may take the commits in by hand");
    expect(onServer(`refs/heads/${branch}`)).toBe("");
    // What it names is possible.
    expect(world.git(world.server, ["fetch", "--quiet", clone, `${commit}:refs/heads/${branch}`])).toMatchObject({
      code: 0,
    });
    expect(onServer(`refs/heads/${branch}`)).toBe(commit);
  });

  test("a server that does not check objects takes nothing", () => {
    world.git(world.server, ["config", "receive.fsckObjects", "false"]);
    const { code, said } = push(forge());
    world.git(world.server, ["config", "receive.fsckObjects", "true"]);
    expect(code).not.toBe(0);
    expect(said).toContain("receive.fsckObjects is not on");
  });

  test("every refusal is on record with its reasons", async () => {
    push(forge({ key: null }));
    expect((await world.book.recorded()).at(-1)).toMatchObject({
      kind: "push_refused",
      ref: `refs/heads/${branch}`,
      reason: expect.stringContaining("it is not signed"),
    });
  });
});
