import { describe, expect, test } from "vitest";
import { type Forged, trailersOf } from "./testing/git-world.ts";
import { usePusher } from "./testing/pusher.ts";

// How far a claim reaches.
const at = usePusher();

describe("refused is a change", () => {
  const outside = (over: Partial<Forged>, ...words: readonly string[]): void => {
    at.expectRefused(at.push(at.forge(over)), "claim-before-code", ...words);
  };

  test("outside of the claim's paths", () => {
    outside({ files: { "README.md": "Mine.\n" } }, `it changes "README.md"`, "keep to the claim's paths: src/**");
  });

  test("outside of them in a commit before the tip", () => {
    const first = at.forge({ files: { "README.md": "Mine.\n" } });
    const back = at.forge({ parents: [first], files: { "README.md": "A repository.\n" } });
    at.expectRefused(at.push(back), first.slice(0, 12), `it changes "README.md"`);
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
    const id = at.world.git(at.clone, ["hash-object", "-w", "--stdin"], { input: target }).out;
    outside({ files: { "src/link": { mode: "120000", id } } }, `this link leads ${reason}`);
  });

  test("to a submodule, be it within the paths", () => {
    outside({ files: { "src/lib": { mode: "160000", id: "a".repeat(40) } } }, "a submodule brings in");
  });

  test("to the file that makes submodules", async () => {
    const wide = await at.world.book.claimed("aorus", []);
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
    const wide = await at.world.book.claimed("aorus", []);
    const id = at.world.git(at.clone, ["hash-object", "-w", "--stdin"], { input: "x" }).out;
    const { out: tree } = at.world.git(at.clone, ["mktree", "-z"], {
      input: Buffer.concat([Buffer.from(`100644 blob ${id}\tsrc-`), Buffer.from([0xff, 0xfe, 0])]),
    });
    outside({ tree, message: `M\n\n${trailersOf(wide, "aorus")}` }, "a path that is not written in UTF-8");
  });

  test.each([
    ["two entries of one name, of which a comparison shows one", "duplicateEntries", ["a", "a"]],
    ["entries out of order", "treeNotSorted", ["b", "a"]],
    [".git in other letters", "hasDotgit", [".GIT"]],
  ])("to a tree with %s", (_, check, names) => {
    const id = at.world.git(at.clone, ["hash-object", "-w", "--stdin"], { input: "x" }).out;
    const entries = names.map((name) => Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(id, "hex")]));
    const { out: tree } = at.world.git(at.clone, ["hash-object", "-t", "tree", "-w", "--literally", "--stdin"], {
      input: Buffer.concat(entries),
    });
    const { code, said } = at.push(at.forge({ tree }));
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
    expect(at.push(at.forge({ files: { [file]: "x\n" } }))).toMatchObject({ code: 0 });
  });
});

describe("a merge by an agent", () => {
  const side = async (files: Forged["files"], scope: readonly string[]): Promise<string> => {
    const other = await at.world.book.claimed("baby", scope);
    const message = `M\n\n${trailersOf(other, "baby")}`;
    return at.forge({ files, message, author: "baby", key: "baby" });
  };

  test("is taken when git alone would merge so outside of the claim's paths", async () => {
    const theirs = await side({ "docs/merged.md": `${at.count}\n` }, ["docs/**"]);
    const mine = at.forge();
    const merge = at.forge({ parents: [mine, theirs], files: { "docs/merged.md": `${at.count}\n` } });
    expect(at.push(merge)).toMatchObject({ code: 0 });
  });

  test("is refused when it leaves out what the other side did", async () => {
    const theirs = await side({ "docs/merged.md": `${at.count}\n` }, ["docs/**"]);
    const merge = at.forge({ parents: [at.forge(), theirs], files: {} });
    at.expectRefused(at.push(merge), `it changes "docs/merged.md"`);
  });

  test("is refused when it adds what neither side did", async () => {
    const theirs = await side({ "docs/merged.md": `${at.count}\n` }, ["docs/**"]);
    const merge = at.forge({
      parents: [at.forge(), theirs],
      files: { "docs/merged.md": `${at.count}\n`, "README.md": "Mine.\n" },
    });
    at.expectRefused(at.push(merge), `it changes "README.md"`);
  });

  test("is refused when it settles a conflict outside of the claim's paths", async () => {
    const wide = await at.world.book.claimed("aorus", ["docs/**"]);
    const mine = at.forge({ files: { "docs/index.md": "Mine.\n" }, message: `M\n\n${trailersOf(wide, "aorus")}` });
    const theirs = await side({ "docs/index.md": "Theirs.\n" }, ["docs/**"]);
    const merge = at.forge({ parents: [mine, theirs], files: { "docs/index.md": "Theirs.\n" } });
    at.expectRefused(at.push(merge), `it changes "docs/index.md"`);
    // What git leaves in the file, marks and all, is a choice too.
    const { out } = at.world.git(at.clone, ["merge-tree", "--write-tree", "--name-only", mine, theirs]);
    const unsettled = at.forge({ parents: [mine, theirs], tree: out.split("\n")[0] ?? "" });
    at.expectRefused(at.push(unsettled), `it changes "docs/index.md"`);
  });

  test("of three branches is refused", async () => {
    const one = await side({ "docs/one.md": "1\n" }, ["docs/**"]);
    const two = await side({ "docs/two.md": "2\n" }, ["docs/**"]);
    at.expectRefused(at.push(at.forge({ parents: [at.forge(), one, two], files: {} })), "more than two branches");
  });
});
