import type { ControlRequest, ControlResponse, Operation } from "@federation/core";
import type { ControlCaller } from "../ports/index.ts";
import { applyCall, type ControlDeps, resultOf } from "./call.ts";
import type { MissionActions } from "./mission-actions.ts";

/**
 * Sends a message: into a mission (there it is an action, and judged), into another conversation, or into a new one.
 *
 * 1. A message without a conversation opens one under the message's own id, so that a repeat opens no second one.
 * 2. A message to one actor is a question to them (`ask`): it stays in their inbox until they have dealt with it.
 */
export async function sendMessage(
  deps: ControlDeps,
  actions: MissionActions,
  request: ControlRequest<"SendMessage">,
  caller: ControlCaller,
): Promise<ControlResponse<"SendMessage">> {
  const id = request.id ?? deps.random.uuid();
  const recipient = request.to === "all" ? null : request.to;
  const conversation = request.conversation ?? id;
  const view = request.conversation === undefined ? undefined : await actions.view(request.conversation);
  if (view !== undefined) {
    const sent = await actions.act({
      caller,
      command: "SendMessage",
      view,
      head: recipient === null ? { kind: "say" } : { kind: "ask", to: recipient },
      words: { text: request.text },
      ids: { id, causation: request.causation },
    });
    return { id: sent.id ?? id, conversation, seq: sent.seq ?? 0, recipients: sent.recipients ?? 0 };
  }
  const opening: readonly Operation[] =
    request.conversation === undefined
      ? [
          {
            op: "start_thread",
            id: conversation,
            title: titleOf(request.text),
            members: recipient === null ? await everyone(deps, caller) : [recipient],
          },
        ]
      : [];
  const operations: readonly Operation[] = [
    ...opening,
    {
      op: "send_message",
      id,
      conversation,
      recipient,
      kind: recipient === null ? "say" : "ask",
      text: request.text,
      about: null,
      causation: request.causation ?? null,
    },
  ];
  const outcome = await applyCall(deps, caller, "SendMessage", operations);
  const sent = resultOf(outcome, operations, "send_message");
  return {
    id: sent.id ?? id,
    // A replayed call without an id of its own opened its conversation under the id it made then.
    conversation:
      opening.length > 0 ? (resultOf(outcome, operations, "start_thread").id ?? conversation) : conversation,
    seq: sent.seq ?? 0,
    recipients: sent.recipients ?? 0,
  };
}

async function everyone(deps: ControlDeps, caller: ControlCaller): Promise<readonly string[]> {
  const { actors } = await deps.store.query("ListRoster", {}, caller.actor);
  return actors.map((a) => a.actor);
}

const MAX_TITLE_CHARACTERS = 80;

/** The first line, short: by whole characters, so that no pair of surrogates is cut. */
export function titleOf(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return [...line].slice(0, MAX_TITLE_CHARACTERS).join("");
}
