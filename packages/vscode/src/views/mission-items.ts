/** Missions: those under way first, then what was finished; each with its proposals and tasks. */
import type { MissionView } from "@federation/core";
import { hrefOf } from "@federation/portal/route";
import { oneLine, revealed } from "../text/one-line.ts";
import { atText } from "../text/times.ts";
import { colours, type Item, type MissionSummary } from "./item.ts";
import { taskItem } from "./task-items.ts";

export function missionItems(missions: readonly MissionSummary[], nowMs: number = Date.now()): readonly Item[] {
  const open = missions.filter((it) => it.outcome === null);
  const closed = missions.filter((it) => it.outcome !== null);
  return [...open, ...closed].map((mission) => missionItem(mission, nowMs));
}

function missionItem(mission: MissionSummary, nowMs: number): Item {
  const { id, objective, phase, round, outcome, createdBy, phaseDeadline, createdAt, closedAt } = mission;
  const [icon, colour] =
    outcome === null
      ? (["rocket", colours.busy] as const)
      : outcome === "accepted"
        ? (["pass", colours.good] as const)
        : (["circle-slash", colours.bad] as const);
  const how = outcome === null ? `${phase}${round > 1 ? `, round ${round}` : ""}` : outcome.replaceAll("_", " ");
  const until = phaseDeadline === null ? "" : `until ${atText(phaseDeadline, nowMs)}`;
  return {
    id: `mission ${id}`,
    label: oneLine(objective),
    description: [how, outcome === null ? until : atText(closedAt ?? createdAt, nowMs)]
      .filter((it) => it !== "")
      .join(" · "),
    tooltip: [
      revealed(objective),
      outcome === null ? `In its phase ${how}${until === "" ? "" : `, ${until}`}` : `Ended: ${how}`,
      `Started by ${createdBy}, ${atText(createdAt, nowMs)}`,
    ],
    icon,
    colour,
    context: outcome === null ? "mission open" : "mission closed",
    route: hrefOf("missions", id),
    subject: { kind: "mission", mission },
    children: "closed",
  };
}

const proposalIcons: Readonly<
  Record<MissionView["proposals"][number]["state"], readonly [icon: string, colour: string | undefined]>
> = {
  open: ["lightbulb", undefined],
  voting: ["law", colours.warn],
  accepted: ["pass", colours.good],
  adopted: ["pass", colours.good],
  rejected: ["error", colours.bad],
  vetoed: ["circle-slash", colours.bad],
  withdrawn: ["discard", colours.quiet],
};

/** What belongs to one mission. */
export function missionChildren(
  { id, proposals, tasks }: Pick<MissionView, "id" | "proposals" | "tasks">,
  me: string,
  nowMs: number = Date.now(),
): readonly Item[] {
  const proposed = proposals.map((it): Item => {
    const [icon, colour] = proposalIcons[it.state];
    const counts = (["yes", "no", "abstain"] as const)
      .map((choice) => [choice, it.ballots.filter((ballot) => ballot.choice === choice).length] as const)
      .filter(([, count]) => count > 0)
      .map(([choice, count]) => `${count} ${choice}`);
    return {
      id: `proposal ${it.id}`,
      label: oneLine(it.title),
      description: [it.state, ...(counts.length === 0 ? [] : [counts.join(", ")]), it.author].join(" · "),
      tooltip: [
        `Proposal of ${it.author}, ${it.state}`,
        revealed(it.title),
        ...it.ballots.map((ballot) => `${ballot.voter}: ${ballot.choice}${ballot.byDeadline ? " (by deadline)" : ""}`),
      ],
      icon,
      colour,
      context: "proposal",
      route: hrefOf("proposals", it.id),
      subject: { kind: "proposal", proposal: it.id },
      children: "none",
    };
  });
  const done = tasks.map((task): Item => {
    const item = taskItem({ ...task, conversation: id, leaseUntil: null }, me, nowMs);
    // The list of tasks has it too, under its own name.
    return { ...item, id: `mission ${item.id}` };
  });
  return [...proposed, ...done];
}
