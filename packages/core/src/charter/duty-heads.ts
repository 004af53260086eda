import type { ActionHead } from "../actions.ts";
import type { MissionView, Obligation } from "../mission/view.ts";

/** The actions that a duty brings up, before the law is asked; every action that can end it is among them. */
export function dutyHeads(view: MissionView, actor: string, duty: Obligation): readonly ActionHead[] {
  return [...headsOf(view, actor, duty), { kind: "abstain", obligation: duty.id }];
}

function headsOf(view: MissionView, actor: string, duty: Obligation): readonly ActionHead[] {
  const tasks = view.tasks.filter((t) => duty.subject === null || t.id === duty.subject);
  switch (duty.duty) {
    case "propose":
      return [{ kind: "propose" }];
    case "critique":
      return view.proposals
        .filter((p) => p.state === "open" && p.author !== actor)
        .map((p): ActionHead => ({ kind: "critique", proposal: p.id }));
    case "vote":
      return view.proposals
        .filter((p) => p.id === duty.subject)
        .flatMap((p) =>
          (["yes", "no", "abstain"] as const).map((choice): ActionHead => ({ kind: "vote", proposal: p.id, choice })),
        );
    case "adopt":
      return view.proposals.map((p): ActionHead => ({ kind: "adopt", proposal: p.id }));
    case "assign":
      return tasks.flatMap((t) =>
        view.members.map((m): ActionHead => ({ kind: "assign", task: t.id, assignee: m.actor })),
      );
    case "implement":
      return tasks.flatMap((t): readonly ActionHead[] => [
        { kind: "claim", task: t.id },
        { kind: "submit", task: t.id },
        { kind: "hand_back", task: t.id },
      ]);
    case "review":
      return tasks.flatMap((t): readonly ActionHead[] => [
        { kind: "accept", task: t.id },
        { kind: "reject", task: t.id },
      ]);
    case "report":
      return [{ kind: "report" }];
    case "advance":
      return [{ kind: "advance" }, { kind: "hold" }];
  }
}
