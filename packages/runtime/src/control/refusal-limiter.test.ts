import { expect, test } from "vitest";
import { createVirtualClock } from "../timing/clock-fixture.ts";
import { createRefusalLimiter } from "./refusal-limiter.ts";

test("ten refusals of an actor are recorded at once, then ten a second, and others are not concerned", async () => {
  const clock = createVirtualClock();
  const limiter = createRefusalLimiter(clock);
  const admitted = (actor: string, tries: number): number =>
    Array.from({ length: tries }, () => limiter.admits(actor)).filter(Boolean).length;
  expect(admitted("eve", 100)).toBe(10);
  expect(admitted("dev", 1)).toBe(1);
  await clock.advance(500);
  expect(admitted("eve", 100)).toBe(5);
  await clock.advance(60_000);
  expect(admitted("eve", 100)).toBe(10);
});

test("it remembers a thousand actors and no more", () => {
  const limiter = createRefusalLimiter(createVirtualClock());
  for (let i = 0; i < 10; i++) limiter.admits("first");
  expect(limiter.admits("first")).toBe(false);
  for (let i = 0; i < 1_000; i++) limiter.admits(`a${i}`);
  expect(limiter.admits("first")).toBe(true);
});
