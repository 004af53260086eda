import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { MeshError } from "@federation/core";

/**
 * One `dev` per state folder. The lock is a listening socket: the system lets go of it however its owner ends, so
 * there is no stale lock to clean up by hand.
 * @throws MeshError `conflict` when another `dev` holds the folder.
 */
export async function lockStateFolder(dir: string): Promise<() => Promise<void>> {
  const path = lockPath(dir);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (await answers(path))
    throw new MeshError(
      "conflict",
      `Another dev runs in ${dir}; stop it first, or give this one its own folder with --state.`,
    );
  await rm(path, { force: true });
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => resolve());
  });
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/** A socket's path must fit into some 100 bytes, and a checkout may lie deeper. */
function lockPath(dir: string): string {
  const path = join(dir, "dev.sock");
  if (Buffer.byteLength(path) <= 95) return path;
  return join(tmpdir(), `federation-${createHash("sha256").update(dir).digest("hex").slice(0, 16)}`, "dev.sock");
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
