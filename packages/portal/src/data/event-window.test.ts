import type { MeshEvent } from "@federation/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fits, noFilter } from "./event-filter.ts";
import { createEventWindow, type EventPage } from "./event-window.ts";

const event = (n: number, more: Partial<MeshEvent> = {}): MeshEvent => ({
  cursor: `c${n}`,
  at: "2026-01-01T00:00:00.000Z",
  kind: "TaskClaimed",
  actor: "baby",
  conversation: null,
  subject: null,
  data: { n },
  ...more,
});

/** A log on a node, read backwards in pages. */
function nodeWith(events: MeshEvent[], pageSize: number) {
  return async (before: string | undefined): Promise<EventPage> => {
    const end = before === undefined ? events.length : events.findIndex((it) => it.cursor === before);
    const from = Math.max(0, end - pageSize);
    return { events: events.slice(from, end), cursor: from === 0 ? null : (events[from]?.cursor ?? null) };
  };
}

const numbers = (events: readonly MeshEvent[]) => events.map((it) => it.data["n"]);

describe("a window of the log", () => {
  it("has every event once and in order, whatever comes first: older pages or newer events", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 20 }),
        fc.array(fc.constantFrom("older", "newer"), { maxLength: 30 }),
        async (pageSize, before, steps) => {
          const log = Array.from({ length: before }, (_, n) => event(n));
          const window = createEventWindow({ filter: noFilter, loadBefore: nodeWith(log, pageSize) });
          await window.loadOlder();
          for (const step of steps) {
            if (step === "older") await window.loadOlder();
            else {
              const next = event(log.length);
              log.push(next);
              window.append([next]);
            }
          }
          while (window.older.value !== "none") await window.loadOlder();
          expect(numbers(window.events)).toEqual(numbers(log));
          expect(window.prepended.value).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  it("asks for a page once, and whoever asks meanwhile has it too when it is there, or hears that it could not be had", async () => {
    const page = Promise.withResolvers<EventPage>();
    let asked = 0;
    const window = createEventWindow({
      filter: noFilter,
      loadBefore: () => {
        asked += 1;
        return asked === 1 ? Promise.reject(new Error("away")) : page.promise;
      },
    });
    const failing = await Promise.allSettled([window.loadOlder(), window.loadOlder()]);
    expect(failing.map((it) => it.status)).toEqual(["rejected", "rejected"]);
    const both = [window.loadOlder(), window.loadOlder()].map(async (it) => {
      await it;
      return window.events.length;
    });
    page.resolve({ events: [event(0)], cursor: null });
    expect(await Promise.all(both)).toEqual([1, 1]);
    expect(asked).toBe(2);
  });

  it("drops the oldest beyond its bound, and can load them again", async () => {
    const log = Array.from({ length: 3_000 }, (_, n) => event(n));
    const window = createEventWindow({ filter: noFilter, loadBefore: nodeWith(log, 500), maxEvents: 1_000 });
    window.append(log);
    expect(window.events.length).toBe(1_000);
    expect(window.older.value).toBe("there");
    await window.loadOlder();
    expect(numbers(window.events).slice(0, 2)).toEqual([1_500, 1_501]);
  });

  it("says when older ones could not be had, and asks again", async () => {
    let broken = true;
    const window = createEventWindow({
      filter: noFilter,
      loadBefore: async () => {
        if (broken) throw new Error("away");
        return { events: [event(0)], cursor: null };
      },
    });
    await expect(window.loadOlder()).rejects.toThrow("away");
    expect(window.older.value).toMatchObject({ message: "away" });
    broken = false;
    await window.loadOlder();
    expect(numbers(window.events)).toEqual([0]);
  });
});

describe("a filter", () => {
  const it_ = event(1, {
    actor: "aorus-3090",
    kind: "MessageSent",
    subject: "s",
    conversation: "m",
    data: { text: "Żółw 100%" },
  });
  it.each([
    [{ actor: "aorus-3090" }, true],
    [{ actor: "baby" }, false],
    [{ kinds: ["MessageSent", "TaskClaimed"] }, true],
    [{ kinds: ["TaskClaimed"] }, false],
    [{ conversation: "m", subject: "s" }, true],
    [{ conversation: "m", subject: "t" }, false],
    [{ text: "żółw" }, true],
    [{ text: "100%" }, true],
    [{ text: "messagesent" }, true],
    [{ text: "%" }, true],
    [{ text: "_" }, false],
  ])("%j lets it through: %s", (filter, expected) => {
    expect(fits(filter, it_)).toBe(expected);
  });
});
