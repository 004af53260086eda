/** Where to look at what a command made. */
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
};

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
