import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { Ran } from "./testing/git-world.ts";
import { usePusher } from "./testing/pusher.ts";

// What a push may move, and what the server does when the world around it is odd.
const at = usePusher();

describe("a ref", () => {
  const name = (): string => `refs/heads/${at.branch}`;

  test("is not deleted by a push", () => {
    expect(at.push(at.forge())).toMatchObject({ code: 0 });
    const { code, said } = at.world.git(at.clone, ["push", "--quiet", "origin", `:${name()}`]);
    expect(code).not.toBe(0);
    expect(said).toContain("a push does not delete");
    expect(said).toContain("a human with access to the server");
    expect(at.onServer(name())).not.toBe("");
  });

  test("is not rewritten by a push", () => {
    const first = at.forge();
    expect(at.push(first)).toMatchObject({ code: 0 });
    const other = at.forge({ files: { "src/other.ts": "export {};\n" } });
    const { code, said } = at.push(other, name(), ["--force"]);
    expect(code).not.toBe(0);
    expect(said).toContain("it would rewrite what is there");
    expect(at.onServer(name())).toBe(first);
  });

  test("that is one of several refused takes the others with it", () => {
    const good = at.forge();
    const bad = at.forge({ key: null });
    const { code } = at.world.git(at.clone, [
      "push",
      "--quiet",
      "origin",
      `${good}:${name()}`,
      `${bad}:refs/heads/bad-${at.count}`,
    ]);
    expect(code).not.toBe(0);
    expect(at.onServer(name())).toBe("");
  });

  test("of a name that reads as something else is refused", () => {
    for (const ref of [
      "refs/heads/HEAD",
      `refs/heads/${"a".repeat(40)}`,
      "refs/replace/x",
      "refs/notes/x",
      "refs/heads/refs/heads/main",
    ])
      expect(at.push(at.forge(), ref).said).toContain("plain names");
    expect(at.push(at.forge(), "refs/heads/-x").said).toContain("plain names");
  });

  test("does not point to anything but a commit", () => {
    const tree = at.world.git(at.clone, ["rev-parse", "HEAD^{tree}"]).out;
    at.expectRefused(at.push(tree, "refs/tags/a-tree"), "a tag without an annotation");
  });

  test("that is reserved moves only to what a human signed", () => {
    at.world.git(at.world.server, ["config", "--add", "federation.reserved", "refs/heads/release*"]);
    const release = `refs/heads/release-${at.count}`;
    expect(at.push(at.forge(), release).said).toContain("moves only to a commit that a human signed");
    const merged = at.forge({ parents: [at.forge()], files: {}, message: "Release\n", author: "rob", key: "rob" });
    expect(at.push(merged, release)).toMatchObject({ code: 0 });
    at.world.git(at.world.server, ["config", "--unset-all", "federation.reserved"]);
  });
});

describe("a clone", () => {
  test("without its whole history cannot hide a part of what it pushes", () => {
    const bad = at.forge({ key: null });
    const top = at.forge({ parents: [bad] });
    const source = `file://${at.clone}`;
    at.world.git(at.clone, ["update-ref", "refs/heads/shallow-source", top]);
    const shallow = `${at.world.root}/shallow-${at.count}`;
    at.world.git(at.world.root, ["clone", "--quiet", "--depth=1", "--branch=shallow-source", source, shallow]);
    const ran = at.world.git(shallow, ["push", "--quiet", at.world.server, `HEAD:refs/heads/${at.branch}`]);
    expect(ran.code).not.toBe(0);
    expect(at.onServer(`refs/heads/${at.branch}`)).toBe("");
  });
});

