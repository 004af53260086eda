/**
 * A STOMP client that says whatever it is told, right or wrong: what a stranger might send, and a second opinion on
 * what a broker answers. It shares no code with the transport it judges.
 */
import { connect } from "node:net";

export interface RawFrame {
  readonly command: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RawStomp {
  /** Sends these very bytes. */
  write(bytes: string | Uint8Array): void;
  /** Sends a well-formed frame; values are not escaped. */
  send(command: string, headers?: Readonly<Record<string, string>>, body?: string): void;
  /** The next frame, or undefined when the connection ends or `withinMs` passes first. */
  next(withinMs: number): Promise<RawFrame | undefined>;
  /** True once the broker has ended the connection, waiting at most `withinMs`. */
  ended(withinMs: number): Promise<boolean>;
  /** Resets the connection: nothing is flushed. */
  destroy(): void;
}

/** An absent broker gives a connection that has ended. */
export async function openRawStomp(port: number): Promise<RawStomp> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  const frames: RawFrame[] = [];
  let unread = Buffer.alloc(0);
  let over = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const resume of [...waiting]) resume();
  };
  socket.on("data", (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    for (let cut = cutFrame(unread); cut !== undefined; cut = cutFrame(unread)) {
      frames.push(cut.frame);
      unread = cut.rest;
    }
    wake();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    over = true;
    wake();
  });
  socket.on("end", () => {
    over = true;
    wake();
  });
  await new Promise<void>((resolve) => {
    socket.once("connect", () => resolve());
    socket.once("close", () => resolve());
  });

  const until = (done: () => boolean, withinMs: number): Promise<void> =>
    new Promise((resolve) => {
      const check = () => {
        if (!done()) return;
        finish();
      };
      const finish = () => {
        clearTimeout(timer);
        waiting.delete(check);
        resolve();
      };
      const timer = setTimeout(finish, withinMs);
      waiting.add(check);
      check();
    });

  return {
    write: (bytes) => void socket.write(bytes),
    send(command, headers = {}, body = "") {
      const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
      socket.write(`${command}\n${lines.join("")}\n${body}\0`);
    },
    async next(withinMs) {
      await until(() => over || frames.length > 0, withinMs);
      return frames.shift();
    },
    async ended(withinMs) {
      await until(() => over, withinMs);
      return over;
    },
    destroy: () => void socket.resetAndDestroy(),
  };
}

/** Opens a connection and logs in; the answer is left to be looked at when it is not CONNECTED. */
export async function logInRaw(port: number, login: string, passcode: string): Promise<RawStomp> {
  const client = await openRawStomp(port);
  client.send("CONNECT", { "accept-version": "1.2", host: "federation", login, passcode, "heart-beat": "0,0" });
  const answer = await client.next(10_000);
  if (answer?.command !== "CONNECTED") {
    client.destroy();
    throw new Error(`The broker answered CONNECT with ${answer?.command ?? "nothing"}: ${answer?.headers["message"]}`);
  }
  return client;
}

function cutFrame(bytes: Buffer): { readonly frame: RawFrame; readonly rest: Buffer<ArrayBuffer> } | undefined {
  let start = 0;
  while (bytes[start] === 10 || bytes[start] === 13) start += 1;
  const headEnd = bytes.indexOf("\n\n", start);
  if (headEnd === -1) return undefined;
  const [command = "", ...lines] = bytes.toString("utf8", start, headEnd).split("\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon)] ??= line.slice(colon + 1);
  }
  const bodyStart = headEnd + 2;
  const length = headers["content-length"];
  const end = length === undefined ? bytes.indexOf(0, bodyStart) : bodyStart + Number(length);
  if (end === -1 || end >= bytes.length) return undefined;
  const rest = Buffer.from(bytes.subarray(end + 1));
  return { frame: { command, headers, body: bytes.toString("utf8", bodyStart, end) }, rest };
}
