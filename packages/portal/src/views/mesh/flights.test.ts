import { expect, test } from "vitest";
import { type Flight, flightMs, spotAt } from "./flights.ts";

const flight: Flight = { from: { x: 100, y: -40 }, to: { x: -60, y: 80 }, startMs: 5_000 };
const at = (share: number) => spotAt(flight, 5_000 + share * flightMs);

test("a flight begins unseen where it was sent, and has arrived when its time is over", () => {
  expect(at(0)).toEqual({ x: 100, y: -40, opacity: 0 });
  expect(at(0.999)?.opacity).toBeCloseTo(0, 2);
  expect(at(1)).toBeUndefined();
});

test("it passes through the broker halfway, where all of it is seen", () => {
  const { x = Number.NaN, y = Number.NaN, opacity } = at(0.5) ?? {};
  expect([x, y, opacity].map((it) => it?.toFixed(6))).toEqual(["0.000000", "0.000000", "1.000000"]);
});

test("it never leaves the ways to the broker and from it, and never goes back", () => {
  let before = Number.POSITIVE_INFINITY;
  for (let share = 0; share < 1; share += 0.01) {
    const { x, y } = at(share) ?? { x: Number.NaN, y: Number.NaN };
    const [end, sign] = share < 0.5 ? [flight.from, 1] : [flight.to, -1];
    expect(x * end.y - y * end.x).toBeCloseTo(0, 6);
    const left = sign * Math.hypot(x, y);
    expect(left).toBeLessThanOrEqual(before + 1e-9);
    before = left;
  }
});
