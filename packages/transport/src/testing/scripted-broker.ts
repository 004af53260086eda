import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { encodeFrame, type Frame } from "../embedded-broker/frame.ts";
import { createFrameParser } from "../embedded-broker/frame-parser.ts";

/** A broker for tests that answers as it is told: what a foreign or broken one might do. */
export interface ScriptedBroker {
  readonly url: string;
  /** All frames received, of all connections. */
  readonly frames: readonly Frame[];
  close(): Promise<void>;
}

export type Answer = (
  frame: Frame,
  reply: (command: string, headers?: Readonly<Record<string, string>>) => void,
  socket: Socket,
) => void;

export async function startScriptedBroker(answer: Answer): Promise<ScriptedBroker> {
  const frames: Frame[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const parser = createFrameParser({
      maxFrameBytes: 1e6,
      maxBodyBytes: 1e6,
      maxHeaders: 100,
      maxHeaderLineBytes: 1e4,
    });
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      parser.push(chunk);
      for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
        frames.push(frame);
        const reply = (command: string, headers: Readonly<Record<string, string>> = {}) =>
          void socket.write(encodeFrame(command, Object.entries(headers)));
        answer(frame, reply, socket);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  return {
    url: `stomp://127.0.0.1:${address.port}`,
    frames,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Answers CONNECT and every receipt, and is otherwise silent. */
export const polite: Answer = (frame, reply) => {
  if (frame.command === "CONNECT") reply("CONNECTED", { version: "1.2", server: "Scripted/1", "heart-beat": "0,0" });
  const receipt = frame.headers.get("receipt");
  if (receipt !== undefined) reply("RECEIPT", { "receipt-id": receipt });
};
