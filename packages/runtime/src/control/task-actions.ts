import type { ControlResponse, MissionView } from "@federation/core";
import { MeshError } from "@federation/core";
import type { ControlDeps } from "./call.ts";
import { done, fromRows, handle } from "./handler.ts";
import type { MissionAction, MissionActions } from "./mission-actions.ts";

/** Tasks: opened, assigned, claimed, taken over, submitted, reviewed. Each is an action, judged and recorded. */
export function taskHandlers(deps: ControlDeps, actions: MissionActions) {
  const act = async (action: MissionAction) => {
    await actions.act(action);
    return done;
  };
  return {
    OpenTask: handle("OpenTask", async (request, caller): Promise<ControlResponse<"OpenTask">> => {
      const { id = deps.random.uuid(), kind, title, instructions, scope, needs, priority } = request;
      const [assignee, proposal] = [request.assignee ?? null, request.proposal ?? null];
      const view = await actions.assembly(proposal);
      // The gate knows proposals and actors of the federation; of one that is not there nothing can be judged.
      if (proposal !== null && view.proposals.length === 0)
        throw new MeshError("not_found", "There is no such proposal.");
      const task = deps.random.uuid();
      const opened = await actions.act({
        caller,
        command: "OpenTask",
        view,
        head: { kind: "open_task", taskKind: kind, proposal, assignee, patterns: scope.length },
        words: { title, text: instructions },
        operations: [
          {
            op: "open_task",
            id,
            task,
            taskKind: kind,
            title,
            instructions,
            assignee,
            scope,
            needs,
            priority,
            dueInMs: request.dueInMs ?? null,
            proposal,
          },
        ],
      });
      return { task: opened.task ?? task, errand: opened.id ?? id };
    }),
    ListTasks: fromRows(deps, "ListTasks"),
    ShowTask: fromRows(deps, "ShowTask"),
    AssignTask: handle("AssignTask", async ({ task, assignee, instructions }, caller) => {
      const view = await actions.missionOfTask(task, caller);
      const head = { kind: "assign", task, assignee } as const;
      return await act({ caller, command: "AssignTask", view, head, words: { text: instructions } });
    }),
    ClaimTask: handle("ClaimTask", async ({ task }, caller) => {
      const view = await actions.missionOfTask(task, caller);
      const head = { kind: "claim", task } as const;
      const { claimed, holder, fence } = await actions.act({ caller, command: "ClaimTask", view, head, words: {} });
      return { claimed: claimed ?? false, holder: holder ?? "", fence: fence ?? 0 };
    }),
    TakeOverTask: handle("TakeOverTask", async ({ task, reason }, caller) => {
      const view = await actions.missionOfTask(task, caller);
      const head = { kind: "take_over", task } as const;
      const { fence } = await actions.act({ caller, command: "TakeOverTask", view, head, words: { text: reason } });
      return { fence: fence ?? 0 };
    }),
    GiveBackTask: handle("GiveBackTask", async ({ task, fence, reason }, caller) => {
      const view = underFence(await actions.missionOfTask(task, caller), task, fence);
      const head = { kind: "give_back", task } as const;
      return await act({ caller, command: "GiveBackTask", view, head, words: { text: reason } });
    }),
    SubmitTask: handle("SubmitTask", async ({ task, fence, summary, evidence, files }, caller) => {
      const view = underFence(await actions.missionOfTask(task, caller), task, fence);
      const head = { kind: "submit", task, evidence } as const;
      const id = deps.random.uuid();
      const words = { text: summary, files };
      const made = await actions.act({ caller, command: "SubmitTask", view, head, words, ids: { id } });
      return { submission: made.id ?? id };
    }),
    ReviewTask: handle("ReviewTask", async ({ task, accept, reason }, caller) => {
      const view = await actions.missionOfTask(task, caller);
      const head = { kind: accept ? "accept" : "reject", task } as const;
      return await act({ caller, command: "ReviewTask", view, head, words: { text: reason } });
    }),
    HandBackTask: handle("HandBackTask", async ({ task, fence, reason }, caller) => {
      const view = underFence(await actions.missionOfTask(task, caller), task, fence);
      const head = { kind: "hand_back", task } as const;
      return await act({ caller, command: "HandBackTask", view, head, words: { text: reason } });
    }),
  };
}

/** The view with the fence that the caller believes in: whether it is the right one, the database says. */
function underFence(view: MissionView, task: string, fence: number): MissionView {
  return { ...view, tasks: view.tasks.map((t) => (t.id === task ? { ...t, fence } : t)) };
}
