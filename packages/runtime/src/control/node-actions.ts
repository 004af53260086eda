import { applyCall, type ControlDeps } from "./call.ts";
import { done, fromRows, handle } from "./handler.ts";

/** What is done with nodes; that only the commander may, the database holds too. */
export function nodeHandlers(deps: ControlDeps) {
  return {
    GetOverdue: fromRows(deps, "GetOverdue"),
    PauseNode: handle("PauseNode", async ({ node, reason }, caller) => {
      await applyCall(deps, caller, "PauseNode", [{ op: "pause_node", node, reason }]);
      return done;
    }),
    ResumeNode: handle("ResumeNode", async ({ node }, caller) => {
      await applyCall(deps, caller, "ResumeNode", [{ op: "resume_node", node }]);
      return done;
    }),
  };
}
