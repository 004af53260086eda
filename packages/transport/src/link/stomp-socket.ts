/**
 * The socket that `@stomp/stompjs` writes to and reads from, over any stream of bytes.
 *
 * 1. `close()` and `terminate()` destroy. A half-close waits for a peer that may be frozen for ever.
 * 2. `onclose` comes exactly once, and comes even when the stream itself never says so.
 * 3. What is handed up is a copy: the runtime reuses its read buffers.
 */
import type { IStompSocket } from "@stomp/stompjs";
import type { OpeningStream } from "./open-stream.ts";

export interface StompSocket extends IStompSocket {
  /** The stream's own error, once there was one. */
  failure(): Error | undefined;
  /** Bytes written and not yet taken by the operating system. */
  bufferedBytes(): number;
  /** Runs `write` and sends all it wrote together. */
  batch(write: () => void): void;
}

const states = { connecting: 0, open: 1, closed: 3 } as const;

export function createStompSocket(url: string, opening: OpeningStream, onActivity: () => void): StompSocket {
  const { stream } = opening;
  let state: (typeof states)[keyof typeof states] = states.connecting;
  let failure: Error | undefined;

  const closed = () => {
    if (state === states.closed) return;
    state = states.closed;
    stream.destroy();
    // stompjs finishes what it is doing before it hears of the close, as with a real WebSocket.
    process.nextTick(() => socket.onclose?.({ code: 1006, reason: failure?.message ?? "", wasClean: false }));
  };

  const socket: StompSocket = {
    url,
    binaryType: "arraybuffer",
    onopen: undefined,
    onmessage: undefined,
    onerror: undefined,
    onclose: undefined,
    get readyState() {
      return state;
    },
    send(data) {
      if (state !== states.open) return;
      if (typeof data === "string") stream.write(data);
      else if (ArrayBuffer.isView(data)) stream.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
      else if (data instanceof ArrayBuffer) stream.write(Buffer.from(data));
      else throw new TypeError("A STOMP socket sends text or bytes.");
    },
    close: closed,
    terminate: closed,
    failure: () => failure,
    bufferedBytes: () => stream.writableLength,
    batch(write) {
      stream.cork();
      try {
        write();
      } finally {
        process.nextTick(() => stream.uncork());
      }
    },
  };

  opening.onOpen(() => {
    if (state !== states.connecting) return;
    state = states.open;
    socket.onopen?.();
  });
  stream.on("data", (chunk: Buffer) => {
    if (state !== states.open) return;
    onActivity();
    const copy = new Uint8Array(chunk.length);
    copy.set(chunk);
    socket.onmessage?.({ data: copy.buffer });
  });
  stream.on("error", (error: Error) => {
    failure ??= error;
    closed();
  });
  stream.on("end", closed);
  stream.on("close", closed);
  return socket;
}
