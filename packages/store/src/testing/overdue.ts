import { randomUUID } from "node:crypto";
import { decideMove, type MissionView, type Move, type Operation } from "@federation/core";
import type { Store } from "@federation/runtime/ports";
import type pg from "pg";

/**
 * What a test leaves behind: after the reconciler and the movers have run, nothing may wait beyond its deadline.
 */
export interface OverdueRow {
  readonly kind: string;
  readonly subject: string;
  readonly conversation: string | null;
  readonly owner: string;
  readonly late: string;
}

export type Query = <Row extends pg.QueryResultRow>(
  sql: string,
  values?: readonly unknown[],
) => Promise<readonly Row[]>;

/** More rounds than any chain of moves that follow each other without an actor in between. */
const MAX_ROUNDS = 20;

/**
 * Runs the reconciler, makes the moves that are due and empties the outbox, as the nodes do it, until nothing is overdue
 * or nothing moves any more; answers what is left. `mover` has opened its generation.
 */
export async function settleOverdue(mover: Store, query: Query): Promise<readonly OverdueRow[]> {
  const read = () => query<OverdueRow>("select kind, subject, conversation, owner, late::text from federation.overdue");
  for (;;) {
    const rows = await mover.leaseOutbox(256);
    if (rows.length === 0) break;
    await mover.completeOutbox(rows.map((row) => row.id));
  }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const touched = await mover.reconcile();
    const { movable } = await mover.work();
    let moved = false;
    for (const conversation of new Set([...touched, ...movable])) moved = (await moveOn(mover, conversation)) || moved;
    const left = await read();
    if (left.length === 0 || (!moved && round > 0)) return left;
  }
  return await read();
}

async function moveOn(mover: Store, conversation: string): Promise<boolean> {
  const view = await mover.missionView(conversation);
  const move = view === undefined ? null : decideMove(view);
  if (view === undefined || move === null) return false;
  // A test may have left rows that no move fits; then what is overdue says so.
  const made = await mover
    .apply({ callId: randomUUID(), command: "MoveMission", operations: [moveOperation(view, move)] })
    .catch(() => undefined);
  return made?.results[0]?.moved === true;
}

export function moveOperation(view: MissionView, move: Move): Operation {
  switch (move.kind) {
    case "enter": {
      const { phase, round, reason, outcome, duties } = move;
      return {
        op: "enter_phase",
        conversation: view.id,
        fromPhaseNo: view.phaseNo,
        phase,
        round,
        reason,
        outcome,
        duties,
      };
    }
    case "open_duties":
      return { op: "open_duties", conversation: view.id, phaseNo: view.phaseNo, duties: move.duties };
    case "tally":
      return { op: "tally", conversation: view.id, phaseNo: view.phaseNo };
  }
}
