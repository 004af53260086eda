/**
 * The stub's way to its node: one connection after the other, each with a number, for as long as the stub runs.
 *
 * 1. Address and token are looked up at every dial: a rotated token, or a node that moved, needs no restart.
 * 2. A node that is away is dialled for ever, with jittered back-off. One that refuses the token is dialled again when
 *    address or token change, and once a minute, since it may be the node that errs.
 * 3. An actor that was connected at another node meanwhile stays there until this host asks something: two hosts would
 *    take it from each other for ever.
 * 4. A connection without a sign of life is ended, as is one that does not take what is sent.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { MeshError } from "@federation/core";
import { dismissal, openSocket, provenMs, reconnectDelayMs } from "@federation/mcp/client";
import type { WebSocket } from "ws";
import { scrubText } from "../log/index.ts";
import { surfaceHeader, surfaceOf } from "../substrate/admission.ts";
import { parseIncoming } from "../substrate/incoming-message.ts";
import type { JsonRpcMessage } from "../substrate/json-rpc.ts";

export interface NodeTarget {
  readonly url: string;
  readonly token: string;
  readonly tokenFile: string;
}

export interface NodeLinkOptions {
  /** Looked up at every dial. @throws MeshError when it is not known now. */
  readonly target: () => NodeTarget;
  /** Allows plain text to another machine. */
  readonly insecure: boolean;
  readonly onOpen: (connection: number) => void;
  readonly onMessage: (message: JsonRpcMessage, connection: number) => void;
  readonly onLost: (connection: number) => void;
  /** Calls wait for the node. */
  readonly wanted: () => boolean;
  /** The state has changed. */
  readonly onState: (state: NodeState, before: NodeState) => void;
}

export type NodeState =
  | { readonly state: "connected"; readonly connection: number }
  /** `refused`: it takes another token, or a person, to go on. `elsewhere`: a call of the host brings it back. */
  | { readonly state: "starting" | "away" | "refused" | "elsewhere"; readonly since: Date; readonly reason: string };

export interface NodeLink {
  readonly state: NodeState;
  /** Dropped when that connection is not the present one. */
  send(message: JsonRpcMessage, connection: number): void;
  /** The host has asked something. */
  wake(): void;
  /** The present connection is no good. */
  drop(reason: string): void;
  /** The node will close the present connection; if it does not, that is done here. */
  leaving(): void;
  /** Nothing is taken from the node while the host does not read. */
  setReading(reads: boolean): void;
  close(): Promise<void>;
}

/** How a connection, or the attempt at one, ended. */
interface End {
  readonly state: "away" | "refused" | "elsewhere";
  readonly reason: string;
}

const handshakeMs = 8000;
const pingMs = 5000;
const silentMs = 15_000;
const lookMs = 500;
const retryRefusedMs = 60_000;
const leavingMs = 6000;
const closeMs = 300;
const maxUnsentBytes = 64 * 1024 * 1024;
const elsewhereCode = 4409;

