import type { Clock } from "../ports/clock.ts";

/**
 * How many refusals of one actor are written down: whoever hammers at the gate is refused each time, but does not fill
 * the record.
 */
export interface RefusalLimiter {
  /** True when this refusal may be recorded. */
  admits(actor: string): boolean;
}

const PER_SECOND = 10;
const MAX_ACTORS = 1_000;

/** A bucket per actor: ten at once, ten more each second. */
export function createRefusalLimiter(clock: Clock): RefusalLimiter {
  const buckets = new Map<string, { left: number; atMs: number }>();
  return {
    admits(actor) {
      const nowMs = clock.nowMs();
      const bucket = buckets.get(actor) ?? { left: PER_SECOND, atMs: nowMs };
      bucket.left = Math.min(PER_SECOND, bucket.left + ((nowMs - bucket.atMs) / 1_000) * PER_SECOND);
      bucket.atMs = nowMs;
      // Put last: the actor heard of longest ago is the first to be forgotten.
      buckets.delete(actor);
      buckets.set(actor, bucket);
      const [oldest] = buckets.keys();
      if (buckets.size > MAX_ACTORS && oldest !== undefined) buckets.delete(oldest);
      if (bucket.left < 1) return false;
      bucket.left--;
      return true;
    },
  };
}
