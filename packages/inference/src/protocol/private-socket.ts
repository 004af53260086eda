/**
 * Unix sockets that only this user may open.
 *
 * 1. The file has mode 0600 from its first moment.
 * 2. A socket file left by a dead process is replaced; any other file at the path is left alone and reported.
 */
import { chmod, lstat, unlink } from "node:fs/promises";
import type { Server } from "node:net";
import { MeshError } from "@federation/core";

/** The shortest limit among the platforms we run on (macOS). */
const maxPathBytes = 103;

/** @throws MeshError `config_invalid` when the path is too long for a socket or taken by another kind of file. */
export async function listenPrivately(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > maxPathBytes) {
    throw new MeshError(
      "config_invalid",
      `The socket path ${path} is longer than ${maxPathBytes} bytes; choose a shorter one.`,
    );
  }
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined) {
    if (!found.isSocket()) {
      throw new MeshError(
        "config_invalid",
        `${path} exists and is not a socket; move it or choose another socket path.`,
      );
    }
    await unlink(path).catch(() => undefined);
  }
  const umask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      const onError = (error: Error): void =>
        reject(new MeshError("config_invalid", `Cannot listen on ${path}: ${error.message}.`, { cause: error }));
      server.once("error", onError);
      server.listen(path, () => {
        server.off("error", onError);
        resolve();
      });
    });
  } finally {
    process.umask(umask);
  }
  await chmod(path, 0o600);
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
