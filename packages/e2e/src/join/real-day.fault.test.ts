import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DayWay } from "./testing/day-host.ts";
import { type Day, liveHostDay, withPool } from "./testing/host-day.ts";
import { type JoinNode, startJoinNode } from "./testing/join-node.ts";

const ways: readonly { readonly way: DayWay; readonly protocol: string; readonly name: string }[] = [
  { way: "stdio stub, 2025-11-25", protocol: "2025-11-25", name: "copilot-1" },
  { way: "HTTP, 2026-07-28", protocol: "2026-07-28", name: "copilot-2" },
];

describe.each(ways)("a host's day by $way", ({ way, protocol, name }) => {
  let node: JoinNode;
  let day: Day;

  beforeAll(async () => {
    node = await startJoinNode({ parameters: withPool });
    day = await liveHostDay(node, way, name);
  }, 180_000);
  afterAll(() => node?.close());

  it("ends with work that was accepted, after two reloads and a restart of its node", () => {
    expect(day.protocol).toBe(protocol);
    expect(day.rows).toMatchObject({ state: "accepted", reloads: 2 });
  });

  it("has each effect once: one claim, one submission, each note that was answered and no other", () => {
    expect(day.rows).toMatchObject({ claims: 1, submissions: 1, notes: day.rows.notesWritten });
    expect(day.rows.notesWritten).toBeGreaterThan(10);
    expect(day.repeatsAgree).toBe(true);
  });

  it("keeps the host's connection open throughout", () => {
    expect(day.lost).toBe(0);
  });

  it("does not take a submission under another fence", () => {
    expect(day.wrongFence).toMatch(/^(stale_fence|refused|conflict|fenced|invalid_state)/);
  });
});
