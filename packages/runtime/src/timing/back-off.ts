import type { Random } from "../ports/random.ts";

/**
 * The pause before attempt `failures + 1`: doubles from `firstMs` to `capMs`, and is then shortened by up to a half at
 * random, so that nodes that failed together do not come back together. 0 without a failure.
 */
export function backOffMs(failures: number, firstMs: number, capMs: number, random: Random): number {
  if (failures <= 0) return 0;
  const full = Math.min(capMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return full * (1 - random.fraction() / 2);
}

/** `ms` give or take a tenth: for what all nodes do at the same pace. */
export function jittered(ms: number, random: Random): number {
  return ms * (0.9 + random.fraction() * 0.2);
}
