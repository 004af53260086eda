import { MeshError } from "@federation/core";
import type { Clock, Log, Random, StopSignal, Store, Work } from "../ports/index.ts";
import { backOffMs, jittered } from "../timing/back-off.ts";
import { createDoorbell } from "../timing/doorbell.ts";
import { createStop, type Stop } from "../timing/stop.ts";
import type { TurnEnding, TurnRunner } from "./turn-runner.ts";

/**
 * The one standing look at what waits for this node, and who is sent to do it.
 *
 * 1. Rows are the only reason to work: a ring makes the loop look earlier and nothing else.
 * 2. One turn per conversation at a time, and at most `maxParallelTurns` in all.
 * 3. A duty is taken up at once, that of the most urgent task first. Messages alone wait until no more have come for `settleMs`, so that one turn reads
 *    them all, and never longer than three times that.
 * 4. A turn that failed or found nothing to do is not repeated at once.
 * 5. A turn that works under a claim stops when the claim is over: by the rows, or by the keeper's clock.
 * 6. A reload of this node that was asked for is told of until its row is settled: what is told may get lost.
 */
export interface WorkLoopOptions {
  readonly store: Pick<Store, "work">;
  /** Undefined on a node without a model: messages wait for its human. */
  readonly turns: TurnRunner | undefined;
  /** Makes the moves that are due in a mission. */
  readonly move: (conversation: string) => Promise<void>;
  /** Marks what no frame has told of. */
  readonly sweep: () => Promise<void>;
  /** Rows of the outbox wait for a relay. */
  readonly rowsSeen: () => void;
  /** Tasks this node holds, by what the database answered when it was asked at `askedAtMs`. */
  readonly holds: (claims: Work["claims"], askedAtMs: number) => void;
  /** A reload of this node was asked for and is not settled; told again at every poll. */
  readonly onReload: (reload: string) => void;
  /** Something is going on: what else runs at a resting pace may quicken. */
  readonly stir: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: StopSignal;
  readonly maxParallelTurns: number;
  readonly settleMs?: number;
  readonly pollMs?: number;
}

export interface WorkLoop {
  /** A wake-up came for this conversation. */
  arrived(conversation: string, what: "message" | "duty"): void;
  /** Looks again at once. */
  ring(): void;
  /** A claim of this node is over: a turn that works under it stops. */
  claimLost(claim: Work["claims"][number]): void;
  /** Resolves when the loop and all turns and moves it started have ended. */
  readonly ended: Promise<void>;
}

/** Between two looks, however often the bell rings. */
const BREATH_MS = 20;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
const LONGEST_REST_MS = 30_000;

interface Conversation {
  firstArrivalMs: number | undefined;
  lastArrivalMs: number;
  failures: number;
  idles: number;
  notBeforeMs: number;
  lastRunMs: number;
}

