import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { draw, hashHex, turnSeed, uniformOf, wordSampling } from "./sampling.ts";

const parts = { missionSeed: 7, actor: "dev", phaseNo: 2, step: 3 };

describe("seeds", () => {
  test("the same turn has the same seed, and each part and purpose changes it", () => {
    const seeds = [
      turnSeed(parts, "choice"),
      turnSeed(parts, "words:0"),
      turnSeed({ ...parts, missionSeed: 8 }, "choice"),
      turnSeed({ ...parts, actor: "ana" }, "choice"),
      turnSeed({ ...parts, phaseNo: 3 }, "choice"),
      turnSeed({ ...parts, step: 4 }, "choice"),
    ];
    expect(turnSeed({ ...parts }, "choice")).toBe(seeds[0]);
    expect(new Set(seeds).size).toBe(seeds.length);
  });

  test("a seed is 32 bits, as the port wants it", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), fc.nat(), (actor, missionSeed, step) => {
        const seed = turnSeed({ missionSeed, actor, phaseNo: 1, step }, "choice");
        expect(Number.isInteger(seed) && seed >= 0 && seed <= 0xffff_ffff).toBe(true);
      }),
    );
  });

  test("a payload's name has 16 hexadecimal digits and differs where the payload does", () => {
    expect(hashHex("a")).toMatch(/^[0-9a-f]{16}$/);
    expect(hashHex("a")).not.toBe(hashHex("b"));
  });
});

describe("drawing", () => {
  test("a draw is determined by its seed", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), fc.nat(), (weights, seed) => {
        expect(draw(weights, seed)).toBe(draw(weights, seed));
      }),
    );
  });

  test("what has no positive weight is never drawn, and nothing is drawn from nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 0.2, 1, -1, Number.NaN, Number.POSITIVE_INFINITY)),
        fc.nat(),
        (w, seed) => {
          const index = draw(w, seed);
          const drawable = w.some((x) => Number.isFinite(x) && x > 0);
          expect(index === undefined).toBe(!drawable);
          if (index !== undefined) expect(Number.isFinite(w[index]) && (w[index] ?? 0) > 0).toBe(true);
        },
      ),
    );
  });

  test("over many seeds each option is drawn as often as its probability says", () => {
    const counts = [0, 0, 0];
    const draws = 20_000;
    for (let seed = 0; seed < draws; seed++) {
      const index = draw([0.1, 0.6, 0.3], turnSeed({ ...parts, step: seed }, "choice")) ?? -1;
      counts[index] = (counts[index] ?? 0) + 1;
    }
    for (const [index, share] of [0.1, 0.6, 0.3].entries())
      expect(Math.abs((counts[index] ?? 0) / draws - share)).toBeLessThan(0.02);
  });

  test("uniform numbers lie in [0, 1)", () => {
    fc.assert(fc.property(fc.nat(), (seed) => uniformOf(seed) >= 0 && uniformOf(seed) < 1));
  });
});

test("words are sampled warm enough not to copy, under the seed that was given", () => {
  expect(wordSampling(5)).toEqual({ temperature: 0.7, topP: 0.95, minP: 0.05, seed: 5 });
});
