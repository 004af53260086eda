/** A WebSocket as the wire of one session: one message per text frame. */
import type { Log } from "@federation/runtime/ports";
import { WebSocket } from "ws";
import { parseIncoming } from "./incoming-message.ts";
import type { JsonRpcError } from "./json-rpc.ts";
import type { SessionHub } from "./session-hub.ts";
import type { Wire } from "./wire.ts";

/** Opens a session whose client is at the other end of `socket`. */
export function openWebSocketSession(
  hub: SessionHub,
  socket: WebSocket,
  who: { readonly actor: string; readonly credential: string; readonly surface: string | null },
  log: Log,
): void {
  const wire: Wire = {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    get unreadBytes() {
      return socket.bufferedAmount;
    },
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    ping: () => {
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    },
  };
  const handle = hub.open(wire, who.actor, who.credential, who);
  const refuse = (error: JsonRpcError) => {
    if (error.id !== undefined) wire.send(error);
  };
  let resume: NodeJS.Timeout | undefined;
  socket.on("message", (data, isBinary) => {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.alloc(0);
    handle.receive(parseIncoming(bytes, isBinary), refuse);
    const restMs = hub.read(who.actor, bytes.length);
    if (restMs === 0) return;
    socket.pause();
    clearTimeout(resume);
    resume = setTimeout(() => socket.resume(), restMs);
  });
  socket.on("pong", () => handle.alive());
  socket.on("error", (error) =>
    log.info({ session: handle.session, actor: who.actor, error: error.message }, "A session's socket failed."),
  );
  socket.on("close", (code) => {
    clearTimeout(resume);
    handle.closed(code);
  });
}
