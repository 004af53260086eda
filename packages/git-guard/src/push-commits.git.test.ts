import { describe, expect, test } from "vitest";
import { trailersOf } from "./testing/git-world.ts";
import { usePusher } from "./testing/pusher.ts";

// Whose a commit is, and under which claim it was made.
const at = usePusher();

describe("taken is", () => {
  test("a signed commit of the holder within the claim's paths, and it is on record", async () => {
    const commit = at.forge();
    expect(at.push(commit)).toMatchObject({ code: 0 });
    expect(at.onServer(`refs/heads/${at.branch}`)).toBe(commit);
    expect((await at.world.book.recorded()).at(-1)).toMatchObject({
      kind: "push_accepted",
      actor: "aorus",
      commit,
      ref: `refs/heads/${at.branch}`,
      reason: expect.stringContaining(`task ${at.claim.task}/${at.claim.fence}`),
    });
  });

  test("a commit under a claim that was submitted and accepted since", async () => {
    const commit = at.forge();
    await at.world.book.submitted(at.claim);
    await at.world.book.accepted(at.claim);
    expect(at.push(commit)).toMatchObject({ code: 0 });
  });

  test("several commits of several actors, each under a claim of its own", async () => {
    const other = await at.world.book.claimed("baby", ["docs/**"]);
    const one = at.forge();
    const two = at.forge({
      parents: [one],
      files: { "docs/parser.md": "How.\n" },
      message: `Describe it\n\n${trailersOf(other, "baby")}`,
      author: "baby",
      key: "baby",
    });
    expect(at.push(two)).toMatchObject({ code: 0 });
  });

  test("a merge by the human, of whatever was pushed, with its own line on record", async () => {
    const commit = at.forge();
    expect(at.push(commit)).toMatchObject({ code: 0 });
    const merge = at.forge({
      parents: [at.onServer("refs/heads/main"), commit],
      files: { "src/parser.ts": `export const n = ${at.count};\n` },
      message: "Merge the parser\n",
      author: "rob",
      key: "rob",
    });
    expect(at.push(merge, "refs/heads/main")).toMatchObject({ code: 0 });
    expect(await at.world.book.recorded()).toContainEqual({
      kind: "human_merge",
      actor: "rob",
      commit: merge,
      ref: "refs/heads/main",
      reason: "Merge the parser",
    });
  });

  test("a human's commit without a at.claim, of something that somebody else wrote", () => {
    const commit = at.forge({
      files: { LICENSE: "Free.\n" },
      message: "Say what is allowed\n",
      author: "baby",
      committer: "rob",
      key: "rob",
    });
    expect(at.push(commit)).toMatchObject({ code: 0 });
  });
});

describe("refused is a commit", () => {
  test("without a signature", () => {
    at.expectRefused(at.push(at.forge({ key: null })), "it is not signed", "one-voice");
  });

  test("signed with a key that nobody registered", () => {
    at.expectRefused(at.push(at.forge({ key: "stranger" })), "a key that nobody has registered (SHA256:");
  });

  test("signed with a key that was revoked, whenever it was made", async () => {
    const { book, publicKey } = at.world;
    await book.keyRegistered("baby", publicKey("former"));
    const commit = at.forge({ author: "baby", key: "former", message: `M\n\n${trailersOf(at.claim, "baby")}` });
    await book.keyRevoked(publicKey("former"));
    at.expectRefused(at.push(commit), "a key of baby that was revoked");
  });

  test("signed by another actor than its author", () => {
    at.expectRefused(at.push(at.forge({ key: "baby", author: "aorus" })), "signed by baby", "aorus@federation.invalid");
  });

  test("with a forged author", () => {
    at.expectRefused(
      at.push(at.forge({ author: "baby", committer: "aorus" })),
      "says that baby <baby@federation.invalid> wrote it",
    );
  });

  test("with a forged committer, be it the human", () => {
    at.expectRefused(at.push(at.forge({ committer: "rob" })), "says that rob <rob@federation.invalid> made it");
  });

  test("whose signature belongs to another commit", () => {
    const [mine = "", other = ""] = [at.forge(), at.forge({ message: `Other\n\n${trailersOf(at.claim, "aorus")}` })];
    const read = (id: string): string => at.world.git(at.clone, ["cat-file", "commit", id]).out;
    const signature = /gpgsig [\s\S]*?-----END SSH SIGNATURE-----\n/;
    const swapped = read(mine).replace(signature, signature.exec(read(other))?.[0] ?? "");
    const { out } = at.world.git(at.clone, ["hash-object", "-t", "commit", "-w", "--stdin"], { input: `${swapped}\n` });
    at.expectRefused(at.push(out), "it names a key of aorus, and that key did not sign it");
  });

  test("without trailers", () => {
    at.expectRefused(at.push(at.forge({ message: "Add a parser\n" })), "it names no claim", "claim-before-code");
  });

  test("whose trailers name another actor", () => {
    at.expectRefused(
      at.push(at.forge({ message: `M\n\n${trailersOf(at.claim, "baby")}` })),
      "signed by aorus and its trailers name baby",
    );
  });

  test("with another's fence", async () => {
    const stolen = await at.world.book.claimed("baby", ["src/**"]);
    at.expectRefused(at.push(at.forge({ message: `M\n\n${trailersOf(stolen, "aorus")}` })), "is baby's, not aorus's");
  });

  test("with the fence of a claim that was lost to another since", async () => {
    await at.world.book.ranOut(at.claim);
    await at.world.book.claimedAgain(at.claim.task, "baby");
    at.expectRefused(at.push(at.forge()), "holds no more: ran out", "under the new fence");
  });

  test("with a claim that never was", () => {
    at.expectRefused(
      at.push(at.forge({ message: `M\n\n${trailersOf({ ...at.claim, fence: 999 }, "aorus")}` })),
      "never was",
    );
  });

  test("with a block of trailers in its body", async () => {
    const other = await at.world.book.claimed("aorus", []);
    const message = `M\n\n${trailersOf(other, "aorus")}\n${trailersOf(at.claim, "aorus")}`;
    at.expectRefused(at.push(at.forge({ message })), "outside its last paragraph");
  });

  test("with two blocks of trailers in its last paragraph", () => {
    const message = `M\n\n${trailersOf(at.claim, "aorus")}${trailersOf(at.claim, "aorus")}`;
    at.expectRefused(at.push(at.forge({ message })), "more than one block");
  });

  test("made after its claim was finished, when the result is linked with another commit", async () => {
    const result = at.forge();
    await at.world.book.submitted(at.claim);
    await at.world.book.linked(at.claim, result);
    const later = at.forge({ parents: [result], files: { "src/more.ts": "export {};\n" } });
    at.expectRefused(at.push(later), "is finished, and its result is another commit");
    expect(at.push(result)).toMatchObject({ code: 0 });
  });

  test("larger than a commit may be", () => {
    const message = `M\n\n${"x".repeat(70_000)}\n\n${trailersOf(at.claim, "aorus")}`;
    at.expectRefused(at.push(at.forge({ message })), "larger than 65536 bytes");
  });
});