export function startNodeLink(options: NodeLinkOptions): NodeLink {
  const stop = new AbortController();
  let state: NodeState = { state: "starting", since: new Date(), reason: "It has not been reached yet." };
  let socket: WebSocket | undefined;
  let connections = 0;
  /** What the host has seen of tools and resources: a node where they differ tells it so. */
  let surface: string | null = null;
  let reading = true;
  let dropReason: string | undefined;
  let wake = (): void => {};

  function become(next: NodeState): void {
    const before = state;
    state = next;
    options.onState(next, before);
  }

  function becomeAbsent({ state: kind, reason }: End): void {
    const since = state.state === "connected" ? new Date() : state.since;
    become({ state: kind, since, reason: scrubText(reason) });
  }

  function drop(reason: string): void {
    dropReason ??= reason;
    socket?.terminate();
  }

  async function dial(): Promise<WebSocket> {
    const { url, token, tokenFile } = options.target();
    try {
      return await openSocket({
        url,
        token,
        insecure: options.insecure,
        handshakeMs,
        signal: stop.signal,
        headers: surface === null ? {} : { [surfaceHeader]: surface },
        onHeaders: (headers) => {
          surface = surfaceOf(headers) ?? surface;
        },
      });
    } catch (thrown) {
      const error = MeshError.from(thrown);
      if (error.code !== "unauthenticated") throw error;
      throw new MeshError("unauthenticated", `${error.message} Put one into ${tokenFile}.`, { cause: error });
    }
  }

  /** Resolves when the connection is over. */
  function live(opened: WebSocket, connection: number): Promise<End> {
    return new Promise((resolve) => {
      let heardMs = performance.now();
      const heard = (): void => {
        heardMs = performance.now();
      };
      const ping = setInterval(() => {
        // A connection nobody reads from says nothing about the node.
        if (!reading) heard();
        if (performance.now() - heardMs > silentMs) drop("It gave no sign of life.");
        else if (opened.bufferedAmount > maxUnsentBytes) drop("It does not take what is sent.");
        else opened.ping();
      }, pingMs);
      opened.on("ping", heard);
      opened.on("pong", heard);
      opened.on("message", (data, isBinary) => {
        heard();
        const incoming = parseIncoming(Buffer.isBuffer(data) ? data : Buffer.alloc(0), isBinary);
        if (incoming.kind === "message") options.onMessage(incoming.message, connection);
        else drop("It sent what is no JSON-RPC.");
      });
      opened.on("error", (error) => {
        dropReason ??= `The connection failed (${error.message}).`;
      });
      opened.on("close", (code) => {
        clearInterval(ping);
        if (socket === opened) socket = undefined;
        resolve(endOf(code, dropReason));
      });
      dropReason = undefined;
      socket = opened;
      if (!reading) opened.pause();
      become({ state: "connected", connection });
      options.onOpen(connection);
    });
  }

  async function keepUp(): Promise<void> {
    let failed = 0;
    while (!stop.signal.aborted) {
      const tried = keyOf(options);
      const begunMs = performance.now();
      let end: End;
      try {
        const opened = await dial();
        if (stop.signal.aborted) return opened.terminate();
        const connection = ++connections;
        end = await live(opened, connection);
        options.onLost(connection);
        if (performance.now() - begunMs >= provenMs) failed = 0;
      } catch (thrown) {
        end = endOfDial(MeshError.from(thrown));
      }
      if (stop.signal.aborted) return;
      failed += 1;
      becomeAbsent(end);
      if (end.state === "refused") await changed(tried);
      else await pause(reconnectDelayMs(failed));
      if (end.state === "elsewhere" && !options.wanted()) await woken();
    }
  }

  async function changed(tried: string): Promise<void> {
    const untilMs = performance.now() + retryRefusedMs;
    while (!stop.signal.aborted && performance.now() < untilMs && keyOf(options) === tried) await pause(lookMs);
  }

  const woken = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const pause = (ms: number) => sleep(ms, undefined, { signal: stop.signal }).catch(() => {});
  const running = keepUp();

  return {
    get state() {
      return state;
    },
    send(message, connection) {
      if (state.state === "connected" && state.connection === connection) socket?.send(JSON.stringify(message));
    },
    wake: () => wake(),
    drop,
    leaving() {
      const opened = socket;
      const timer = setTimeout(() => opened?.terminate(), leavingMs).unref();
      opened?.once("close", () => clearTimeout(timer));
    },
    setReading(reads) {
      reading = reads;
      if (reads) socket?.resume();
      else socket?.pause();
    },
    async close() {
      stop.abort();
      wake();
      const opened = socket;
      opened?.close(1000);
      setTimeout(() => opened?.terminate(), closeMs).unref();
      await running;
    },
  };
}

/** What must change before a refused dial is worth another one. */
function keyOf({ target }: NodeLinkOptions): string {
  try {
    const { url, token } = target();
    return JSON.stringify([url, token]);
  } catch (thrown) {
    return MeshError.from(thrown).message;
  }
}

function endOf(code: number, dropReason: string | undefined): End {
  const dismissed = dismissal(code);
  if (dismissed !== undefined) return { state: "refused", reason: dismissed.message };
  if (code === elsewhereCode) return { state: "elsewhere", reason: "Its actor is connected at another node now." };
  if (code === 1001) return { state: "away", reason: "It is leaving, or restarting." };
  return { state: "away", reason: dropReason ?? "The connection was lost." };
}

function endOfDial({ code, message }: MeshError): End {
  const passes = code === "unavailable" || code === "limit_exceeded" || code === "deadline_exceeded";
  return { state: passes ? "away" : "refused", reason: message };
}
