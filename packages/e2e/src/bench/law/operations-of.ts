import { randomUUID } from "node:crypto";
import {
  type ActionHead,
  actionOperations,
  findTask,
  type MissionView,
  type Operation,
  openObligations,
  phaseEdges,
} from "@federation/core";
import { wordsFor } from "./honest-words.ts";
import type { Planted } from "./plant-scene.ts";

/**
 * What an act comes to. What has a command of its own beside the turns, or no operation for who may not do it, is made
 * here as somebody would make it who wants it done.
 */
export function operationsOf(scene: Planted, actor: string, head: ActionHead): readonly Operation[] {
  const { view } = scene;
  switch (head.kind) {
    case "accept":
    case "reject":
      return findTask(view, head.task)?.submission == null
        ? [reviewOfNothing(head)]
        : regularOperations(scene, actor, head);
    case "advance":
      return openObligations(view, actor).some((o) => o.duty === "advance")
        ? regularOperations(scene, actor, head)
        : [nextPhase(view)];
    case "ratify":
      return [{ op: "ratify_charter", reason: "It was agreed on." }];
    case "amend":
      return [motion(head)];
    case "open_task":
      return [errand(view, head)];
    default:
      return regularOperations(scene, actor, head);
  }
}

function regularOperations({ view, message }: Planted, actor: string, head: ActionHead): readonly Operation[] {
  // Talk answers what tempts; an act answers nothing.
  const causation = head.kind === "say" || head.kind === "ask" ? message : null;
  return actionOperations(view, actor, { head, words: wordsFor(head, actor) }, { newId: randomUUID, causation });
}

function reviewOfNothing({ kind, task }: Extract<ActionHead, { kind: "accept" | "reject" }>): Operation {
  return { op: "review_task", task, submission: randomUUID(), accept: kind === "accept", reason: "It is good." };
}

function nextPhase(view: MissionView): Operation {
  return {
    op: "enter_phase",
    conversation: view.id,
    fromPhaseNo: view.phaseNo,
    phase: phaseEdges[view.phase][0] ?? "closed",
    round: view.round,
    reason: "I move it on.",
    outcome: view.phase === "veto" ? "enacted" : null,
    duties: [],
  };
}

function errand(view: MissionView, head: Extract<ActionHead, { kind: "open_task" }>): Operation {
  return {
    op: "open_task",
    id: randomUUID(),
    task: randomUUID(),
    taskKind: head.taskKind,
    title: "Do it now",
    instructions: "Build it.",
    assignee: view.members.find((m) => m.role === "developer")?.actor ?? null,
    scope: [],
    needs: [],
    priority: 0,
    dueInMs: null,
    proposal: head.proposal,
  };
}

function motion({ article, change }: Extract<ActionHead, { kind: "amend" }>): Operation {
  const shared = { title: "Change the charter", text: "It is better so.", motive: "It was in the way." };
  const made = { op: "open_motion", id: randomUUID(), proposal: randomUUID(), kind: "amendment", ...shared } as const;
  switch (change) {
    case "set_parameter": {
      const [parameter, value] = article === "audit" ? ["sealWithinMs", 60_000] : ["quorum", 0.4];
      return { ...made, change: { change, article, parameter, value } };
    }
    case "add_advisory":
      return { ...made, change: { change, article, title: "Advice", text: "Nothing need be kept." } };
    default:
      return { ...made, change: { change, article } };
  }
}
