/** What a command came to: how its end is said, and where to look at what it made. */
import type { ControlName } from "@federation/core";
import { hrefOf, type ViewName } from "../routing/route.ts";

const ways: Partial<Record<ControlName, readonly (readonly [field: string, view: ViewName])[]>> = {
  StartMission: [["mission", "missions"]],
  SendMessage: [["conversation", "conversations"]],
  OpenTask: [["task", "tasks"]],
  ProposeTask: [["proposal", "proposals"]],
  ProposeDecision: [["proposal", "proposals"]],
  ProposeAmendment: [["proposal", "proposals"]],
  RatifyCharter: [["proposal", "proposals"]],
  Propose: [["proposal", "proposals"]],
  AskApproval: [["conversation", "conversations"]],
  // Its reloads are there, with what came of each.
  ReloadNode: [["node", "actors"]],
};

/** Answered when it has been asked for; it may still fail and be undone. */
const onlyAsked: readonly ControlName[] = ["ReloadNode"];

export function endWord(name: ControlName): "done" | "asked for" {
  return onlyAsked.includes(name) ? "asked for" : "done";
}

export function whereItLed(
  name: ControlName,
  answer: unknown,
  request: Readonly<Record<string, unknown>>,
): string | undefined {
  for (const [field, view] of ways[name] ?? []) {
    const value: unknown = typeof answer === "object" && answer !== null ? Reflect.get(answer, field) : undefined;
    if (typeof value === "string") return hrefOf(view, value);
  }
  const { task, proposal } = request;
  if (typeof task === "string") return hrefOf("tasks", task);
  if (typeof proposal === "string") return hrefOf("proposals", proposal);
  return undefined;
}
