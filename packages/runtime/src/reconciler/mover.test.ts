import { MeshError, type MissionView, type Operation, type OperationResult } from "@federation/core";
import { idOf, memberForTest, viewForTest } from "@federation/core/testing";
import { expect, test } from "vitest";
import { createCounters } from "../metrics/counters.ts";
import type { ApplyOutcome } from "../ports/index.ts";
import { silentLog } from "../timing/log-fixture.ts";
import { createMover } from "./mover.ts";

const id = idOf(1);

/** A mission in its first phase, in which nobody has proposed anything and all duties are closed. */
function view(over: Partial<MissionView> = {}): MissionView {
  const members = [memberForTest("dev"), memberForTest("lea", { role: "lead" })];
  return viewForTest({ id, phaseDeadline: null, members, ...over });
}
const second = view({ phaseNo: 2, round: 2 });
const closed = view({ phase: "closed", phaseNo: 3, round: 2, outcome: "no_proposal" });

function rig(
  views: readonly (MissionView | undefined)[],
  answer: (operation: Operation | undefined) => {
    readonly replayed?: boolean;
    readonly result?: OperationResult;
  } = () => ({}),
  actor = "dev",
) {
  const left = [...views];
  const last = views.at(-1);
  const calls: { readonly callId: string; readonly operation: Operation | undefined }[] = [];
  const counters = createCounters();
  let looks = 0;
  const mover = createMover({
    store: {
      missionView: async () => {
        looks++;
        return left.shift() ?? last;
      },
      apply: async ({ callId, operations }): Promise<ApplyOutcome> => {
        calls.push({ callId, operation: operations[0] });
        const { replayed = false, result = { moved: true } } = answer(operations[0]);
        return { replayed, results: [result] };
      },
    },
    actor,
    log: silentLog,
    counters,
  });
  return { mover, calls, counters, looks: () => looks };
}

test("a mission is moved until nothing is to be moved", async () => {
  const r = rig([view(), second, closed]);
  await r.mover.move(id);
  expect(r.calls.map((c) => c.operation)).toMatchObject([
    { op: "enter_phase", fromPhaseNo: 1, phase: "propose", round: 2, outcome: null },
    { op: "enter_phase", fromPhaseNo: 2, phase: "closed", outcome: "no_proposal" },
  ]);
  expect(r.counters.moves_made).toBe(2);
});

test("the same move from the same state has the same call id, another has another", async () => {
  const [a, b, c] = [rig([view(), closed]), rig([view(), closed]), rig([second, closed])];
  for (const r of [a, b, c]) await r.mover.move(id);
  expect(a.calls[0]?.callId).toBe(b.calls[0]?.callId);
  expect(a.calls[0]?.callId).not.toBe(c.calls[0]?.callId);
  expect(a.calls[0]?.callId.length).toBeLessThanOrEqual(200);
});

test("a move that another node made first is no failure", async () => {
  const r = rig([view(), closed], () => ({ result: { moved: false } }));
  await r.mover.move(id);
  expect(r.counters).toMatchObject({ moves_made: 0, moves_lost: 1 });
});

test("a replayed move is not asked for again and again", async () => {
  const r = rig([view()], () => ({ replayed: true }));
  await r.mover.move(id);
  expect(r.calls).toHaveLength(1);
});

test("a move that the rows no longer allow is left to the next look; a database that is away is the caller's to know", async () => {
  const conflict = rig([view()], () => {
    throw new MeshError("conflict", "Duties are still open.");
  });
  await conflict.mover.move(id);
  expect(conflict.calls).toHaveLength(1);
  const away = rig([view()], () => {
    throw new MeshError("unavailable", "Away.");
  });
  await expect(away.mover.move(id)).rejects.toThrow("Away.");
});

test("who is no member leaves a mission alone, and what is no mission is nothing to move", async () => {
  const stranger = rig([view()], undefined, "eve");
  await stranger.mover.move(id);
  const thread = rig([undefined]);
  await thread.mover.move(id);
  expect([...stranger.calls, ...thread.calls]).toEqual([]);
});

test("calls that come while a mission is being moved become one more look", async () => {
  const r = rig([closed]);
  await Promise.all(Array.from({ length: 50 }, () => r.mover.move(id)));
  expect(r.looks()).toBe(2);
});

test("a mission that moved in circles would be left after sixteen moves", async () => {
  const r = rig([view()]);
  await r.mover.move(id);
  expect(r.calls).toHaveLength(16);
});
