/**
 * Which resources an event changes. Pure.
 *
 * 1. Every kind of event that the database writes is in the table, if only as touching nothing but the log.
 * 2. Rather one too many than one too few: to be told of a change that is none costs a read.
 */
import type { MeshEvent } from "@federation/core";
import { type Family, resourceFamilies, scheme, uriOf } from "./resource-table.ts";

export interface Touched {
  /** URIs without parameters; one that ends in `/` stands for everything below it. */
  readonly uris: readonly string[];
  /** Something new can be listed, or something listed is over. */
  readonly list: boolean;
}

/** `family:subject`, `family:conversation`: the member that the event's field names; `family/`: any; or a fixed one. */
interface Effect {
  readonly touches: readonly string[];
  readonly list?: true;
}

const listed = (effect: Effect): Effect => ({ ...effect, list: true });
const nothing: Effect = { touches: [] };
const roster: Effect = { touches: ["roster"] };
const mission: Effect = { touches: ["missions:conversation"] };
const missions: Effect = { touches: ["missions", "missions:conversation"] };
// Opened or closed, it may have been somebody's last.
const duty: Effect = { touches: [...mission.touches, "waiting"] };
const proposal: Effect = { touches: ["proposals", "proposals:subject", "missions:conversation"] };
const task: Effect = { touches: ["tasks", "tasks:subject", "missions:conversation", "waiting"] };
const approval: Effect = { touches: ["approvals", "conversations:conversation", "waiting"] };

export const effects: Readonly<Record<string, Effect>> = {
  NodeStarted: roster,
  NodePaused: roster,
  NodeResumed: roster,
  ActorAdded: roster,
  ActorRetired: roster,
  ActorHosted: roster,
  HostingEnded: roster,
  TokenIssued: nothing,
  TokenRevoked: nothing,
  TicketIssued: nothing,
  PageSessionBegun: nothing,
  PageSessionEnded: nothing,
  NodeReloadAsked: nothing,
  NodeReloaded: nothing,
  NodeReloadFailed: nothing,
  NodeReloadExpired: nothing,
  MessageSent: { touches: ["inbox", "conversations:conversation", "waiting"] },
  DeliveryRedriven: { touches: ["inbox", "messages:subject", "waiting"] },
  DeliveryDied: { touches: ["inbox", "messages:subject", "waiting"] },
  DutyOpened: duty,
  DutyClosed: duty,
  // Opens or ends the vote on every proposal of it.
  PhaseEntered: { touches: [...missions.touches, "proposals", "proposals/", "waiting"] },
  MissionStarted: listed(missions),
  MissionClosed: listed({ touches: [...missions.touches, "tasks", "proposals", "waiting"] }),
  ErrandOpened: listed(task),
  ErrandClosed: listed({ touches: ["missions:conversation", "tasks", "waiting"] }),
  MotionClosed: listed({ touches: ["missions:conversation", "proposals", "waiting"] }),
  ReportWritten: mission,
  ProposalMade: listed(proposal),
  // Accepted, a motion may be vetoed for a while.
  ProposalDecided: { touches: [...proposal.touches, "waiting"] },
  BallotCast: proposal,
  DecisionRecorded: proposal,
  CharterChanged: { touches: ["charter"] },
  SigningKeyAdded: nothing,
  SigningKeyRevoked: nothing,
  HumanMerged: nothing,
  PushAccepted: nothing,
  PushRefused: nothing,
  TaskProposed: listed(task),
  TaskApproved: listed(task),
  TaskAssigned: listed(task),
  TaskClaimed: task,
  TaskSubmitted: task,
  TaskAccepted: listed(task),
  TaskRejected: listed(task),
  TaskReleased: task,
  TaskExpired: task,
  TaskCancelled: listed(task),
  TurnFailed: nothing,
  DecisionMade: nothing,
  ActionRefused: nothing,
  EpisodeRemembered: { touches: ["memory"] },
  ApprovalAsked: approval,
  ApprovalAnswered: approval,
  ApprovalWithdrawn: approval,
  ApprovalExpired: approval,
};

const log = `${scheme}events`;

/** An event of a kind that this build does not know touches the log, and may have changed any list. */
export function touchedBy(event: Pick<MeshEvent, "kind" | "subject" | "conversation">): Touched {
  const effect = Object.hasOwn(effects, event.kind) ? effects[event.kind] : undefined;
  if (effect === undefined) return { uris: [log], list: true };
  return { uris: [log, ...effect.touches.flatMap((it) => toUri(it, event))], list: effect.list === true };
}

function toUri(touch: string, event: Pick<MeshEvent, "subject" | "conversation">): readonly string[] {
  const [name = "", field] = touch.split(":");
  if (field === undefined) return [`${scheme}${name}`];
  const id = field === "subject" ? event.subject : event.conversation;
  const family = familyOf(name);
  return id === null || family === undefined ? [] : [uriOf(family, id)];
}

function familyOf(name: string): Family | undefined {
  return resourceFamilies.find((it) => it.family === name)?.family;
}

/** Whether what was touched covers a URI that somebody subscribed to, parameters and all. */
export function covers(touched: string, subscribed: string): boolean {
  const bare = subscribed.split("?")[0] ?? "";
  return touched.endsWith("/") ? bare.startsWith(touched) : bare === touched;
}
