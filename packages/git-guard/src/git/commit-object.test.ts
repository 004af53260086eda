import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCommit } from "./commit-object.ts";
import { readTag } from "./tag-object.ts";

const id = "a".repeat(40);
const person = "aorus <aorus@federation.invalid> 1700000000 +0000";
const signature = "gpgsig -----BEGIN SSH SIGNATURE-----\n U1NI\n -----END SSH SIGNATURE-----\n";
const headers = `tree ${id}\nparent ${"b".repeat(40)}\nauthor ${person}\ncommitter ${person}\n`;
const plain = `${headers}\nSubject\n`;

const reasonOf = (raw: string | Buffer): string => {
  const read = readCommit(Buffer.from(raw));
  return read.kind === "refused" ? read.reason : read.kind;
};

test("a signed commit is read, and what was signed is all but the signature", () => {
  const read = readCommit(Buffer.from(`${headers}${signature}\nSubject ä\n\nBody\n`));
  expect(read).toMatchObject({
    kind: "commit",
    commit: {
      tree: id,
      parents: ["b".repeat(40)],
      author: { name: "aorus", email: "aorus@federation.invalid" },
      message: "Subject ä\n\nBody\n",
      signature: "-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----",
    },
  });
  expect(read.kind === "commit" && read.commit.payload.toString("utf8")).toBe(`${headers}\nSubject ä\n\nBody\n`);
});

test("a commit without a signature, without parents, or with several is read", () => {
  expect(reasonOf(plain)).toBe("commit");
  expect(reasonOf(plain.replace(/parent .*\n/, ""))).toBe("commit");
  expect(reasonOf(plain.replace("author", `parent ${"c".repeat(40)}\nauthor`))).toBe("commit");
});

test("the same header inside of a merged tag is not taken for the commit's own", () => {
  const tag = `mergetag object ${id}\n type commit\n ${signature.replaceAll("\n ", "\n  ").trimEnd()}\n`;
  const read = readCommit(Buffer.from(`${headers}${tag}${signature}\nS\n`));
  expect(read.kind === "commit" && read.commit.payload.toString("utf8")).toBe(`${headers}${tag}\nS\n`);
});

describe("refused is a commit", () => {
  test.each([
    ["with a NUL", `${headers}\nSubject\0hidden\n`, "NUL"],
    ["without a message", headers.trimEnd(), "no message"],
    ["in another encoding", `${headers}encoding ISO-8859-1\n\nS\n`, "not understood here: encoding"],
    ["with a header of another program", `${headers}HG:extra x\n\nS\n`, "not understood here: HG:extra"],
    ["with two signatures", `${headers}${signature}${signature}\nS\n`, "two headers signature"],
    [
      "with a signature for each hash",
      `${headers}${signature}${signature.replace("gpgsig", "gpgsig-sha256")}\nS\n`,
      "two headers",
    ],
    ["with a signature before its committer", plain.replace("committer", `${signature}committer`), "not at its place"],
    ["with two authors", plain.replace("committer", `author ${person}\ncommitter`), "two headers author"],
    ["with two trees", `tree ${id}\n${plain}`, "two headers tree"],
    ["without a committer", plain.replace(/committer .*\n/, ""), "no header committer"],
    ["with a continued author", plain.replace("author ", "author x\n "), "two lines"],
    ["with the same parent twice", plain.replace("author", `parent ${"b".repeat(40)}\nauthor`), "same parent twice"],
    ["with a parent that is an option", plain.replace("b".repeat(40), "--help"), "by no hash"],
    ["of nobody", plain.replace(`author ${person}`, "author nobody"), "malformed"],
    ["of two", plain.replace(`author ${person}`, `author a <a> <b> 1 +0000`), "malformed"],
    ["that is empty", "\n\n", "header that is not understood"],
  ])("%s", (_, raw, reason) => {
    expect(reasonOf(raw)).toContain(reason);
  });

  test("that is not UTF-8", () => {
    expect(reasonOf(Buffer.concat([Buffer.from(plain), Buffer.from([0xff])]))).toContain("UTF-8");
  });
});

test("no bytes make the readers throw", () => {
  const piece = fc.constantFrom(...plain.split("\n"), signature, "\n", "\n\n", " x", "object a", "\0", "tag x");
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ unit: "binary", maxLength: 20 })), { maxLength: 12 }), (parts) => {
      readCommit(Buffer.from(parts.join("\n")));
      readTag(Buffer.from(parts.join("\n")));
    }),
    { numRuns: 500 },
  );
});

describe("a tag", () => {
  const tag = `object ${id}\ntype commit\ntag v1\ntagger ${person}\n\nWords\n`;
  const armour = "-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n";

  test("is read with what was signed", () => {
    const read = readTag(Buffer.from(`${tag}${armour}`));
    expect(read).toMatchObject({ name: "v1", targetType: "commit", tagger: { name: "aorus" }, signature: armour });
    expect(typeof read === "string" ? "" : read.payload.toString("utf8")).toBe(tag);
  });

  test.each([
    ["with two signatures", `${tag}${armour}${armour}`, "more than one signature"],
    ["with a header more", tag.replace("tagger", "x y\ntagger"), "not understood"],
    ["of nobody", tag.replace(/tagger .*\n/, ""), "not understood"],
    ["with a NUL", `${tag}\0`, "NUL"],
  ])("%s is refused", (_, raw, reason) => {
    expect(readTag(Buffer.from(raw))).toContain(reason);
  });
});
