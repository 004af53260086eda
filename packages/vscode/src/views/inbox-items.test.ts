import { describe, expect, test } from "vitest";
import { otherId, someId, waitingItem } from "../testing/waiting-item.ts";
import { inboxItems, openItems, waitingCount, waitingKey, waitingRoute } from "./inbox-items.ts";
import { colours } from "./item.ts";

const nowMs = Date.parse("2026-11-28T12:00:00.000Z");
const none: ReadonlySet<string> = new Set();

describe("a line of the inbox", () => {
  test("says what is asked, and by whom", () => {
    const [line] = inboxItems([waitingItem()], none, nowMs);
    expect(line).toMatchObject({ label: "Bounded retries", description: "vote · from taichi-5090", context: "ballot" });
  });

  test("that was answered here says so, and offers no second answer, until the rows have it", () => {
    const item = waitingItem();
    const [line] = inboxItems([item], new Set([waitingKey(item)]), nowMs);
    expect(line).toMatchObject({ description: "answered, not confirmed yet", context: "answered" });
  });

  test("is red when its deadline is over, and quiet when nothing waits for it", () => {
    const late = waitingItem({ deadline: "2026-11-28T11:59:59.000Z" });
    const free = waitingItem({ kind: "veto", optional: true });
    expect(inboxItems([late, free, waitingItem()], none, nowMs).map((it) => it.colour)).toEqual([
      colours.bad,
      colours.quiet,
      colours.warn,
    ]);
  });

  test("shows what would hide or turn its text", () => {
    const [line] = inboxItems([waitingItem({ text: "pay \u202Eevil" })], none, nowMs);
    expect(line?.label).toBe("pay [U+202E]evil");
  });

  test.each([
    ["a ballot", waitingItem(), `#/proposals/${someId}`],
    ["a task", waitingItem({ kind: "task" }), `#/tasks/${someId}`],
    ["a review", waitingItem({ kind: "duty", duty: "review", subject: otherId }), `#/tasks/${otherId}`],
    ["an approval", waitingItem({ kind: "approval" }), `#/inbox?item=${someId}`],
    [
      "a duty in a mission",
      waitingItem({ kind: "duty", duty: "advance", conversation: otherId }),
      `#/missions/${otherId}`,
    ],
  ])("leads to where it is read whole: %s", (_, item, route) => {
    expect(waitingRoute(item)).toBe(route);
  });
});

test("a task that comes back with another fence is another item; a ballot is one whatever changes", () => {
  const task = waitingItem({ kind: "task", fence: 1 });
  expect(waitingKey({ ...task, fence: 2 })).not.toBe(waitingKey(task));
  expect(waitingKey(waitingItem({ since: "2026-01-01T00:00:00.000Z" }))).toBe(waitingKey(waitingItem()));
});

test("what may only be done is not counted", () => {
  expect(waitingCount([waitingItem(), waitingItem({ optional: true })])).toBe(1);
  expect(waitingCount(undefined)).toBe(0);
});

test("an answer may be given to what is in the rows and was not answered here, and to nothing else", () => {
  const [waits, answered] = [waitingItem(), waitingItem({ id: otherId })];
  expect(openItems([waits, answered], new Set([waitingKey(answered)]))).toEqual([waits]);
  expect(openItems(undefined, none)).toEqual([]);
});
