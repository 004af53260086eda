/**
 * One client's connection, over whatever carries its bytes.
 *
 * 1. Frames are handled one after another; while a login is being checked, or the client does not read, none is read.
 * 2. An error is one ERROR frame, then the end of the connection. Nothing sent after the offending frame is looked at.
 * 3. However it ends, every unacknowledged message is back in its queue before the next event of this process.
 * 4. Nothing a client sends can throw out of here.
 */
import type { Duplex } from "node:stream";
import { MeshError } from "@federation/core";
import type { BrokerContext } from "./context.ts";
import { encodeFrame, type Frame } from "./frame.ts";
import { createFrameParser, FrameError, type FrameLimits } from "./frame-parser.ts";
import { handleFrame } from "./handlers/index.ts";
import { StompError } from "./stomp-error.ts";
import type { ServerSubscription } from "./subscription.ts";
import type { Transaction } from "./transaction.ts";

export type SessionPhase =
  | { readonly name: "unknown" }
  | { readonly name: "authenticating" }
  | { readonly name: "connected"; readonly login: string }
  | { readonly name: "ended" };

export interface Session {
  readonly id: string;
  readonly subscriptions: Map<string, ServerSubscription>;
  readonly transactions: Map<string, Transaction>;
  phase(): SessionPhase;
  /** The login. @throws StompError before CONNECT has been accepted. */
  login(): string;
  beginLogin(): void;
  accept(login: string, heartbeat: Heartbeat): void;
  write(frame: Buffer): void;
  /** Whether the client takes what it is sent. */
  hasRoom(): boolean;
  fail(message: string, receipt?: string): void;
  /** Sends what is still to be sent, then ends. */
  end(last?: Buffer): void;
  destroy(): void;
}

export interface Heartbeat {
  /** How often the broker sends something; 0 is never. */
  readonly sendMs: number;
  /** How often the client promised to send something; 0 is never. */
  readonly expectMs: number;
}

const lineFeed = Buffer.from("\n");
const lingerMs = 1_000;

export function startSession(id: string, stream: Duplex, context: BrokerContext): Session {
  const { limits, log, counters } = context;
  const preAuth: FrameLimits = { ...limits, maxFrameBytes: limits.maxPreAuthFrameBytes };
  const parser = createFrameParser(preAuth);
  const timers = new Set<NodeJS.Timeout>();
  let phase: SessionPhase = { name: "unknown" };
  let lastReadMs = performance.now();
  let congestion: NodeJS.Timeout | undefined;

  const release = () => {
    if (phase.name === "ended") return;
    phase = { name: "ended" };
    for (const timer of timers) clearInterval(timer);
    clearTimeout(congestion);
    clearTimeout(connectTimer);
    session.transactions.clear();
    const subscriptions = [...session.subscriptions.values()];
    session.subscriptions.clear();
    for (const subscription of subscriptions) subscription.close();
    context.sessions.delete(session);
  };

  const end = (last?: Buffer) => {
    if (phase.name === "ended") return;
    release();
    // Read on and discard: closing with unread bytes would reset the connection and lose the last frame.
    stream.resume();
    if (last === undefined) stream.end();
    else stream.end(last);
    setTimeout(() => stream.destroy(), lingerMs).unref();
  };

  const fail = (message: string, receipt?: string) => {
    if (phase.name === "ended") return;
    counters.errors += 1;
    log.warn(
      { session: id, ...(phase.name === "connected" ? { login: phase.login } : {}), error: message },
      "Refused.",
    );
    const headers: [string, string][] = [
      ["message", message],
      ["content-type", "text/plain"],
    ];
    if (receipt !== undefined) headers.push(["receipt-id", receipt]);
    if (phase.name !== "connected") headers.push(["version", "1.2"]);
    end(encodeFrame("ERROR", headers, Buffer.from(message)));
  };

  const handle = (frame: Frame) => {
    counters.framesIn += 1;
    try {
      handleFrame(context, session, frame);
    } catch (error) {
      const receipt = frame.headers.get("receipt");
      if (error instanceof StompError) return fail(error.message, receipt);
      log.error({ session: id, command: frame.command, error: MeshError.from(error).message }, "A handler failed.");
      fail("The broker could not process this frame.", receipt);
    }
  };

  const pump = () => {
    try {
      while ((phase.name === "unknown" || phase.name === "connected") && congestion === undefined) {
        const frame = parser.next();
        if (frame === undefined) return;
        handle(frame);
      }
    } catch (error) {
      fail(error instanceof FrameError ? error.message : "The broker could not read this frame.");
    }
  };

  const write = (bytes: Buffer) => {
    if (phase.name === "ended") return;
    stream.write(bytes);
    if (congestion !== undefined || stream.writableLength <= limits.maxBufferedBytes) return;
    stream.pause();
    congestion = setTimeout(() => session.destroy(), limits.congestedTimeoutMs);
  };

  const session: Session = {
    id,
    subscriptions: new Map(),
    transactions: new Map(),
    phase: () => phase,
    login() {
      if (phase.name !== "connected") throw new StompError("CONNECT must come first.");
      return phase.login;
    },
    beginLogin() {
      phase = { name: "authenticating" };
      stream.pause();
    },
    accept(login, { sendMs, expectMs }) {
      if (phase.name !== "authenticating") return;
      phase = { name: "connected", login };
      clearTimeout(connectTimer);
      parser.setLimits({ ...limits, maxFrameBytes: limits.maxBodyBytes + limits.maxPreAuthFrameBytes });
      if (sendMs > 0) timers.add(setInterval(() => session.hasRoom() && stream.write(lineFeed), sendMs));
      lastReadMs = performance.now();
      if (expectMs > 0) {
        timers.add(
          setInterval(
            () => {
              if (performance.now() - lastReadMs > expectMs * 2) session.destroy();
            },
            Math.max(expectMs / 2, 50),
          ),
        );
      }
      stream.resume();
      // What came in one packet with CONNECT; after the caller has answered it.
      queueMicrotask(pump);
    },
    write,
    hasRoom: () => congestion === undefined && stream.writableLength <= limits.maxBufferedBytes,
    fail,
    end,
    destroy() {
      release();
      stream.destroy();
    },
  };

  const connectTimer = setTimeout(
    () => fail(`No CONNECT within ${limits.connectTimeoutMs} ms.`),
    limits.connectTimeoutMs,
  );
  stream.on("data", (chunk: Buffer) => {
    if (phase.name === "ended") return;
    lastReadMs = performance.now();
    parser.push(chunk);
    pump();
  });
  stream.on("drain", () => {
    if (congestion === undefined) return;
    clearTimeout(congestion);
    congestion = undefined;
    stream.resume();
    for (const subscription of session.subscriptions.values()) subscription.dispatch();
    pump();
  });
  stream.on("end", () => end());
  stream.on("close", release);
  stream.on("error", () => session.destroy());
  context.sessions.add(session);
  counters.connections += 1;
  return session;
}
