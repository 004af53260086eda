import { type ControlRequest, type ControlResponse, MeshError, type Operation } from "@federation/core";
import type { ControlCaller } from "../ports/index.ts";
import { applyCall, type ControlDeps, resultOf } from "./call.ts";
import { done, fromRows, handle } from "./handler.ts";
import { titleOf } from "./messages.ts";
import type { MissionActions } from "./mission-actions.ts";

/**
 * Questions to a person, answered once.
 *
 * 1. In a mission a question is judged as any other question is, and counts as talk.
 * 2. Without a conversation it opens one under its own id, so that a repeat opens no second one.
 * 3. Who may be asked, who answers, once and in time: the database holds all of it.
 */
export function approvalHandlers(deps: ControlDeps, actions: MissionActions) {
  return {
    AskApproval: handle("AskApproval", (request, caller) => askApproval(deps, actions, request, caller)),
    AnswerApproval: handle("AnswerApproval", async ({ approval, approve, reason }, caller) => {
      // An edge whose client can show the question to its person has asked them before it came here.
      if (approve === undefined)
        throw new MeshError(
          "invalid_input",
          "Your host cannot ask you here: give the answer with the call, `approve` true or false.",
        );
      await applyCall(deps, caller, "AnswerApproval", [{ op: "answer_approval", approval, approve, reason }]);
      const { approvals } = await deps.store.query(
        "ListApprovals",
        { asked: "of_me", open: false, approval, limit: 1 },
        caller.actor,
      );
      const [answered] = approvals;
      if (answered === undefined) throw new MeshError("internal", "The approval that was answered cannot be read.");
      return { approval: answered };
    }),
    WithdrawApproval: handle("WithdrawApproval", async ({ approval }, caller) => {
      await applyCall(deps, caller, "WithdrawApproval", [{ op: "withdraw_approval", approval }]);
      return done;
    }),
    ListApprovals: fromRows(deps, "ListApprovals"),
    ListWaiting: fromRows(deps, "ListWaiting"),
  };
}

async function askApproval(
  deps: ControlDeps,
  actions: MissionActions,
  request: ControlRequest<"AskApproval">,
  caller: ControlCaller,
): Promise<ControlResponse<"AskApproval">> {
  const { id = deps.random.uuid(), whom, question, dueInMs } = request;
  const ask = (conversation: string): Operation => ({
    op: "ask_approval",
    id,
    conversation,
    whom,
    question,
    dueInMs,
  });
  if (request.conversation === undefined) {
    const operations: readonly Operation[] = [
      { op: "start_thread", id, title: titleOf(question), members: [whom] },
      ask(id),
    ];
    const outcome = await applyCall(deps, caller, "AskApproval", operations);
    // A replayed call without an id of its own used the one it made then, for both.
    const made = resultOf(outcome, operations, "ask_approval").id ?? id;
    return { approval: made, conversation: made };
  }
  const { conversation } = request;
  const operations = [ask(conversation)];
  const view = await actions.view(conversation);
  if (view === undefined) {
    const outcome = await applyCall(deps, caller, "AskApproval", operations);
    return { approval: resultOf(outcome, operations, "ask_approval").id ?? id, conversation };
  }
  const head = { kind: "ask", to: whom } as const;
  const words = { text: question };
  const made = await actions.act({ caller, command: "AskApproval", view, head, words, operations });
  return { approval: made.id ?? id, conversation };
}
