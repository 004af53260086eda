/** Numbers of what was measured, and how they are told. Pure. */

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1) };
}

/** Of the same number in several runs. */
export interface Runs {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

export function runsOf(values: readonly number[]): Runs {
  const sorted = [...values].sort((a, b) => a - b);
  const [least = Number.NaN] = sorted;
  return {
    least,
    median: sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
  };
}

export interface Frames {
  readonly count: number;
  /** That the screen would have shown besides. */
  readonly dropped: number;
  readonly longestMs: number;
}

const frameMs = 1_000 / 60;

export function framesOf(intervalsMs: readonly number[]): Frames {
  const dropped = intervalsMs.reduce((sum, ms) => sum + Math.max(0, Math.round(ms / frameMs) - 1), 0);
  return { count: intervalsMs.length, dropped, longestMs: longestOf(intervalsMs) };
}

export const longestOf = (values: readonly number[]): number => values.reduce((most, it) => Math.max(most, it), 0);

/** When each event was first seen. One that was never in view counts from when a later one was: it had been there by then. */
export function seenTimes(
  events: readonly { readonly cursor: string; readonly at: string }[],
  seen: ReadonlyMap<string, number>,
): { readonly ms: readonly number[]; readonly passedBy: number; readonly missing: number } {
  const ms: number[] = [];
  let passedBy = 0;
  let missing = 0;
  let laterMs = Number.POSITIVE_INFINITY;
  for (const { cursor, at } of events.toReversed()) {
    const ownMs = seen.get(cursor);
    const seenMs = ownMs ?? laterMs;
    laterMs = Math.min(laterMs, seenMs);
    if (seenMs === Number.POSITIVE_INFINITY) missing += 1;
    else {
      if (ownMs === undefined) passedBy += 1;
      ms.push(seenMs - Date.parse(at));
    }
  }
  return { ms: ms.toReversed(), passedBy, missing };
}

/** Whether what a list held, piece by piece, is the log without a gap, a repetition or a change of order. */
export function isWhole(log: readonly string[], runs: readonly (readonly string[])[]): boolean {
  const places = new Map(log.map((cursor, place) => [cursor, place]));
  const met = new Set<number>();
  for (const run of runs) {
    let before: number | undefined;
    for (const cursor of run) {
      const place = places.get(cursor);
      // Before the first of the log that is asked about.
      if (place === undefined && before === undefined) continue;
      if (place === undefined || (before !== undefined && place !== before + 1)) return false;
      before = place;
      met.add(place);
    }
  }
  return met.size === log.length;
}
