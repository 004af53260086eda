/**
 * One supervisor per socket path.
 *
 * 1. The lock is a listening socket beside the path: it is free the moment its holder is gone, however it went.
 * 2. A holder that does not answer (stopped, busy) still holds: only a refused connection proves that nobody is there.
 * 3. Two takers of one stale lock may pass each other; `stillHeld` tells the loser, which leaves.
 */
import { lstat, unlink } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { MeshError } from "@federation/core";
import { closeServer, listenPrivately } from "../protocol/private-socket.ts";

export interface PathLock {
  stillHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** @throws MeshError `conflict` when another supervisor serves this path. */
export async function acquirePathLock(socketPath: string): Promise<PathLock> {
  const path = `${socketPath}.lock`;
  if (await answers(path)) {
    throw new MeshError(
      "conflict",
      `Another inference supervisor serves ${socketPath}; connect to it, stop it, or choose another socket path.`,
      { details: { socketPath } },
    );
  }
  const server: Server = createServer((socket) => socket.destroy());
  await listenPrivately(server, path);
  server.unref();
  const { ino } = await lstat(path);
  const stillHeld = async (): Promise<boolean> => (await lstat(path).catch(() => undefined))?.ino === ino;
  return {
    stillHeld,
    release: async () => {
      if (await stillHeld()) await unlink(path).catch(() => undefined);
      await closeServer(server);
    },
  };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (held: boolean): void => {
      socket.destroy();
      resolve(held);
    };
    socket.setTimeout(1_000, () => end(true));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
