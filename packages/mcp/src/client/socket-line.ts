import { MeshError } from "@federation/core";
import { createWebSocketTransport, type PlainSocket } from "../web-socket-transport.ts";
import type { Line } from "./line.ts";

/**
 * An open socket as a line, in Node or in a page.
 * @param fatalOf what a close code means to who dials: an error when coming back makes no sense.
 */
export function socketLine(
  socket: PlainSocket,
  fatalOf: (closeCode: number) => MeshError | undefined = dismissal,
): Line {
  const gone = Promise.withResolvers<{ fatal: MeshError | undefined }>();
  socket.addEventListener("close", ({ code }) => gone.resolve({ fatal: fatalOf(code) }));
  const transport = createWebSocketTransport(socket);
  return {
    transport,
    gone: gone.promise,
    drop: () => {
      if (socket.terminate !== undefined) return socket.terminate();
      // A page can only ask for the end, and is told of it when the other side has answered: a dead one never does.
      socket.close();
      gone.resolve({ fatal: undefined });
      transport.onclose?.();
    },
  };
}

/** What a close code of the node says of the credential: one it revoked it will not take a second time. */
export function dismissal(closeCode: number): MeshError | undefined {
  if (closeCode === 4401) return new MeshError("unauthenticated", "The node revoked this token; take a live one.");
  if (closeCode === 4403) return new MeshError("forbidden", "The node no longer lets this token in.");
  return undefined;
}
