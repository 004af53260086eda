import { type Action, type SubmittedFile, wordsOf } from "../actions.ts";
import { endsDuty, findProposal, findTask, openObligations } from "../charter/facts.ts";
import { MeshError } from "../errors.ts";
import type { Operation } from "../operations.ts";
import type { MessageKind, MissionView, Proposal, Task } from "./view.ts";

/**
 * From an action the gate has allowed to the operations that carry it out. Agents' turns and control calls use the
 * same function, so an action means the same whoever takes it.
 *
 * 1. Words travel as explicit `send_message` operations with the text as it was given, nothing put around it. A
 *    ballot's reason stays on the ballot. A message that belongs to another act names its subject in `about`: only
 *    free talk has none, and only free talk is counted against the talk budget.
 * 2. A duty is closed only by an explicit `close_obligation`, for every open duty of the actor that the action ends.
 * 3. Fence, submission and text hash come from the view that was judged: if the rows have moved on, the database refuses.
 */
export interface ActionContext {
  /** A new UUID at each call. */
  readonly newId: () => string;
  /** Id of what the action makes (its message, proposal, submission or episode), where the caller made one. */
  readonly id?: string | undefined;
  /** The message this action answers. */
  readonly causation?: string | null | undefined;
  /** Where a remembered episode comes from, in a word; `turn` unless told. */
  readonly source?: string | undefined;
}

/** @throws MeshError `invalid_input` when words are missing or superfluous, `not_found` when the subject is not in the view. */
export function actionOperations(
  view: MissionView,
  actor: string,
  action: Action,
  context: ActionContext,
): readonly Operation[] {
  return [...effects(view, action, context), ...closings(view, actor, action)];
}

function effects(view: MissionView, action: Action, context: ActionContext): readonly Operation[] {
  const { head } = action;
  const words = checkedWords(action);
  const own = context.id ?? context.newId();
  const message = (
    id: string,
    kind: MessageKind,
    about: string | null = null,
    recipient: string | null = null,
  ): Operation => ({
    op: "send_message",
    id,
    conversation: view.id,
    recipient,
    kind,
    text: words.text,
    about,
    causation: context.causation ?? null,
  });
  switch (head.kind) {
    case "say":
    case "hold":
      return [message(own, "say")];
    case "ask":
      return [message(own, "ask", null, head.to)];
    case "propose":
      // A motion: its command knows its kind and what it changes.
      if (view.kind === "assembly") return [];
      return [
        { op: "propose", id: own, conversation: view.id, title: words.title, text: words.text },
        message(context.newId(), "propose", own),
      ];
    case "critique":
      return [message(own, "critique", head.proposal)];
    case "vote":
      return [
        {
          op: "cast_ballot",
          proposal: head.proposal,
          choice: head.choice,
          reason: words.text,
          textSha256: proposalOf(view, head.proposal).textSha256,
        },
      ];
    case "veto":
      return [{ op: "veto", proposal: head.proposal, reason: words.text }, message(own, "say", head.proposal)];
    case "adopt":
      return [{ op: "adopt", proposal: head.proposal, reason: words.text }, message(own, "say", head.proposal)];
    case "assign":
      return [
        { op: "assign_task", task: head.task, assignee: head.assignee, instructions: words.text },
        message(own, "say", head.task),
      ];
    case "claim":
      return [{ op: "claim_task", task: head.task }];
    case "submit":
      return [
        {
          op: "submit_task",
          id: own,
          task: head.task,
          fence: taskOf(view, head.task).fence,
          summary: words.text,
          evidence: head.evidence ?? [],
          files: words.files,
        },
        message(context.newId(), "say", head.task),
      ];
    case "accept":
    case "reject":
      return [
        {
          op: "review_task",
          task: head.task,
          submission: submissionOf(view, head.task),
          accept: head.kind === "accept",
          reason: words.text,
        },
        message(own, "say", head.task),
      ];
    case "hand_back":
      return [
        { op: "hand_back_task", task: head.task, fence: taskOf(view, head.task).fence, reason: words.text },
        message(own, "say", head.task),
      ];
    case "report":
      return [{ op: "report", conversation: view.id, text: words.text }, message(own, "report")];
    case "remember":
      return [{ op: "remember", id: own, conversation: view.id, text: words.text, source: context.source ?? "turn" }];
    case "withdraw":
      return [
        { op: "withdraw_proposal", proposal: head.proposal, reason: words.text },
        message(own, "say", head.proposal),
      ];
    case "take_over":
      return [{ op: "take_over_task", task: head.task, reason: words.text }, message(own, "say", head.task)];
    case "give_back":
      return [
        { op: "give_back_task", task: head.task, fence: taskOf(view, head.task).fence, reason: words.text },
        message(own, "say", head.task),
      ];
    // What these open is more than words: their commands make the operations.
    case "open_task":
    case "amend":
    case "ratify":
    case "advance":
    case "abstain":
    case "wait":
      return [];
  }
}

function closings(view: MissionView, actor: string, { head }: Action): readonly Operation[] {
  if (head.kind === "abstain") return [{ op: "close_obligation", obligation: head.obligation, as: "abstained" }];
  return openObligations(view, actor)
    .filter((o) => endsDuty(head, o))
    .map((o): Operation => ({ op: "close_obligation", obligation: o.id, as: "met" }));
}

interface GivenWords {
  readonly title: string;
  readonly text: string;
  readonly files: readonly SubmittedFile[];
}

/** The action's words, each present where its kind needs it; `""` or none where it does not. */
function checkedWords({ head, words }: Action): GivenWords {
  const wanted = wordsOf[head.kind];
  const superfluous = (["title", "text", "files"] as const).find((w) => words[w] !== undefined && wanted[w] !== true);
  if (superfluous !== undefined) throw new MeshError("invalid_input", `${head.kind} takes no ${superfluous}.`);
  // Files are always optional: a result may be prose alone.
  const missing = (["title", "text"] as const).find((w) => words[w] === undefined && wanted[w] === true);
  if (missing !== undefined) throw new MeshError("invalid_input", `${head.kind} needs a ${missing}.`);
  return { title: words.title ?? "", text: words.text ?? "", files: words.files ?? [] };
}

function proposalOf(view: MissionView, id: string): Proposal {
  const proposal = findProposal(view, id);
  if (proposal === undefined) throw new MeshError("not_found", "There is no such proposal in this mission.");
  return proposal;
}

function taskOf(view: MissionView, id: string): Task {
  const task = findTask(view, id);
  if (task === undefined) throw new MeshError("not_found", "There is no such task in this mission.");
  return task;
}

function submissionOf(view: MissionView, task: string): string {
  const submission = taskOf(view, task).submission;
  if (submission === null) throw new MeshError("not_found", "Nothing has been submitted for this task.");
  return submission.id;
}
