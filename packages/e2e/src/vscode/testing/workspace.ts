/** A folder as a person has it open: a git repository, with a mesh of its own in `.federation`. */
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

export interface Workspace {
  /** Everything of the test. */
  readonly dir: string;
  /** What the editor opens. */
  readonly folder: string;
  readonly stateDir: string;
  remove(): Promise<void>;
}

export async function makeWorkspace(): Promise<Workspace> {
  // Short: sockets live below it.
  const dir = await mkdtemp(path.join(tmpdir(), "fv-"));
  // As root PostgreSQL runs as another user, who must get to its data.
  await chmod(dir, 0o755);
  const folder = path.join(dir, "relay");
  await mkdir(folder);
  await writeFile(path.join(folder, "README.md"), "# Relay\n\nSends what lies in the outbox.\n");
  await writeFile(path.join(folder, ".gitignore"), ".federation/\n");
  const git = (...words: string[]) => promisify(execFile)("git", ["-C", folder, ...words]);
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", "-A");
  await git("-c", "user.name=Test", "-c", "user.email=test@example.org", "commit", "--quiet", "-m", "The relay");
  const stateDir = path.join(folder, ".federation");
  await mkdir(stateDir);
  return { dir, folder, stateDir, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 3 }) };
}