describe("a tag", () => {
  const tag = (name: string, key: string, target = "HEAD"): void => {
    const ident = { GIT_COMMITTER_NAME: key, GIT_COMMITTER_EMAIL: `${key}@federation.invalid` };
    const sign = ["-c", "gpg.format=ssh", "-c", `user.signingkey=${at.world.keyFile(key)}`];
    const { code, said } = at.world.git(at.clone, [...sign, "tag", "-s", "-m", "Tag", name, target], { env: ident });
    expect([code, said]).toEqual([0, ""]);
  };
  const pushTag = (name: string): Ran => at.world.git(at.clone, ["push", "--quiet", "origin", `refs/tags/${name}`]);

  test("signed by the human is taken, and never moved", () => {
    tag(`v${at.count}`, "rob");
    expect(pushTag(`v${at.count}`)).toMatchObject({ code: 0 });
    at.world.git(at.clone, ["tag", "-d", `v${at.count}`]);
    tag(`v${at.count}`, "rob", "HEAD^{tree}");
    const { said } = at.world.git(at.clone, ["push", "--quiet", "--force", "origin", `refs/tags/v${at.count}`]);
    expect(said).toContain("a tag is not moved");
  });

  test("of an agent, of nobody, of a tree or under another name is refused", () => {
    tag("by-agent", "aorus");
    expect(pushTag("by-agent").said).toContain("tags are a human's, and aorus is none");
    at.world.git(at.clone, ["tag", "light", "HEAD"]);
    expect(pushTag("light").said).toContain("a tag without an annotation");
    tag("of-tree", "rob", "HEAD^{tree}");
    expect(pushTag("of-tree").said).toContain("it tags a tree");
    tag("one-name", "rob");
    expect(at.push("refs/tags/one-name", "refs/tags/another-name").said).toContain(`the tag names itself "one-name"`);
    tag("by-stranger", "stranger");
    expect(pushTag("by-stranger").said).toContain("nobody has registered");
  });
});

describe("whatever the caller sets", () => {
  test("git's own variables, and Node's, do not change what is judged", () => {
    const bad = at.forge({ files: { "README.md": "Mine.\n" } });
    const trace = path.join(at.world.root, "trace");
    const evil = path.join(at.world.root, "evil.cjs");
    writeFileSync(evil, "process.exit(0)");
    at.world.git(at.clone, ["branch", `${at.branch}-bad`, bad]);
    at.world.git(at.world.server, ["fetch", "--quiet", at.clone, `${at.branch}-bad`]);
    const { status, stderr } = spawnSync(path.join(at.world.server, "federation/hooks/pre-receive"), {
      cwd: at.world.server,
      input: `${"0".repeat(40)} ${bad} refs/heads/${at.branch}\n`,
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
    const bad = at.forge({ key: null });
    const good = at.forge();
    expect(at.push(good)).toMatchObject({ code: 0 });
    at.world.git(at.world.server, ["update-ref", `refs/replace/${bad}`, good]);
    expect(at.push(bad, `refs/heads/${at.branch}-b`).said).toContain("it is not signed");
    at.world.git(at.world.server, ["update-ref", "-d", `refs/replace/${bad}`]);
  });
});

describe("when something is away", () => {
  test("a federation that does not answer is a refusal that says what the human may do", async () => {
    const commit = at.forge();
    at.world.book.setAway(true);
    const { code, said } = at.push(commit);
    at.world.book.setAway(false);
    expect(code).not.toBe(0);
    expect(said).toContain("The federation does not answer (The database is away.)");
    expect(said).toContain("A human with access to the server may take the commits in by hand");
    expect(at.onServer(`refs/heads/${at.branch}`)).toBe("");
    // What it names is possible.
    expect(
      at.world.git(at.world.server, ["fetch", "--quiet", at.clone, `${commit}:refs/heads/${at.branch}`]),
    ).toMatchObject({
      code: 0,
    });
    expect(at.onServer(`refs/heads/${at.branch}`)).toBe(commit);
    expect(at.world.git(at.world.server, ["reflog", `refs/heads/${at.branch}`]).out).toContain("fetch");
  });

  test("a server that does not check objects takes nothing", () => {
    at.world.git(at.world.server, ["config", "receive.fsckObjects", "false"]);
    const { code, said } = at.push(at.forge());
    at.world.git(at.world.server, ["config", "receive.fsckObjects", "true"]);
    expect(code).not.toBe(0);
    expect(said).toContain("receive.fsckObjects is not on");
  });

  test("every refusal is on record with its reasons", async () => {
    at.push(at.forge({ key: null }));
    expect((await at.world.book.recorded()).at(-1)).toMatchObject({
      kind: "push_refused",
      ref: `refs/heads/${at.branch}`,
      reason: expect.stringContaining("it is not signed"),
    });
  });
});
