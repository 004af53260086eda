/**
 * The connection to a worker's socket, made again whenever it breaks.
 *
 * 1. It is usable once the worker has named itself; before that nothing is sent.
 * 2. A worker that has another name than the last one is another process: what the last one was doing is lost.
 */
import { connect, type Socket } from "node:net";
import type { InferenceStatus, Log } from "@federation/runtime/ports";
import type { z } from "zod";
import { createLineReader } from "../protocol/lines.ts";
import { type ClientLine, encodeLine, maxLineChars, serverLineSchema, wireVersion } from "../protocol/wire.ts";

export type ReceivedLine = Exclude<z.infer<typeof serverLineSchema>, { t: "status" }>;

export interface WorkerLink {
  /** The worker we speak to, or undefined while there is none. */
  readonly worker: string | undefined;
  /** Sends now or not at all. */
  send(line: ClientLine): void;
  close(): void;
}

const backOff = { firstMs: 20, lastMs: 1_000 };

export function createWorkerLink(options: {
  readonly socketPath: string;
  readonly log: Log;
  /** A worker has named itself on a new connection. */
  readonly onWorker: (worker: string) => void;
  readonly onStatus: (status: InferenceStatus) => void;
  readonly onLine: (line: ReceivedLine) => void;
}): WorkerLink {
  const { log } = options;
  let socket: Socket | undefined;
  let worker: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let closed = false;

  const open = (): void => {
    const mine = connect(options.socketPath);
    socket = mine;
    mine.on("connect", () => mine.write(encodeLine({ t: "hello", version: wireVersion })));
    mine.on("data", createLineReader({ maxChars: maxLineChars, onLine: receive, onTooLong: () => mine.destroy() }));
    mine.on("error", (error) => log.debug({ error: error.message }, "No connection to the inference worker."));
    mine.on("close", () => {
      const had = worker;
      worker = undefined;
      socket = undefined;
      if (closed) return;
      if (had !== undefined) log.info({}, "The connection to the inference worker is gone; connecting again.");
      options.onStatus({ state: "unavailable", reason: "There is no connection to the model worker." });
      const waitMs = Math.min(backOff.lastMs, backOff.firstMs * 1.5 ** failures) * (0.75 + Math.random() / 2);
      failures += 1;
      timer = setTimeout(open, waitMs);
    });
  };

  const receive = (text: string): void => {
    let raw: unknown;
    try {
      raw = JSON.parse(text);
    } catch {
      socket?.destroy();
      return;
    }
    const parsed = serverLineSchema.safeParse(raw);
    if (!parsed.success) {
      log.warn(
        { problem: parsed.error.issues[0]?.message ?? "" },
        "The inference worker sent a line that is not understood.",
      );
      return;
    }
    const line = parsed.data;
    if (line.t !== "status") {
      options.onLine(line);
      return;
    }
    options.onStatus(line.status);
    if (worker === line.worker) return;
    worker = line.worker;
    failures = 0;
    options.onWorker(line.worker);
  };

  open();
  return {
    get worker() {
      return worker;
    },
    send: (line) => {
      if (worker !== undefined) socket?.write(encodeLine(line));
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
      socket?.destroy();
    },
  };
}
