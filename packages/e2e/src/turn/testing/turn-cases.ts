import type { MissionView, Operation } from "@federation/core";
import { duty, idOf, proposal, viewOf } from "@federation/core/testing";

export const conversation = idOf(1);

export const running = (): AbortSignal => new AbortController().signal;

/** Ballots are open, and ana owes hers. */
export const voting = (over: Partial<MissionView> = {}): MissionView =>
  viewOf({
    phase: "vote",
    phaseNo: 3,
    proposals: [proposal(10, { state: "voting" })],
    obligations: [duty("ana", "vote", idOf(10))],
    ...over,
  });

/** The one operation of its kind. */
export function only<K extends Operation["op"]>(operations: readonly Operation[] | undefined, op: K) {
  const [first, ...more] = (operations ?? []).filter((o): o is Extract<Operation, { op: K }> => o.op === op);
  if (first === undefined || more.length > 0) throw new Error(`expected one ${op}, got ${JSON.stringify(operations)}`);
  return first;
}
