import { describe, expect, it } from "vitest";
import { layOut } from "./layout.ts";

const actors = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ actor: `node-${n}`, kind: n % 5 === 4 ? "external" : "agent" }));

describe("the picture of the mesh", () => {
  it("has everybody at the same place each time", () => {
    expect(layOut(actors(9))).toEqual(layOut(actors(9)));
  });

  it.each([0, 1, 2, 4, 12, 24, 50, 200])(
    "lays none of %i actors upon another, nor upon the broker, and all inside",
    (count) => {
      const { places, mark, width, height } = layOut(actors(count));
      expect(places).toHaveLength(count);
      for (const [index, a] of places.entries()) {
        expect(Math.hypot(a.x, a.y)).toBeGreaterThan(2.5 * mark);
        expect(Math.abs(a.x)).toBeLessThanOrEqual(width / 2);
        expect(Math.abs(a.y)).toBeLessThanOrEqual(height / 2);
        for (const b of places.slice(index + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(2 * mark);
      }
    },
  );

  it("has names of many stand away from the middle, where they cover no mark and no other name", () => {
    const { places, mark, letters } = layOut(actors(50));
    const boxes = places.map(({ x, y, name }) => {
      const [wide, high] = [letters * 5, 9];
      const from = { left: x - mark - 5 - wide, right: x + mark + 5, above: x - wide / 2, below: x - wide / 2 }[name];
      const top = { left: y - 6, right: y - 6, above: y - mark - 5 - high, below: y + mark + 2 }[name];
      return { from, to: from + wide, top, bottom: top + high };
    });
    const marks = places.map(({ x, y }) => ({ from: x - mark, to: x + mark, top: y - mark, bottom: y + mark }));
    for (const [index, name] of boxes.entries())
      for (const [other, it] of [...boxes, ...marks].entries())
        if (other !== index)
          expect(name.to <= it.from || it.to <= name.from || name.bottom <= it.top || it.bottom <= name.top).toBe(true);
  });
});
