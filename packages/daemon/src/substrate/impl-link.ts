/**
 * Impl's end of the channel to the substrate.
 *
 * 1. Nothing is lost between the fork and `serve`: what arrives before the handlers do is kept in order.
 * 2. A handler that throws ends the process with the cause: the substrate restarts impl and re-sends what is open.
 *    `authenticate` and `metrics` are answered as failed instead, since the other side waits for them.
 * 3. When the channel closes the substrate is gone: `drain` gets two seconds, then the process ends.
 * 4. `activate` and `deactivate` are carried out one after the other, in the order in which they came.
 * 5. Signals are the substrate's: a Ctrl-C in a terminal or a stop of the whole control group reaches impl too, and
 *    must not end it before the drain.
 */
import { MeshError } from "@federation/core";
import {
  type AuthenticateAnswer,
  type AuthenticateRequest,
  type CloseSession,
  type FatalCode,
  type FromImpl,
  type HealthReport,
  type ImplInit,
  type ReloadEnd,
  type SessionOpen,
  type ToImpl,
  toImplSchema,
} from "./impl-protocol.ts";
import type { JsonRpcMessage, RequestId } from "./json-rpc.ts";

const orphanDrainMs = 2000;

export type SessionCloseReason = Extract<ToImpl, { type: "session-close" }>["reason"];

export interface ImplHandlers {
  /** Is this bearer token good, and whose is it? Called at every WebSocket upgrade. */
  authenticate(request: Omit<AuthenticateRequest, "type" | "request">): Promise<AuthenticateAnswer>;
  /** A session begins, or continues from another impl (`resumed`: check its credential again). */
  sessionOpened(session: Omit<SessionOpen, "type">): void;
  /** One JSON-RPC message of the client, in order per session. */
  sessionMessage(session: string, message: JsonRpcMessage): void;
  /** The session is over; nothing sent to it arrives any more. */
  sessionClosed(session: string, reason: SessionCloseReason): void;
  /**
   * This impl now owns the loops: turns, relay, inbox, leases, reconciler. Called after `ready`, and again when it gets
   * them back from an impl that failed (`reopen`: which may still be writing, and must be fenced first).
   */
  activate(options: { readonly reopen: boolean }): void | Promise<void>;
  /** End the loops; a generation under way is left to the next owner. Control calls are still answered. */
  deactivate(): Promise<void>;
  /** From now on only this impl writes: its predecessor is fenced. */
  seal(): Promise<void>;
  /** How a reload ended, to be put on record. */
  reloadEnded(end: ReloadEnd): void;
  /** Stop taking, finish or release, flush, close; resolve when done. The process ends afterwards. */
  drain(options: { readonly deadlineMs: number }): Promise<void>;
  /** Prometheus text of this process. */
  metrics(): Promise<string>;
}

export interface ImplLink {
  readonly init: ImplInit;
  /** Gives the handlers, once; kept messages are handed over at once, in order. */
  serve(handlers: ImplHandlers): void;
  /** Sessions and `authenticate` are answered from now on. Call it once, after `serve`. */
  ready(surface: string): void;
  /** Asks for this impl to be replaced; `reload` is the row of whoever asked. Asking again changes nothing. */
  reload(reload: string): void;
  /** Report at every change; before `ready` too, so that `/readyz` can say what is being waited for. */
  health(report: HealthReport): void;
  /**
   * Sends a JSON-RPC message to a session's client. Unknown and closed sessions are ignored. `related` is the client's
   * request that a notification or request belongs to.
   */
  send(session: string, message: JsonRpcMessage, related?: RequestId): void;
  /** Closes a session's socket, e.g. 4401 when its credential was revoked. */
  closeSession(session: string, code: CloseSession["code"], reason: string): void;
  /** Says why the daemon cannot go on, and ends this process. The daemon prints the sentence and exits. */
  fatal(code: FatalCode, message: string): Promise<never>;
}

/** The parts of `process` the link uses: a test gives its own. */
export interface ParentChannel {
  send(message: FromImpl, done: (error: Error | null) => void): void;
  onMessage(listener: (message: unknown) => void): void;
  onDisconnect(listener: () => void): void;
  exit(code: number): never;
}

