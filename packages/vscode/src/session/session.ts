/**
 * One connection of the editor to a node, through whatever happens to it, until it is closed.
 *
 * 1. Address and token are read anew for each connection, and kept nowhere else: a mesh that was started again has
 *    another port, a rotated token another text.
 * 2. The event log is followed from where it ended before anything was asked, so nothing falls between an answer and
 *    the events that change it; across lost connections it goes on where it was.
 * 3. When `close` has resolved there is no socket, no timer and no call of this session left.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type ControlName, MeshError, type MeshEvent } from "@federation/core";
import {
  type ControlClient,
  connectControlClient,
  followEvents,
  handshakeMs,
  openSocket,
  reconnectDelayMs,
  socketLine,
} from "@federation/mcp/client";
import type { WebSocket } from "ws";
import type { Address } from "../finding/way.ts";
import { createQuestions, type Question, type Questions } from "./questions.ts";

export type Reach =
  | { readonly state: "connecting"; readonly sinceMs: number; readonly lastError: string | undefined }
  | { readonly state: "connected"; readonly sinceMs: number }
  /** It was there, and is tried again. */
  | { readonly state: "away"; readonly sinceMs: number; readonly lastError: string | undefined }
  /** For good: a person has to give another token. */
  | { readonly state: "over"; readonly reason: string };

export interface SessionLog {
  info(text: string): void;
  warn(text: string): void;
  debug(text: string): void;
}

export interface SessionOptions {
  readonly open: () => Promise<Address>;
  /** The first connection is tried like every later one, until it is made; otherwise once. */
  readonly patient: boolean;
  readonly log: SessionLog;
  /** How often presence is asked for: while somebody looks, and otherwise. */
  readonly watchedMs?: number;
  readonly unwatchedMs?: number;
}

/** What is always kept. */
export interface Known {
  readonly status: Question<"GetStatus">;
  readonly roster: Question<"ListRoster">;
  readonly missions: Question<"ListMissions">;
  readonly tasks: Question<"ListTasks">;
  readonly waiting: Question<"ListWaiting">;
}

export interface Session {
  /** Resolves with the first connection; rejects when it cannot be made, or the session is closed before. */
  readonly ready: Promise<void>;
  reach(): Reach;
  readonly known: Known;
  /** Keeps a further query. */
  readonly keep: Questions["keep"];
  readonly call: ControlClient["call"];
  /** A socket to the same node for who speaks for itself; the token stays here. */
  openSocket(signal: AbortSignal): Promise<WebSocket>;
  /** Tells that an answer or the reach has changed. */
  onChange(listener: (what: ControlName | "reach") => void): () => void;
  onEvent(listener: (event: MeshEvent) => void): () => void;
  /** Somebody looks, until the function that is given is called. */
  watch(): () => void;
  close(): Promise<void>;
}

const defaultWatchedMs = 2_500;
const defaultUnwatchedMs = 15_000;
const pauseMs = 5_000;
const program = "federation-vscode";

