import type { ControlDeps } from "./call.ts";
import { fromRows } from "./handler.ts";

/** What models did, and what it cost: all of it is read from the rows. */
export function turnHandlers(deps: ControlDeps) {
  return {
    ListTurns: fromRows(deps, "ListTurns"),
    ShowTurn: fromRows(deps, "ShowTurn"),
    ListDecisions: fromRows(deps, "ListDecisions"),
    ListCosts: fromRows(deps, "ListCosts"),
    GetUsage: fromRows(deps, "GetUsage"),
  };
}
