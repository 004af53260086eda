import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DevProcess, type DevReport, startDev } from "./testing/dev-process.ts";

let folder: string;
let dev: DevProcess;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "fed-repo-"));
  await git("init", "--quiet", "--initial-branch=main");
  await writeFile(path.join(folder, "README.md"), "A project.\n");
  await git("add", "README.md");
  await git("-c", "user.name=me", "-c", "user.email=me@localhost", "commit", "--quiet", "--message=Begin");
  dev = await startDev(["--repo", folder]);
}, 120_000);

afterAll(async () => {
  await dev.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const run = promisify(execFile);
const git = async (...args: readonly string[]): Promise<string> =>
  (await run("git", ["-C", folder, ...args])).stdout.trim();

/** A small model does not bring every mission to a result: they are run until one has. */
async function submitted(): Promise<{ readonly report: DevReport; readonly commit: string }> {
  const client = await dev.client();
  const name = path.basename(folder).toLowerCase();
  for (let seed = 1; seed <= 8; seed++) {
    const { mission } = await client.call("StartMission", {
      objective: "Choose a retry policy for the outbox relay and write it down",
      repository: name,
      scope: ["docs/**"],
      seed,
    });
    const report = await dev.report(mission, 120_000);
    if (report.commit !== null) return { report, commit: report.commit };
  }
  throw new Error("no mission came to a result");
}

test("the result of a mission is a commit of its author's: under the claim, inside the paths, signed", async () => {
  const { report, commit } = await submitted();
  const clone = path.join(dev.stateDir, "repositories", path.basename(folder).toLowerCase());
  const task = report.tasks.at(-1);
  await git("fetch", "--quiet", clone, `federation/${task?.claimedBy}/${task?.id}-${task?.fence}`);
  expect(await git("rev-parse", "FETCH_HEAD")).toBe(commit);

  const client = await dev.client();
  const { keys } = await client.call("ListSigningKeys", {});
  const signers = path.join(dev.stateDir, "signers");
  await writeFile(signers, keys.map((key) => `${key.actor} ${key.publicKey}\n`).join(""));
  const signer = await git("-c", `gpg.ssh.allowedSignersFile=${signers}`, "log", "-1", "--format=%G? %GS %an", commit);
  expect(signer).toBe(`G ${task?.claimedBy} ${task?.claimedBy}`);

  const trailers = await git("log", "-1", "--format=%(trailers:only)", commit);
  expect(trailers).toBe(
    `Federation-Task: ${task?.id}\nFederation-Fence: ${task?.fence}\nFederation-Actor: ${task?.claimedBy}`,
  );
  const changed = (await git("diff", "--name-only", "main", commit)).split("\n");
  expect(changed).toEqual(expect.arrayContaining(report.files.map((file) => file.path)));
  for (const file of changed) expect(file).toMatch(/^docs\//);
  expect(report.result).toContain(commit);
  // The user's own repository has no hook, no branch and no worktree of ours.
  expect(await git("branch", "--list")).toBe("* main");
  expect((await git("worktree", "list")).split("\n")).toHaveLength(1);
  await expect(git("config", "core.hooksPath")).rejects.toThrow();
}, 600_000);
