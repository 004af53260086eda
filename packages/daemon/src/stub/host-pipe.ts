/**
 * The host's two pipes, one JSON-RPC message per line.
 *
 * 1. What is not taken is answered, under its id where that can be read: malformed, or longer than `maxMessageBytes`.
 * 2. Memory is bounded by reading slower: not faster than the node takes messages, and not at all while the host does
 *    not read what it was sent.
 */
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { maxMessageBytes, parseIncoming } from "../substrate/incoming-message.ts";
import { type JsonRpcMessage, requestIdSchema, rpcCodes, rpcError } from "../substrate/json-rpc.ts";
import { isFields } from "../substrate/own-answer.ts";
import { TokenBucket } from "../substrate/token-bucket.ts";
import { LineSplitter } from "./line-splitter.ts";

export interface HostStreams {
  readonly input: Readable;
  readonly output: Writable;
  /** Leaves what the host would not read. */
  abandon(): void;
}

export interface HostPipeOptions {
  readonly streams: HostStreams;
  readonly onMessage: (message: JsonRpcMessage) => void;
  /** The host does not read: false; it does again: true. */
  readonly onReading: (reads: boolean) => void;
  readonly nowMs: () => number;
}

export interface HostPipe {
  send(message: JsonRpcMessage): void;
  /** Resolves when the host writes no more. */
  readonly ended: Promise<void>;
  /** Reads no more, and resolves when what was sent has left, or the host has no ear for it. */
  close(): Promise<void>;
}

/** Below what a node takes of one session, with room for the calls that are sent again after a connection was lost. */
const pace = { burst: 300, perSecond: 180 } as const;
const paceMs = 10;
/** A line up to this length is read for its id, so that the call it was gets its answer. */
const maxReadBytes = 16 * maxMessageBytes;
const flushMs = 1000;

export function openHostPipe({ streams, onMessage, onReading, nowMs }: HostPipeOptions): HostPipe {
  const { input, output } = streams;
  const bucket = new TokenBucket(pace, nowMs);
  const closed = new AbortController();

  function send(message: JsonRpcMessage): void {
    if (output.destroyed || output.writableEnded || output.write(`${JSON.stringify(message)}\n`)) return;
    onReading(false);
  }

  async function read(): Promise<void> {
    const splitter = new LineSplitter(maxReadBytes);
    for await (const chunk of input) {
      for (const line of splitter.push(Buffer.from(chunk))) {
        while (!bucket.take()) await sleep(paceMs, undefined, { signal: closed.signal });
        if (output.writableNeedDrain) await once(output, "drain", { signal: closed.signal });
        if (closed.signal.aborted) return;
        take(line);
      }
    }
  }

  function take(line: Buffer | "too long"): void {
    if (line === "too long") {
      send(tooLong(null));
    } else if (line.length > maxMessageBytes) {
      send(tooLong(idIn(line)));
    } else if (!isBlank(line)) {
      const incoming = parseIncoming(line, false);
      if (incoming.kind === "message") onMessage(incoming.message);
      else send(incoming.answer);
    }
  }

  const drained = () => onReading(true);
  // A host that is gone reads nothing: whoever started this program has ended its standard input, too.
  const deaf = () => closed.abort();
  output.on("drain", drained);
  output.on("close", deaf);
  output.on("error", deaf);
  // However reading ends, there is nobody to read from any more.
  const ended = Promise.race([read().catch(() => {}), once(closed.signal, "abort").then(() => {})]);

  return {
    send,
    ended,
    async close() {
      closed.abort();
      input.destroy();
      output.off("drain", drained);
      if (output.destroyed) return;
      const late = sleep(flushMs, false, { ref: false });
      if (!(await Promise.race([written(output), late]))) streams.abandon();
    },
  };
}

function written(output: Writable): Promise<true> {
  return new Promise((resolve) => output.write("", () => resolve(true)));
}

function isBlank(line: Buffer): boolean {
  return line.length < 64 && line.toString("latin1").trim() === "";
}

function tooLong(id: string | number | null): JsonRpcMessage {
  return rpcError(
    id,
    rpcCodes.invalidRequest,
    `The message is longer than ${maxMessageBytes} bytes; send less at once.`,
  );
}

function idIn(line: Buffer): string | number | null {
  try {
    const value: unknown = JSON.parse(line.toString("utf8"));
    return requestIdSchema.safeParse(isFields(value) ? value["id"] : null).data ?? null;
  } catch {
    return null;
  }
}
