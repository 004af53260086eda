/**
 * Requests by id: what is under way, and what came of it.
 *
 * 1. One id is worked on once. Whoever asks again joins, gets the text so far, and later the same outcome.
 * 2. An id asked again with another request is refused: the caller mixed two things up.
 * 3. An outcome is kept five minutes, and at most `maxKept` of them; a request under way is never dropped.
 */
import { createHash } from "node:crypto";
import type { AnyOutcome, Ask } from "../protocol/wire.ts";

export interface JobListener {
  onPiece(from: number, text: string): void;
  onOutcome(outcome: AnyOutcome): void;
}

export interface JobTable {
  /** @returns false when the id belongs to another request. */
  ask(ask: Ask, listener: JobListener): boolean;
  leave(id: string, listener: JobListener): void;
  abort(id: string, reason: Error): void;
  abortAll(reason: Error): void;
  /** Resolves when no work is under way. */
  idle(): Promise<void>;
  readonly running: number;
  readonly kept: number;
}

/** Does the work; resolves with a value in every case. */
export type RunAsk = (ask: Ask, onText: (piece: string) => void, control: AbortController) => Promise<AnyOutcome>;

interface Job {
  readonly fingerprint: string;
  readonly control: AbortController;
  readonly listeners: Set<JobListener>;
  readonly done: Promise<void>;
  text: string;
  outcome: AnyOutcome | undefined;
  finishedMs: number;
}

export function createJobTable(options: {
  readonly run: RunAsk;
  readonly keepMs?: number;
  readonly maxKept?: number;
  readonly nowMs?: () => number;
}): JobTable {
  const { run, keepMs = 300_000, maxKept = 256, nowMs = () => performance.now() } = options;
  const jobs = new Map<string, Job>();

  const forget = (): void => {
    const finished = [...jobs].filter(([, job]) => job.outcome !== undefined);
    finished.forEach(([id, job], index) => {
      if (job.finishedMs + keepMs < nowMs() || index < finished.length - maxKept) jobs.delete(id);
    });
  };

  const start = (ask: Ask, fingerprint: string): Job => {
    const control = new AbortController();
    const listeners = new Set<JobListener>();
    const onText = (piece: string): void => {
      const from = job.text.length;
      job.text += piece;
      for (const listener of listeners) listener.onPiece(from, piece);
    };
    // The first turn of the loop belongs to the caller, which stores the job before the work begins.
    const done = Promise.resolve()
      .then(() => run(ask, onText, control))
      .then((outcome) => {
        // Finished last, so that the oldest outcome is the first in the map's order.
        jobs.delete(ask.id);
        jobs.set(ask.id, job);
        job.outcome = outcome;
        job.finishedMs = nowMs();
        for (const listener of listeners) listener.onOutcome(outcome);
        listeners.clear();
        forget();
      });
    const job: Job = { fingerprint, control, listeners, done, text: "", outcome: undefined, finishedMs: 0 };
    return job;
  };

  const underWay = (): Job[] => [...jobs.values()].filter((job) => job.outcome === undefined);

  return {
    get running() {
      return underWay().length;
    },
    get kept() {
      return jobs.size - underWay().length;
    },
    ask: (ask, listener) => {
      forget();
      const fingerprint = fingerprintOf(ask);
      let job = jobs.get(ask.id);
      if (job === undefined) {
        job = start(ask, fingerprint);
        jobs.set(ask.id, job);
      }
      if (job.fingerprint !== fingerprint) return false;
      if (job.text.length > 0) listener.onPiece(0, job.text);
      if (job.outcome === undefined) job.listeners.add(listener);
      else listener.onOutcome(job.outcome);
      return true;
    },
    leave: (id, listener) => {
      jobs.get(id)?.listeners.delete(listener);
    },
    abort: (id, reason) => jobs.get(id)?.control.abort(reason),
    abortAll: (reason) => {
      for (const job of underWay()) job.control.abort(reason);
    },
    idle: async () => {
      await Promise.all(underWay().map((job) => job.done));
    },
  };
}

/** The request without its deadline: the time left is another one at each asking. */
function fingerprintOf(ask: Ask): string {
  return createHash("sha256")
    .update(JSON.stringify({ ...ask, deadlineMs: 0 }))
    .digest("hex");
}
