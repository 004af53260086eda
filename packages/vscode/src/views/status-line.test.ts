import { describe, expect, test } from "vitest";
import type { Reach } from "../session/session.ts";
import { waitingItem } from "../testing/waiting-item.ts";
import { reachText, statusLine } from "./status-line.ts";

const nowMs = Date.parse("2026-11-28T12:00:00.000Z");
const connected: Reach = { state: "connected", sinceMs: nowMs };

describe("the line in the status bar", () => {
  test("counts what waits, and not what may only be done", () => {
    const items = [waitingItem(), waitingItem({ kind: "veto", optional: true })];
    const line = statusLine(connected, [], items, nowMs);
    expect(line.text).toBe("$(organization) 0/0  $(inbox) 1");
    expect(line.leadsTo).toBe("inbox");
    expect(line.tooltip).toContain("One thing waits for you:");
    expect(line.tooltip).toContain("vote: Bounded retries");
  });

  test("has no count, and leads to the Observer, when nothing waits", () => {
    const line = statusLine(connected, [], [], nowMs);
    expect(line.text).toBe("$(organization) 0/0");
    expect(line.leadsTo).toBe("observer");
    expect(line.tooltip).toContain("Nothing waits for you.");
  });

  test("names five of many, and how many more there are", () => {
    const line = statusLine(
      connected,
      [],
      Array.from({ length: 7 }, () => waitingItem()),
      nowMs,
    );
    expect(line.tooltip.filter((it) => it.startsWith("vote:"))).toHaveLength(5);
    expect(line.tooltip).toContain("and 2 more");
  });

  test("says how long the node has been away, and why it is not reached", () => {
    const reach: Reach = { state: "away", sinceMs: nowMs - 65_000, lastError: "connection refused" };
    const line = statusLine(reach, undefined, undefined, nowMs);
    expect(line.accessible).toBe("Federation: away for 1 min");
    expect(line.tooltip).toContain("connection refused");
    expect(line.tone).toBe("warn");
  });

  test("is bad only when the node lets the editor in no more, and leads to another token", () => {
    const line = statusLine({ state: "over", reason: "The token was revoked." }, undefined, undefined, nowMs);
    expect(line).toMatchObject({ tone: "bad", leadsTo: "connect" });
    expect(statusLine(connected, [], [waitingItem()], nowMs).tone).toBe("plain");
  });
});

test("the lists say that the node is away, and for how long once it is more than a moment", () => {
  const away = (ms: number): Reach => ({ state: "away", sinceMs: nowMs - ms, lastError: undefined });
  expect(reachText(away(200), nowMs)).toBe("The node is away; it is tried again.");
  expect(reachText(away(65_000), nowMs)).toBe("The node is away for 1 min; it is tried again.");
  expect(reachText(connected, nowMs)).toBe("");
});