export function startSession(options: SessionOptions): Session {
  const { log, watchedMs = defaultWatchedMs, unwatchedMs = defaultUnwatchedMs } = options;
  const stop = new AbortController();
  const listeners = new Set<(what: ControlName | "reach") => void>();
  const hearers = new Set<(event: MeshEvent) => void>();
  let reach: Reach = { state: "connecting", sinceMs: Date.now(), lastError: undefined };
  let client: ControlClient | undefined;
  let watchers = 0;
  let ticker: ReturnType<typeof setInterval> | undefined;
  let slowMs = 0;

  const tell = (what: ControlName | "reach"): void => {
    for (const listener of [...listeners]) listener(what);
  };
  const call: ControlClient["call"] = async (name, request, callOptions) => {
    if (client === undefined) throw new MeshError("unavailable", "There is no connection to the node yet.");
    return await client.call(name, request, callOptions);
  };
  const questions = createQuestions({
    call,
    onAnswer: tell,
    onError: (name, error) => log.warn(`${name}: ${error.message}`),
  });
  const known: Known = {
    status: questions.keep("GetStatus", {}),
    roster: questions.keep("ListRoster", {}),
    missions: questions.keep("ListMissions", { limit: 50 }),
    tasks: questions.keep("ListTasks", { open: true, limit: 200 }),
    waiting: questions.keep("ListWaiting", {}),
  };
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {});

  function reached(next: Reach): void {
    const before = reach;
    reach = next;
    if (next.state === "connected" && before.state === "away")
      log.info(`back after ${((Date.now() - before.sinceMs) / 1000).toFixed(1)} s`);
    else if (next.state !== before.state)
      log.info(next.state === "over" ? `let out: ${next.reason}` : `${next.state}${lastErrorOf(next)}`);
    pace();
    tell("reach");
  }

  /** Presence is a matter of leases, and changes without an event. */
  function pace(): void {
    clearInterval(ticker);
    ticker = undefined;
    if (reach.state !== "connected" || stop.signal.aborted) return;
    ticker = setInterval(
      () => {
        known.roster.refresh();
        if (Date.now() - slowMs < unwatchedMs) return;
        slowMs = Date.now();
        known.status.refresh();
        known.waiting.refresh();
      },
      watchers > 0 ? watchedMs : unwatchedMs,
    );
  }

  const openLine = async (signal: AbortSignal): Promise<WebSocket> => {
    const { url, token } = await options.open();
    return await openSocket({ url, token, insecure: false, handshakeMs, signal });
  };

  async function connect(): Promise<ControlClient> {
    for (let failed = 1; ; failed++) {
      try {
        return await connectControlClient({
          program,
          signal: stop.signal,
          dial: async (signal) => socketLine(await openLine(signal)),
          onStatus(status) {
            // What becomes of the first connection is told by who waits for it.
            if (client === undefined || stop.signal.aborted) return;
            if (status.state === "closed") reached({ state: "over", reason: status.reason });
            else if (status.state === "connected") {
              reached({ state: "connected", sinceMs: Date.now() });
              questions.refreshAll();
            } else {
              const sinceMs = reach.state === "away" ? reach.sinceMs : Date.now();
              reached({ state: "away", sinceMs, lastError: status.lastError });
            }
          },
        });
      } catch (thrown) {
        const error = MeshError.from(thrown);
        const final = error.code === "unauthenticated" || error.code === "forbidden";
        if (!options.patient || final || stop.signal.aborted) throw error;
        reached({ state: "connecting", sinceMs: Date.now(), lastError: error.message });
        await sleep(reconnectDelayMs(failed), undefined, { signal: stop.signal });
      }
    }
  }

  async function run(): Promise<void> {
    try {
      client = await connect();
    } catch (thrown) {
      const error = stop.signal.aborted
        ? new MeshError("unavailable", "The session is closed.")
        : MeshError.from(thrown);
      if (!stop.signal.aborted) reached({ state: "over", reason: error.message });
      ready.reject(error);
      return;
    }
    reached({ state: "connected", sinceMs: Date.now() });
    ready.resolve();
    let after: string | undefined;
    let found = false;
    while (!stop.signal.aborted && client.status().state !== "closed") {
      try {
        if (!found) {
          const answer = await client.call("ListEvents", { after: "end", limit: 1 }, { signal: stop.signal });
          after = answer.cursor ?? undefined;
          found = true;
          questions.refreshAll();
        }
        for await (const event of followEvents(client, { after, signal: stop.signal })) {
          after = event.cursor;
          log.debug(`event ${event.cursor} ${event.kind}`);
          questions.touchedBy(event);
          for (const hear of [...hearers]) hear(event);
        }
      } catch (thrown) {
        if (stop.signal.aborted || client.status().state === "closed") return;
        log.warn(`the log cannot be followed: ${MeshError.from(thrown).message}`);
        await sleep(pauseMs, undefined, { signal: stop.signal }).catch(() => {});
        questions.refreshAll();
      }
    }
  }

  const running = run();
  return {
    ready: ready.promise,
    reach: () => reach,
    known,
    keep: questions.keep,
    call,
    openSocket: openLine,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onEvent(listener) {
      hearers.add(listener);
      return () => void hearers.delete(listener);
    },
    watch() {
      watchers += 1;
      if (watchers === 1) {
        if (reach.state === "connected") known.roster.refresh();
        pace();
      }
      let watching = true;
      return () => {
        if (!watching) return;
        watching = false;
        watchers -= 1;
        if (watchers === 0) pace();
      };
    },
    async close() {
      stop.abort();
      clearInterval(ticker);
      questions.stop();
      listeners.clear();
      hearers.clear();
      await client?.close();
      await running;
    },
  };
}

function lastErrorOf(reach: Reach): string {
  return "lastError" in reach && reach.lastError !== undefined ? `: ${reach.lastError}` : "";
}
