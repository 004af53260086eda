import { describe, expect, test } from "vitest";
import { otherId, waitingItem } from "../testing/waiting-item.ts";
import { decideNotices, type Noticed } from "./notices.ts";

const connected: Noticed = { told: [], first: false };
const justConnected: Noticed = { told: [], first: true };
const ids = (count: number) => Array.from({ length: count }, (_, at) => `0199a5c4-0000-7000-8000-00000000010${at}`);

describe("a person is told", () => {
  test("of an item once, as long as it waits", () => {
    const item = waitingItem();
    const { noticed, notices } = decideNotices(connected, [item]);
    expect(notices).toEqual([{ kind: "one", item }]);
    expect(decideNotices(noticed, [item]).notices).toEqual([]);
  });

  test("not again after the connection was lost", () => {
    const { noticed } = decideNotices(connected, [waitingItem()]);
    expect(decideNotices({ ...noticed, first: true }, [waitingItem()]).notices).toEqual([]);
  });

  test("of one that was gone and came back", () => {
    const { noticed } = decideNotices(connected, [waitingItem()]);
    const gone = decideNotices(noticed, []).noticed;
    expect(decideNotices(gone, [waitingItem()]).notices).toHaveLength(1);
  });

  test("of no item that may only be answered", () => {
    expect(decideNotices(connected, [waitingItem({ kind: "veto", optional: true })]).notices).toEqual([]);
  });

  test("of a task to claim, and of none that they took themselves", () => {
    const open = waitingItem({ kind: "task", fence: null });
    const held = waitingItem({ kind: "task", fence: 2, id: otherId });
    expect(decideNotices(connected, [open, held]).notices).toEqual([{ kind: "one", item: open }]);
  });

  test("of three one by one, and of four in one notice", () => {
    const items = ids(4).map((id) => waitingItem({ id }));
    expect(decideNotices(connected, items.slice(0, 3)).notices).toHaveLength(3);
    expect(decideNotices(connected, items).notices).toEqual([{ kind: "several", count: 4 }]);
  });

  test("in one notice of what waited already when the editor connected", () => {
    const items = ids(2).map((id) => waitingItem({ id }));
    expect(decideNotices(justConnected, items).notices).toEqual([{ kind: "several", count: 2 }]);
    expect(decideNotices(justConnected, items.slice(0, 1)).notices).toMatchObject([{ kind: "one" }]);
  });

  test("of no more than is kept: the list of what was told is bounded by what waits", () => {
    const { noticed } = decideNotices({ told: ["ballot long-gone"], first: false }, [waitingItem()]);
    expect(noticed.told).toHaveLength(1);
  });
});
