/** Upper bounds of the buckets, in milliseconds; the last bucket takes the rest. */
export const durationBoundsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000] as const;

/** A histogram of durations, for receipts and the like. */
export interface Durations {
  add(ms: number): void;
  snapshot(): DurationsSnapshot;
}

export interface DurationsSnapshot {
  /** How many were at most this long, cumulatively; one entry per bound. */
  readonly atMost: readonly { readonly boundMs: number; readonly count: number }[];
  readonly count: number;
  readonly sumMs: number;
}

export function createDurations(): Durations {
  const buckets = durationBoundsMs.map(() => 0);
  let count = 0;
  let sumMs = 0;
  return {
    add(ms) {
      count++;
      sumMs += ms;
      const at = durationBoundsMs.findIndex((bound) => ms <= bound);
      if (at >= 0) buckets[at] = (buckets[at] ?? 0) + 1;
    },
    snapshot() {
      let sum = 0;
      const atMost = durationBoundsMs.map((boundMs, i) => {
        sum += buckets[i] ?? 0;
        return { boundMs, count: sum };
      });
      return { atMost, count, sumMs };
    },
  };
}
