/** Points under way from who sent something, through the broker in the middle, to whom it is for. Pure. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Flight {
  readonly from: Spot;
  readonly to: Spot;
  readonly startMs: number;
}

export const flightMs = 1_100;

/** Where it is and how much of it can be seen; undefined once it has arrived. */
export function spotAt(
  { from, to, startMs }: Flight,
  nowMs: number,
): (Spot & { readonly opacity: number }) | undefined {
  const share = (nowMs - startMs) / flightMs;
  if (share >= 1) return undefined;
  // It sets out and arrives slowly.
  const way = share <= 0 ? 0 : share * share * (3 - 2 * share);
  if (way < 0.2) return { ...between(from, half(from), way / 0.2), opacity: way / 0.2 };
  if (way < 0.5) return { ...between(half(from), middle, (way - 0.2) / 0.3), opacity: 1 };
  return { ...between(middle, to, (way - 0.5) / 0.5), opacity: 1 - (way - 0.5) / 0.5 };
}

const middle: Spot = { x: 0, y: 0 };
const half = ({ x, y }: Spot): Spot => ({ x: x / 2, y: y / 2 });
const between = (a: Spot, b: Spot, share: number): Spot => ({
  x: a.x + (b.x - a.x) * share,
  y: a.y + (b.y - a.y) * share,
});