/** The IPC channel this process was forked with. Throws `internal` when there is none. */
export function parentChannel(): ParentChannel {
  const send = process.send?.bind(process);
  if (send === undefined) throw new MeshError("internal", "This process is started by federationd, not by hand.");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // See invariant 5.
    });
  }
  return {
    send: (message, done) => void send(message, undefined, undefined, done),
    onMessage: (listener) => void process.on("message", listener),
    onDisconnect: (listener) => void process.on("disconnect", listener),
    exit: (code) => process.exit(code),
  };
}

/** Waits for `init`. Everything after it is kept until `serve`. */
export function connectImplLink(channel: ParentChannel = parentChannel()): Promise<ImplLink> {
  const kept: ToImpl[] = [];
  let handlers: ImplHandlers | undefined;
  /** The last of `activate` and `deactivate`: the next one begins when it has ended. */
  let loops: Promise<void> = Promise.resolve();
  const initialised = Promise.withResolvers<ImplInit>();

  function post(message: FromImpl): void {
    channel.send(message, () => {
      // The channel is gone: `onDisconnect` ends the process.
    });
  }

  channel.onMessage((raw) => {
    const message = toImplSchema.parse(raw);
    if (message.type === "init") initialised.resolve(message);
    else if (message.type === "ping") post({ type: "pong", request: message.request });
    else if (handlers === undefined && message.type === "drain") channel.exit(0);
    else if (handlers === undefined) kept.push(message);
    else dispatch(handlers, message);
  });
  channel.onDisconnect(() => {
    const drained = handlers?.drain({ deadlineMs: orphanDrainMs }) ?? Promise.resolve();
    const deadline = new Promise((resolve) => setTimeout(resolve, orphanDrainMs));
    void Promise.race([drained, deadline]).finally(() => channel.exit(1));
  });

  function dispatch(to: ImplHandlers, message: ToImpl): void {
    switch (message.type) {
      case "init":
      case "ping":
        break;
      case "activate":
        loops = loops.then(() => to.activate({ reopen: message.reopen }));
        break;
      case "deactivate":
        loops = loops.then(() => to.deactivate()).then(() => post({ type: "deactivated", request: message.request }));
        break;
      case "seal":
        void to.seal().then(() => post({ type: "sealed", request: message.request }));
        break;
      case "reload-end":
        to.reloadEnded(message);
        break;
      case "session-open":
        to.sessionOpened(message);
        break;
      case "session-message":
        to.sessionMessage(message.session, message.message);
        break;
      case "session-close":
        to.sessionClosed(message.session, message.reason);
        break;
      case "authenticate":
        void answerAuthenticate(to, message);
        break;
      case "metrics":
        void answerMetrics(to, message.request);
        break;
      case "drain":
        void answerDrain(to, message.deadlineMs);
        break;
    }
  }

  async function answerAuthenticate(to: ImplHandlers, request: AuthenticateRequest): Promise<void> {
    let answer: AuthenticateAnswer;
    try {
      answer = await to.authenticate(request);
    } catch {
      answer = { ok: false, code: "unavailable", message: "The credential cannot be checked now; try again later." };
    }
    post({ type: "authenticated", request: request.request, answer });
  }

  async function answerMetrics(to: ImplHandlers, request: number): Promise<void> {
    const text = await to.metrics().catch(() => "");
    post({ type: "metrics", request, text });
  }

  async function answerDrain(to: ImplHandlers, deadlineMs: number): Promise<void> {
    await to.drain({ deadlineMs });
    channel.send({ type: "drained" }, () => channel.exit(0));
  }

  return initialised.promise.then((init) => ({
    init,
    serve(given) {
      handlers = given;
      for (const message of kept.splice(0)) dispatch(given, message);
    },
    ready: (surface) => post({ type: "ready", surface }),
    reload: (reload) => post({ type: "reload", reload }),
    health: (report) => post({ type: "health", report }),
    send: (session, message, related) =>
      post({ type: "session-message", session, message, ...(related === undefined ? {} : { related }) }),
    closeSession: (session, code, reason) => post({ type: "close-session", session, code, reason }),
    fatal: (code, message) =>
      new Promise<never>(() => {
        channel.send({ type: "fatal", code, message }, () => channel.exit(1));
      }),
  }));
}
