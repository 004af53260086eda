/**
 * A repository guarded by the real programs: `federation git install` on a bare remote and on a clone, hooks that ask a
 * node on real rows, keys and claims as actors make them.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { startControlEndpoint } from "@federation/mcp/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Mesh, type MeshNode, startMesh } from "../mesh/mesh-fixture.ts";

const program = path.join(import.meta.dirname, "../../../daemon/bin/federation.mjs");
let mesh: Mesh;
let dev: MeshNode;
let lea: MeshNode;
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
let root: string;
let clone: string;
let server: string;

interface Ran {
  readonly code: number;
  readonly said: string;
}

async function run(command: string, args: readonly string[], cwd: string, input?: string): Promise<Ran> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: root, GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" };
  const ran = promisify(execFile)(command, [...args], { cwd, env, encoding: "utf8" });
  if (input !== undefined) ran.child.stdin?.end(input);
  return ran.then(
    ({ stdout, stderr }) => ({ code: 0, said: `${stderr}${stdout}`.trim() }),
    (error: { code?: number; stdout?: string; stderr?: string }) => ({
      code: error.code ?? -1,
      said: `${error.stderr ?? ""}${error.stdout ?? ""}`,
    }),
  );
}
const git = (cwd: string, ...args: readonly string[]): Promise<Ran> => run("git", args, cwd);
const federation = (...args: readonly string[]): Promise<Ran> =>
  run(process.execPath, [program, "--url", endpoint.url, "--token-file", path.join(root, "token"), ...args], root);

async function commit(cwd: string, file: string, ...args: readonly string[]): Promise<Ran> {
  await mkdir(path.dirname(path.join(cwd, file)), { recursive: true });
  await writeFile(path.join(cwd, file), `${Math.random()}\n`);
  await git(cwd, "add", "--all");
  return git(cwd, "commit", "--quiet", "-m", `Write ${file}`, ...args);
}

/** A task of dev's, claimed. */
async function claimed(scope: readonly string[]): Promise<{ readonly task: string; readonly fence: number }> {
  const { task } = await lea.call("OpenTask", { title: "Docs", instructions: "Write.", assignee: "dev", scope });
  return { task, fence: (await dev.call("ClaimTask", { task })).fence };
}

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "fed-guard-"));
  mesh = await startMesh();
  lea = await mesh.add("lea", "lead");
  dev = await mesh.add("dev", "developer");
  endpoint = await startControlEndpoint({
    control: { call: (name, request, caller) => dev.call(name, request, caller.callId) },
    tokens: { "dev-token": { actor: "dev", role: "developer" } },
  });
  await writeFile(path.join(root, "token"), "dev-token\n", { mode: 0o600 });
  server = path.join(root, "server.git");
  clone = path.join(root, "clone");
  execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", server]);
  execFileSync("git", ["init", "--quiet", "--initial-branch=main", clone]);
  await writeFile(path.join(clone, "README.md"), "A project.\n");
  await git(clone, "add", "--all");
  await git(clone, "-c", "user.name=me", "-c", "user.email=me@localhost", "commit", "--quiet", "-m", "Begin");
  await git(clone, "remote", "add", "origin", server);
  expect(await git(clone, "push", "--quiet", "origin", "main")).toMatchObject({ code: 0 });
  expect(await federation("git", "install", server, "--server")).toMatchObject({ code: 0 });
  expect(await federation("git", "install", clone)).toMatchObject({ code: 0 });
}, 120_000);

afterAll(async () => {
  await endpoint.close();
  await mesh.drop();
  await rm(root, { recursive: true, force: true });
});

test("without a claim there is no commit, and the refusal says what would be lawful", async () => {
  const refused = await commit(clone, "docs/early.md");
  expect(refused.code).not.toBe(0);
  expect(refused.said).toMatch(/claim/);
  await git(clone, "reset", "--quiet", "--hard");
}, 60_000);

test("under a claim, inside its paths, a commit is signed and pushed, from a worktree too", async () => {
  const { task, fence } = await claimed(["docs/**"]);
  expect(await commit(clone, "docs/one.md")).toMatchObject({ code: 0 });
  const message = (await git(clone, "log", "-1", "--format=%B")).said;
  expect(message).toContain(`Federation-Task: ${task}\nFederation-Fence: ${fence}\nFederation-Actor: dev`);
  expect(await git(clone, "push", "--quiet", "origin", "HEAD:work")).toMatchObject({ code: 0 });

  const worktree = path.join(root, "worktree");
  expect(await git(clone, "worktree", "add", "--quiet", "-b", "two", worktree)).toMatchObject({ code: 0 });
  const outside = await commit(worktree, "src/stray.ts");
  expect(outside.code).not.toBe(0);
  await git(worktree, "reset", "--quiet", "--hard");
  expect(await commit(worktree, "docs/two.md")).toMatchObject({ code: 0 });
  expect(await git(worktree, "push", "--quiet", "origin", "HEAD:two")).toMatchObject({ code: 0 });
  expect(await federation("git", "status", worktree)).toMatchObject({ code: 0 });

  // --no-verify leaves out two of the hooks, and the third refuses.
  const past = await commit(worktree, "src/past.ts", "--no-verify");
  expect(past).toMatchObject({ code: 1, said: expect.stringMatching(/outside|reaches/) });
  // Past all hooks of the clone there is a commit, and the server refuses it.
  const forged = await git(
    worktree,
    "-c",
    "core.hooksPath=/dev/null",
    "commit",
    "--quiet",
    "--all",
    "-m",
    "Past the hooks",
    "--no-verify",
  );
  expect(forged).toMatchObject({ code: 0 });
  const push = await git(worktree, "push", "--quiet", "origin", "HEAD:two");
  expect(push.code).not.toBe(0);
  expect(push.said).toMatch(/claim/);

  await dev.call("HandBackTask", { task, fence, reason: "This test is over." });
  expect((await commit(clone, "docs/late.md")).code).not.toBe(0);
}, 120_000);

test("a revoked key signs nothing any more; what happened is on record", async () => {
  const { task, fence } = await claimed(["notes/**"]);
  await git(clone, "reset", "--quiet", "--hard");
  expect(await commit(clone, "notes/one.md")).toMatchObject({ code: 0 });
  const { keys } = await dev.call("ListSigningKeys");
  await dev.call("RevokeSigningKey", { fingerprint: keys[0]?.fingerprint });
  const push = await git(clone, "push", "--quiet", "origin", "HEAD:notes");
  expect(push.code).not.toBe(0);
  expect(push.said).toMatch(/revoked/);
  const records = await mesh.owner<{ kind: string; actor: string | null }>(
    "select kind, actor from federation.git_records order by id",
  );
  expect(records.filter((it) => it.kind === "push_accepted")).toHaveLength(2);
  expect(records.at(-1)?.kind).toBe("push_refused");
  await dev.call("HandBackTask", { task, fence, reason: "This test is over." });
}, 60_000);

test("when the node does not answer nothing is taken, and the refusal names what a human may do", async () => {
  await endpoint.close();
  await git(clone, "reset", "--quiet", "--hard");
  const refused = await commit(clone, "notes/two.md");
  expect(refused.code).not.toBe(0);
  expect(refused.said).toMatch(/does not answer/);
  expect(refused.said).toMatch(/human/);
  expect(await readFile(path.join(clone, "README.md"), "utf8")).toBe("A project.\n");
}, 120_000);
