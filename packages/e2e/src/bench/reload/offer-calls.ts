/**
 * Calls on all lanes of a server while it is replaced again and again.
 *
 * 1. As many cycles as reloads, all of the same length; each offers its share of the calls evenly over it, a fifth
 *    before its reload is asked for. A cycle ends when its calls are offered and its reload is over: where a reload
 *    takes longer than its cycle, no calls are offered in what is over.
 * 2. A call is made once. Nothing waits for an answer but the count of calls that may be under way at a time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { CallRecord, Effects, ReloadRecord } from "./figures.ts";
import type { Lane, ToolAnswer, ToolCall } from "./host.ts";

export interface PlannedCall extends ToolCall {
  readonly waits?: boolean;
  /** What is the matter with the answer, or undefined. */
  readonly mistake: (structured: unknown) => string | undefined;
  /** What it leaves behind, and how its answer names that. */
  readonly effect?: { readonly key: string; readonly idIn: (structured: unknown) => string | undefined };
}

/** A server that can be replaced, with the lanes that lead to it. */
export interface Contender {
  readonly lanes: readonly Lane[];
  /** The `turn`th call of a lane. */
  plan(lane: Lane, turn: number): PlannedCall;
  /** Resolves when the server's new code is at work, or has been given up: with why. */
  reload(turn: number): Promise<{ readonly trigger: string; readonly failure: string }>;
  /** Of everything that was done, the ids of what is there. */
  effects(): Promise<Effects>;
}

export interface Offer {
  readonly calls: number;
  readonly reloads: number;
  /** From one reload to the next. */
  readonly everyMs: number;
  readonly onReload?: (done: number, failure: string) => void;
}

export interface Offered {
  readonly calls: readonly CallRecord[];
  readonly reloads: readonly ReloadRecord[];
  readonly effects: Effects;
}

const SHARE_BEFORE = 0.2;
/** Below the number a node lets one session leave unanswered. */
const MOST_PER_LANE = 48;

export async function offerCalls(contender: Contender, offer: Offer): Promise<Offered> {
  const calls: Promise<CallRecord>[] = [];
  const reloads: ReloadRecord[] = [];
  const underWay = new Map(contender.lanes.map((lane) => [lane, 0]));
  const turns = new Map(contender.lanes.map((lane) => [lane, 0]));

  async function offerOne(): Promise<void> {
    const lane = contender.lanes[calls.length % contender.lanes.length];
    if (lane === undefined) throw new Error("there is no lane");
    while ((underWay.get(lane) ?? 0) >= MOST_PER_LANE) await sleep(2);
    const turn = turns.get(lane) ?? 0;
    turns.set(lane, turn + 1);
    underWay.set(lane, (underWay.get(lane) ?? 0) + 1);
    const made = make(lane, contender.plan(lane, turn));
    calls.push(made);
    void made.then(() => underWay.set(lane, (underWay.get(lane) ?? 0) - 1));
  }

  async function offerMany(count: number, gapMs: number): Promise<void> {
    const startMs = performance.now();
    for (let i = 0; i < count; i++) {
      await sleep(Math.max(0, startMs + i * gapMs - performance.now()));
      await offerOne();
    }
  }

  for (let cycle = 0; cycle < offer.reloads; cycle++) {
    const share = Math.round(((cycle + 1) * offer.calls) / offer.reloads) - calls.length;
    const before = Math.round(share * SHARE_BEFORE);
    const gapMs = offer.everyMs / Math.max(1, share);
    await offerMany(before, gapMs);
    const reloading = replace(contender, cycle);
    const [reload] = await Promise.all([reloading, offerMany(share - before, gapMs)]);
    reloads.push(reload);
    offer.onReload?.(cycle + 1, reload.failure);
  }
  const records = await Promise.all(calls);
  return { calls: records, reloads, effects: await contender.effects() };
}

async function replace(contender: Contender, turn: number): Promise<ReloadRecord> {
  const startMs = performance.now();
  const end = await contender
    .reload(turn)
    .catch((error: unknown) => ({ trigger: "the measurement", failure: plain(String(error)) }));
  return { startMs, endMs: performance.now(), ...end };
}

async function make(lane: Lane, planned: PlannedCall): Promise<CallRecord> {
  const startMs = performance.now();
  let answer: ToolAnswer | undefined;
  let why = "";
  try {
    answer = await lane.call(planned);
  } catch (error) {
    why = plain(error instanceof Error ? error.message : String(error));
  }
  const { tool, waits = false } = planned;
  const record = { lane: lane.name, tool, waits, startMs, endMs: performance.now() };
  const effect = planned.effect === undefined ? {} : { effect: planned.effect.key };
  if (answer === undefined) return { ...record, ...effect, end: "dropped", why };
  if (answer.isError) return { ...record, ...effect, end: "dropped", why: plain(answer.text) };
  const mistake = planned.mistake(answer.structured);
  const answeredId = planned.effect?.idIn(answer.structured);
  return {
    ...record,
    ...effect,
    ...(answeredId === undefined ? {} : { answeredId }),
    end: mistake === undefined ? "right" : "wrong",
    why: mistake === undefined ? "" : `${planned.tool}: ${mistake}`,
  };
}

/** Without ids and ports, so that like reasons are counted together. */
function plain(reason: string): string {
  return (
    reason
      .split("\n")[0]
      ?.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID")
      .replaceAll(/\d{4,}/g, "N")
      .slice(0, 160) ?? ""
  );
}
