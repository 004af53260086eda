import { phaseOwner, reviewersLeft } from "../charter/facts.ts";
import type { NewDuty } from "./move.ts";
import type { Duty, Phase } from "./phases.ts";
import type { Member, MissionView, Task } from "./view.ts";

/** Who owes what in a phase. */

/** Duties are for agents who may act: an observing agent owes nothing. */
function isActing(member: Pick<Member, "kind" | "role">): boolean {
  return member.kind === "agent" && member.role !== "observer";
}

/** Duties of the phase `propose`, with which a mission begins: of those who build, else of every agent. */
export function openingDuties(members: readonly Pick<Member, "actor" | "kind" | "role">[]): readonly NewDuty[] {
  const agents = members.filter(isActing);
  const builders = agents.filter((m) => m.role === "lead" || m.role === "developer");
  return (builders.length > 0 ? builders : agents).map((m) => ({ actor: m.actor, duty: "propose", subject: null }));
}

/** Duties that open when a phase is entered. */
export function phaseDuties(view: MissionView, phase: Phase): readonly NewDuty[] {
  const agents = view.members.filter(isActing);
  const duty = (
    actors: readonly { readonly actor: string }[],
    name: Duty,
    subject: string | null = null,
  ): readonly NewDuty[] => actors.map((m) => ({ actor: m.actor, duty: name, subject }));
  switch (phase) {
    case "propose":
      return openingDuties(view.members);
    case "critique": {
      const open = view.proposals.filter((p) => p.state === "open");
      const able = agents.filter((m) => open.some((p) => p.author !== m.actor));
      // A motion binds everyone: whoever votes on it is asked. Those duties the database opens itself.
      if (view.kind === "motion")
        return duty(
          able.filter((m) => m.votes),
          "critique",
        );
      const analysts = able.filter((m) => m.role === "analyst");
      return duty(analysts.length > 0 ? analysts : able, "critique");
    }
    case "vote": {
      const voters = view.members.filter((m) => m.votes);
      return view.proposals.filter((p) => p.state === "open").flatMap((p) => duty(voters, "vote", p.id));
    }
    case "assign":
    case "implement":
    case "review": {
      const task = currentTask(view);
      if (task === undefined) return [];
      if (phase === "assign")
        return duty(
          [phaseOwner(view, "assign")].filter((m) => m !== undefined),
          "assign",
          task.id,
        );
      if (phase === "implement")
        return task.assignee === null ? [] : duty([{ actor: task.assignee }], "implement", task.id);
      return duty(reviewersLeft({ ...view, obligations: [] }, { subject: task.id }).slice(0, 1), "review", task.id);
    }
    case "synthesise":
      return duty(
        [phaseOwner(view, "synthesise")].filter((m) => m !== undefined),
        "report",
      );
    case "veto":
    case "closed":
      return [];
  }
}

/** The task the mission is working on: the last one. */
export function currentTask(view: Pick<MissionView, "tasks">): Task | undefined {
  return view.tasks.at(-1);
}
