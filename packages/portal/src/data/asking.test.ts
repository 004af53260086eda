import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAsking } from "./asking.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A question whose answers take a second, with a rest of three between questions. */
function asked(wanted?: () => boolean) {
  const ask = vi.fn(() => new Promise<void>((resolve) => setTimeout(resolve, 1_000)));
  return { ask, ...createAsking({ ask, restAfter: () => 3_000, ...(wanted === undefined ? {} : { wanted }) }) };
}

describe("a question", () => {
  it("asked for while its answer is under way is asked once more, after a rest", async () => {
    const { ask, refresh } = asked();
    refresh();
    await vi.advanceTimersByTimeAsync(500);
    refresh();
    refresh();
    await vi.advanceTimersByTimeAsync(2_400);
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("that nobody wants any more when its answer is there is not asked again", async () => {
    const { ask, refresh } = asked(() => false);
    refresh();
    await vi.advanceTimersByTimeAsync(500);
    refresh();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it("that was stopped is asked no more, also where it rested", async () => {
    const { ask, refresh, stop } = asked();
    refresh();
    stop();
    refresh();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).not.toHaveBeenCalled();
  });
});
