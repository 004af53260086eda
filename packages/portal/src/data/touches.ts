/**
 * Which answers an event may change. Pure.
 *
 * 1. Rather one too many than one too few: to ask again costs a query, to show what is no longer so costs trust.
 * 2. Every kind of event that the database writes belongs to a subject here; one that this build does not know touches
 *    everything.
 */
import type { ControlName, MeshEvent } from "@federation/core";

/** Names of queries; a name before `=` only where that argument of it is the event's subject or conversation. */
type Touch = ControlName | `${ControlName}=${"subject" | "conversation"}`;

const waiting = ["ListWaiting"] as const satisfies readonly Touch[];
const missions = [
  "ListMissions",
  "ShowMission=conversation",
  "ReportMission=conversation",
  "ListMotions",
  "GetStatus",
  "ListConversations",
] as const;
const mesh: readonly Touch[] = ["ListRoster", "GetStatus"];
const mission: readonly Touch[] = [...missions, ...waiting, "ListProposals", "ShowProposal", "ListTasks"];
const proposal: readonly Touch[] = [
  "ListProposals",
  "ShowProposal=subject",
  "ListMotions",
  "ShowMission=conversation",
  "ReportMission=conversation",
  ...waiting,
];
const task: readonly Touch[] = [
  "ListTasks",
  "ShowTask",
  "ShowMission=conversation",
  "ReportMission=conversation",
  "ListClaims",
  "GetOverdue",
  ...waiting,
];
const message: readonly Touch[] = [
  "ListConversation=conversation",
  "ListConversations",
  "ListInbox",
  "ShowMessage=subject",
  ...waiting,
];
const delivery: readonly Touch[] = [
  "ShowMessage=subject",
  "ListConversation=conversation",
  "ListDeadLetters",
  "ListInbox",
  "GetStatus",
  ...waiting,
];
const turn: readonly Touch[] = ["ListTurns", "ShowTurn", "ListDecisions", "ListCosts", "GetUsage"];
const approval: readonly Touch[] = ["ListApprovals", ...waiting];
const duty: readonly Touch[] = ["ShowMission=conversation", "GetOverdue", ...waiting];
const charter: readonly Touch[] = ["ShowCharter", "ListCharterVersions", "DiffCharter", "GetStatus"];
const access: readonly Touch[] = ["ListTokens", "ListPageSessions", "ListSigningKeys"];
const reload: readonly Touch[] = ["ListReloads", "ListRoster"];

/** By what the kind's name begins with; the longest beginning counts. */
const subjects = (
  [
    ["ActionRefused", ["ListVerdicts", "AuditVerdicts"]],
    ["ActorAdded", mesh],
    ["ActorHosted", mesh],
    ["ActorRetired", [...mesh, ...access]],
    ["Approval", approval],
    ["BallotCast", proposal],
    ["CharterChanged", charter],
    ["Decision", [...turn, ...proposal]],
    ["Delivery", delivery],
    ["Duty", duty],
    ["Episode", ["RecallMemory"]],
    ["Errand", [...task, ...missions]],
    ["Hosting", mesh],
    ["HumanMerged", []],
    ["Message", message],
    ["Mission", [...mission, "ListCosts"]],
    ["Motion", [...mission, ...charter]],
    ["Node", [...mesh, ...reload]],
    ["PageSession", access],
    ["Phase", [...mission, "ShowTask", "GetOverdue"]],
    ["Proposal", proposal],
    ["Push", []],
    ["ReportWritten", missions],
    ["SigningKey", access],
    ["Task", task],
    ["Ticket", []],
    ["Token", access],
    ["TurnFailed", turn],
  ] satisfies [beginning: string, touches: readonly Touch[]][]
).sort(([a], [b]) => b.length - a.length);

/** Tells of a query whether this event may have changed its answer. */
export function touches(
  event: Pick<MeshEvent, "kind" | "subject" | "conversation">,
): (name: ControlName, request: Readonly<Record<string, unknown>>) => boolean {
  const touched = touchesOf(event.kind);
  if (touched === undefined) return () => true;
  return (name, request) =>
    touched.some((it) => {
      const [query, by] = it.split("=");
      if (query !== name) return false;
      if (by === undefined) return true;
      const value = by === "subject" ? event.subject : event.conversation;
      return value === null || Object.values(request).includes(value);
    });
}

export function touchesOf(kind: string): readonly Touch[] | undefined {
  return subjects.find(([beginning]) => kind.startsWith(beginning))?.[1];
}
