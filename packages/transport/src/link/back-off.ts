/**
 * Milliseconds to wait before attempt number `failures + 1`: doubling from `baseMs` up to `maxMs`, and of that a random
 * part between a half and the whole, so that nodes that lost one broker together do not come back together.
 */
export function backOffMs(
  failures: number,
  bounds: { readonly baseMs: number; readonly maxMs: number },
  fraction: () => number,
): number {
  const ceiling = Math.min(bounds.maxMs, bounds.baseMs * 2 ** Math.min(failures, 30));
  return ceiling * (0.5 + fraction() / 2);
}
