/**
 * Requests a client is waiting for, across connections and workers.
 *
 * 1. A request is sent to a worker under its id; the same worker after a reconnect only hands over what was missed.
 * 2. A second worker gets it once more. When that one is lost too, the answer is `worker_lost`: a request that brings
 *    workers down must not go round for ever.
 * 3. Every request ends by its deadline, whatever the other side does.
 */
import type { FailedOutcome } from "@federation/runtime/ports";
import type { AnyOutcome, Ask, ClientLine } from "../protocol/wire.ts";

export interface PendingRequests {
  /** Joins the request of this id if it is under way. */
  ask(ask: Ask, onText: ((piece: string) => void) | undefined): Promise<AnyOutcome>;
  abort(id: string): void;
  /** A worker is there: sends it everything that waits. */
  onWorker(worker: string): void;
  onPiece(id: string, from: number, text: string): void;
  onOutcome(id: string, outcome: AnyOutcome): void;
  /** Ends everything that waits with this outcome. */
  endAll(reason: FailedOutcome["reason"], detail: string): void;
  opOf(id: string): Ask["op"] | undefined;
}

interface Pending {
  readonly ask: Ask;
  readonly promise: Promise<AnyOutcome>;
  readonly resolve: (outcome: AnyOutcome) => void;
  readonly readers: Set<(piece: string) => void>;
  readonly deadlineAtMs: number;
  readonly timer: NodeJS.Timeout;
  readonly workers: Set<string>;
  /** What the present worker has written so far, as handed to the readers. */
  text: string;
  abortTimer: NodeJS.Timeout | undefined;
}

const workersPerRequest = 2;
/** The worker's own word about a deadline or an abort is better than ours; this is how long we wait for it. */
const graceMs = 1_000;

export function createPendingRequests(options: {
  readonly send: (line: ClientLine) => void;
  readonly worker: () => string | undefined;
}): PendingRequests {
  const pending = new Map<string, Pending>();

  const end = (request: Pending, outcome: AnyOutcome): void => {
    if (!pending.delete(request.ask.id)) return;
    clearTimeout(request.timer);
    clearTimeout(request.abortTimer);
    request.resolve(outcome);
  };
  const fail = (request: Pending, reason: FailedOutcome["reason"], detail: string): void =>
    end(request, { outcome: "failed", reason, detail, tokens: { input: 0, output: 0 } });

  const hand = (request: Pending, worker: string): void => {
    if (!request.workers.has(worker)) {
      if (request.workers.size >= workersPerRequest) {
        fail(request, "worker_lost", `The model worker was lost ${workersPerRequest} times while it had this request.`);
        return;
      }
      request.workers.add(worker);
      request.text = "";
    }
    const deadlineMs = Math.max(0, request.deadlineAtMs - performance.now());
    options.send({ t: "ask", ask: { ...request.ask, deadlineMs } });
  };

  const onDeadline = (request: Pending): void => {
    options.send({ t: "abort", id: request.ask.id });
    if (options.worker() !== undefined && request.workers.size > 0) {
      fail(request, "deadline", "The deadline has passed and the model worker has not answered.");
    } else if (request.workers.size > 0) {
      fail(request, "worker_lost", "The model worker was lost and did not come back before the deadline.");
    } else {
      fail(request, "unavailable", "No model worker could be reached before the deadline.");
    }
  };

  return {
    ask: (ask, onText) => {
      const joined = pending.get(ask.id);
      if (joined !== undefined) {
        if (onText !== undefined) {
          if (joined.text.length > 0) onText(joined.text);
          joined.readers.add(onText);
        }
        return joined.promise;
      }
      const { promise, resolve } = Promise.withResolvers<AnyOutcome>();
      const request: Pending = {
        ask,
        promise,
        resolve,
        readers: new Set(onText === undefined ? [] : [onText]),
        deadlineAtMs: performance.now() + ask.deadlineMs,
        timer: setTimeout(() => onDeadline(request), ask.deadlineMs + graceMs),
        workers: new Set(),
        text: "",
        abortTimer: undefined,
      };
      pending.set(ask.id, request);
      const worker = options.worker();
      if (worker !== undefined) hand(request, worker);
      return promise;
    },
    abort: (id) => {
      const request = pending.get(id);
      if (request === undefined) return;
      const detail = "The caller aborted the request.";
      if (options.worker() === undefined) return fail(request, "aborted", detail);
      options.send({ t: "abort", id });
      request.abortTimer ??= setTimeout(() => fail(request, "aborted", detail), graceMs);
    },
    onWorker: (worker) => {
      for (const request of [...pending.values()]) hand(request, worker);
    },
    onPiece: (id, from, text) => {
      const request = pending.get(id);
      if (request === undefined || from > request.text.length) return;
      const fresh = text.slice(request.text.length - from);
      if (fresh.length === 0) return;
      request.text += fresh;
      for (const reader of request.readers) reader(fresh);
    },
    onOutcome: (id, outcome) => {
      const request = pending.get(id);
      if (request !== undefined) end(request, outcome);
    },
    endAll: (reason, detail) => {
      for (const request of [...pending.values()]) fail(request, reason, detail);
    },
    opOf: (id) => pending.get(id)?.ask.op,
  };
}
