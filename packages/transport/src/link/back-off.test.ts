import fc from "fast-check";
import { expect, test } from "vitest";
import { backOffMs } from "./back-off.ts";

const bounds = { baseMs: 200, maxMs: 5_000 };

test("a wait is between half and the whole of a ceiling that doubles up to the maximum", () => {
  const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat({ max: 100_000 }), fraction, (failures, jitter) => {
      const ceiling = Math.min(5_000, 200 * 2 ** failures);
      const wait = backOffMs(failures, bounds, () => jitter);
      expect(wait).toBeGreaterThanOrEqual(ceiling / 2);
      expect(wait).toBeLessThanOrEqual(ceiling);
    }),
  );
});