export function startWorkLoop(options: WorkLoopOptions): WorkLoop {
  const { store, turns, clock, random, log, signal } = options;
  const settleMs = options.settleMs ?? 1_200;
  const pollMs = options.pollMs ?? 2_000;
  const bell = createDoorbell(clock, signal);
  const known = new Map<string, Conversation>();
  const underway = new Set<Promise<void>>();
  const busy = new Set<string>();
  /** Turns under way by conversation, each with the claims that were held there while it ran. */
  const working = new Map<string, { readonly stop: Stop; readonly claims: Set<string> }>();
  let running = 0;
  let sweptMs = Number.NEGATIVE_INFINITY;
  let toldReload: { readonly reload: string; readonly atMs: number } | undefined;
  let failures = 0;

  function conversationOf(id: string): Conversation {
    const found = known.get(id);
    if (found !== undefined) return found;
    const fresh: Conversation = {
      firstArrivalMs: undefined,
      lastArrivalMs: Number.NEGATIVE_INFINITY,
      failures: 0,
      idles: 0,
      notBeforeMs: Number.NEGATIVE_INFINITY,
      lastRunMs: Number.NEGATIVE_INFINITY,
    };
    known.set(id, fresh);
    return fresh;
  }

  /** Runs `work` once at a time per key; what it throws is logged, because the next look will find the same rows. */
  function start(key: string, what: string, work: () => Promise<void>): void {
    if (busy.has(key)) return;
    busy.add(key);
    const promise = work()
      .catch((thrown: unknown) => log.warn({ error: MeshError.from(thrown).message }, what))
      .finally(() => {
        busy.delete(key);
        underway.delete(promise);
      });
    underway.add(promise);
  }

  async function runTurn(runner: TurnRunner, id: string, conversation: Conversation): Promise<void> {
    conversation.firstArrivalMs = undefined;
    running++;
    const stop = createStop(signal);
    working.set(id, { stop, claims: new Set() });
    let ending: TurnEnding = "failed";
    try {
      ending = await runner.run(id, stop.signal);
    } finally {
      running--;
      working.delete(id);
      // Takes the turn's listener off the loop's signal.
      stop.stop();
      conversation.lastRunMs = clock.nowMs();
      conversation.failures = ending === "failed" ? conversation.failures + 1 : 0;
      conversation.idles = ending === "idle" ? conversation.idles + 1 : 0;
      conversation.notBeforeMs =
        clock.nowMs() +
        backOffMs(conversation.failures, FIRST_RETRY_MS, LONGEST_RETRY_MS, random) +
        backOffMs(conversation.idles, pollMs, LONGEST_REST_MS, random);
      bell.ring();
    }
  }

  /** Stops turns whose claim is not among those held now: it ran out, or somebody has taken the task over. */
  function minding(claims: Work["claims"]): void {
    for (const [conversation, turn] of working) {
      const held = claims.filter((c) => c.conversation === conversation).map(claimKey);
      const lost = [...turn.claims].some((key) => !held.includes(key));
      for (const key of held) turn.claims.add(key);
      if (!lost) continue;
      log.warn({ conversation }, "a turn is stopped: the claim it worked under is over");
      turn.stop.stop();
    }
  }

  function noteArrival(conversation: Conversation, nowMs: number): void {
    conversation.firstArrivalMs ??= nowMs;
    conversation.lastArrivalMs = nowMs;
  }

  /** Milliseconds until this conversation may have a turn; 0 is now. */
  function waitMs(conversation: Conversation, duty: boolean, nowMs: number): number {
    const retry = conversation.notBeforeMs - nowMs;
    if (duty) return Math.max(0, retry);
    // Seen in the rows before its frame came, or after a restart: this look is its arrival.
    if (conversation.firstArrivalMs === undefined) noteArrival(conversation, nowMs);
    const first = conversation.firstArrivalMs ?? nowMs;
    const settled = Math.min(conversation.lastArrivalMs + settleMs, first + 3 * settleMs) - nowMs;
    return Math.max(0, retry, settled);
  }

  /** Sends out what can go now; answers how long the next look may wait at most. */
  function dispatch(work: Work, askedAtMs: number): number {
    const nowMs = clock.nowMs();
    options.holds(work.claims, askedAtMs);
    minding(work.claims);
    if (work.outboxDue > 0) options.rowsSeen();
    if (work.reload !== null && (toldReload?.reload !== work.reload || nowMs - toldReload.atMs >= pollMs * 0.9)) {
      toldReload = { reload: work.reload, atMs: nowMs };
      options.onReload(work.reload);
    }
    if (work.unreceived > 0 && nowMs - sweptMs >= pollMs * 0.9) {
      sweptMs = nowMs;
      start("sweep", "what no frame told of could not be marked as received", options.sweep);
    }
    const waits = turns === undefined ? 0 : work.conversations.length;
    if (waits + work.movable.length + work.claims.length > 0) options.stir();
    forget(new Set(work.conversations.map((c) => c.conversation)), nowMs);
    for (const id of work.movable)
      start(`move ${id}`, "a mission could not be moved on", async () => {
        await options.move(id);
        bell.ring();
      });
    let nextMs = pollMs;
    if (turns === undefined) return nextMs;
    const waiting = work.conversations
      .map(({ conversation, ...it }) => ({ ...it, id: conversation, state: conversationOf(conversation) }))
      .sort(
        (a, b) => Number(b.duty) - Number(a.duty) || b.priority - a.priority || a.state.lastRunMs - b.state.lastRunMs,
      );
    for (const { id, duty, state } of waiting) {
      if (busy.has(`turn ${id}`)) continue;
      const ms = waitMs(state, duty, nowMs);
      if (ms > 0) nextMs = Math.min(nextMs, ms);
      else if (running < options.maxParallelTurns)
        start(`turn ${id}`, "a turn failed", () => runTurn(turns, id, state));
    }
    return nextMs;
  }

  function forget(wanted: ReadonlySet<string>, nowMs: number): void {
    for (const [id, state] of known)
      if (!wanted.has(id) && !busy.has(`turn ${id}`) && nowMs - Math.max(state.lastArrivalMs, state.lastRunMs) > 60_000)
        known.delete(id);
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      let pauseMs: number;
      try {
        const askedAtMs = clock.nowMs();
        const work = await store.work();
        if (signal.aborted) break;
        pauseMs = dispatch(work, askedAtMs);
        failures = 0;
      } catch (thrown) {
        failures++;
        pauseMs = Math.max(pollMs, backOffMs(failures, pollMs, 5_000, random));
        log.warn({ error: MeshError.from(thrown).message }, "what waits for this node could not be read");
      }
      await clock.sleep(BREATH_MS, signal);
      await bell.wait(pauseMs < pollMs ? pauseMs - BREATH_MS : jittered(pauseMs, random) - BREATH_MS);
    }
    await Promise.all(underway);
  }

  return {
    arrived(id, what) {
      const nowMs = clock.nowMs();
      const conversation = conversationOf(id);
      if (what === "message") noteArrival(conversation, nowMs);
      // Something new to look at ends a rest, but not the pause after a failure.
      if (conversation.idles > 0) {
        conversation.idles = 0;
        conversation.notBeforeMs = nowMs;
      }
      bell.ring();
    },
    ring: bell.ring,
    claimLost(claim) {
      const turn = working.get(claim.conversation);
      // Also one that began since the last look: the rows say that the claim was this conversation's.
      if (turn === undefined || turn.stop.signal.aborted) return;
      log.warn({ conversation: claim.conversation, task: claim.task }, "a turn is stopped: its claim is over");
      turn.stop.stop();
      bell.ring();
    },
    ended: run(),
  };
}

const claimKey = ({ task, fence }: Work["claims"][number]): string => `${task}/${fence}`;
