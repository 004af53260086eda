import { decideMove, MeshError, type MissionView, type Move, type Operation } from "@federation/core";
import type { Counters } from "../metrics/counters.ts";
import type { Log, Store } from "../ports/index.ts";

/**
 * Makes the system's own moves in a mission: what `decideMove` says, until it says nothing.
 *
 * 1. Every node may try; the database lets one of them through, and the others take that for done.
 * 2. The same move has the same call id, so that one whose answer was lost is not made twice.
 * 3. It adds nothing to what `decideMove` says.
 */
export interface MoverOptions {
  readonly store: Pick<Store, "missionView" | "apply">;
  /** This node's actor: only members move a mission. */
  readonly actor: string;
  readonly log: Log;
  readonly counters: Counters;
}

export interface Mover {
  /**
   * Makes the moves that are due now. A call while one is under way for the same mission makes that one look once more.
   * @throws MeshError when the database is away.
   */
  move(conversation: string): Promise<void>;
}

/** More moves in a row than any mission makes without an actor in between. */
const MAX_MOVES = 16;

export function createMover({ store, actor, log, counters }: MoverOptions): Mover {
  const moving = new Map<string, { again: boolean; readonly promise: Promise<void> }>();

  async function moveOn(conversation: string): Promise<void> {
    for (let moves = 0; moves < MAX_MOVES; moves++) {
      const view = await store.missionView(conversation);
      if (view === undefined || !view.members.some((m) => m.actor === actor)) return;
      const move = decideMove(view);
      if (move === null) return;
      const made = await make(view, move);
      if (made !== "go on") return;
    }
    log.error({ conversation }, "a mission moves in circles");
  }

  async function make(view: MissionView, move: Move): Promise<"go on" | "leave it"> {
    try {
      const outcome = await store.apply({
        callId: moveCallId(view, move),
        command: "MoveMission",
        operations: [moveOperation(view, move)],
      });
      // A replayed move was made before this look at the rows: if they still ask for it, asking again will not help.
      if (outcome.replayed) return "leave it";
      if (outcome.results[0]?.moved === false) counters.moves_lost++;
      else counters.moves_made++;
      return "go on";
    } catch (thrown) {
      const error = MeshError.from(thrown);
      if (error.code !== "conflict" && error.code !== "refused") throw error;
      // The rows have changed since they were read; the next look decides anew.
      log.debug({ conversation: view.id, move: move.kind, error: error.message }, "a move was not made");
      return "leave it";
    }
  }

  async function keepMoving(conversation: string, entry: { again: boolean }): Promise<void> {
    do {
      entry.again = false;
      await moveOn(conversation);
    } while (entry.again);
  }

  return {
    move(conversation) {
      const current = moving.get(conversation);
      if (current !== undefined) {
        current.again = true;
        return current.promise;
      }
      const entry = { again: false };
      const promise = keepMoving(conversation, entry).finally(() => moving.delete(conversation));
      moving.set(conversation, Object.assign(entry, { promise }));
      return promise;
    },
  };
}

export function moveOperation(view: MissionView, move: Move): Operation {
  switch (move.kind) {
    case "enter":
      return {
        op: "enter_phase",
        conversation: view.id,
        fromPhaseNo: view.phaseNo,
        phase: move.phase,
        round: move.round,
        reason: move.reason,
        outcome: move.outcome,
        duties: move.duties,
      };
    case "open_duties":
      return { op: "open_duties", conversation: view.id, phaseNo: view.phaseNo, duties: move.duties };
    case "tally":
      return { op: "tally", conversation: view.id, phaseNo: view.phaseNo };
  }
}

/** Equal for the same move from the same state. Duties are part of it: a phase may open several, one after the other. */
export function moveCallId(view: MissionView, move: Move): string {
  const from = `move:${view.id}:${view.phaseNo}:${move.kind}`;
  switch (move.kind) {
    case "enter":
      return `${from}:${move.phase}:${move.round}`;
    case "open_duties": {
      const [first] = move.duties;
      return `${from}:${move.duties.length}:${first?.duty}:${first?.actor}`;
    }
    case "tally":
      return from;
  }
}
