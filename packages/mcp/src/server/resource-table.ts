/**
 * The queries of the control list that a host may want to attach as context, as resources.
 *
 * 1. This table is the whole of it: what is registered, subscribed to, notified of and documented comes from here.
 * 2. Every query of the control list is either in it or named below it with the reason why not.
 */
import type { ControlName } from "@federation/core";

export const scheme = "federation://";

/** What a template's ids are taken from, for lists and completion. */
export type Family = "tasks" | "proposals" | "missions" | "conversations" | "messages";

interface Common {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly query: ControlName;
}

export interface FixedResource extends Common {
  readonly uri: string;
  /** Arguments of the query. */
  readonly request: Readonly<Record<string, unknown>>;
  /** A parameter of the URI that becomes an argument of the query. */
  readonly parameter?: string;
}

export interface ResourceFamily extends Common {
  readonly family: Family;
  /** The argument of the query that the URI's id becomes. */
  readonly argument: string;
  /** Its members are listed one by one, newest or most urgent first. */
  readonly listed: boolean;
}

export const fixedResources: readonly FixedResource[] = [
  {
    name: "charter",
    uri: `${scheme}charter`,
    title: "Charter",
    description: "The articles in force and their parameters.",
    query: "ShowCharter",
    request: {},
  },
  {
    name: "roster",
    uri: `${scheme}roster`,
    title: "Roster",
    description: "All actors with role and presence.",
    query: "ListRoster",
    request: {},
  },
  {
    name: "inbox",
    uri: `${scheme}inbox`,
    title: "My inbox",
    description: "Messages delivered to me that I have not acted on, newest first. Reading marks nothing.",
    query: "ListInbox",
    request: {},
  },
  {
    name: "waiting",
    uri: `${scheme}waiting`,
    title: "What waits for me",
    description: "Votes, duties, questions and tasks that are mine, most urgent first; and what I may still stop.",
    query: "ListWaiting",
    request: {},
  },
  {
    name: "tasks",
    uri: `${scheme}tasks`,
    title: "Open tasks",
    description: "What is still to be done, most urgent first.",
    query: "ListTasks",
    request: { open: true },
  },
  {
    name: "proposals",
    uri: `${scheme}proposals`,
    title: "Proposals",
    description: "Proposals with their electorate and ballots, newest first.",
    query: "ListProposals",
    request: {},
  },
  {
    name: "missions",
    uri: `${scheme}missions`,
    title: "Missions",
    description: "Missions with phase and outcome, newest first.",
    query: "ListMissions",
    request: {},
  },
  {
    name: "approvals",
    uri: `${scheme}approvals`,
    title: "Questions put to me",
    description: "Questions that wait for my yes or no.",
    query: "ListApprovals",
    request: {},
  },
  {
    name: "memory",
    uri: `${scheme}memory`,
    title: "Memory",
    description: "The newest episodes; with ?query=WORDS those that share a word with it, best first.",
    query: "RecallMemory",
    request: {},
    parameter: "query",
  },
  {
    name: "events",
    uri: `${scheme}events`,
    title: "Events",
    description:
      "The event log from its beginning; with ?after=CURSOR what came later. Each page names the next cursor.",
    query: "ListEvents",
    request: { limit: 200 },
    parameter: "after",
  },
];

export const resourceFamilies: readonly ResourceFamily[] = [
  {
    name: "task",
    family: "tasks",
    title: "Task",
    description: "A task with its latest submission and files.",
    query: "ShowTask",
    argument: "task",
    listed: true,
  },
  {
    name: "proposal",
    family: "proposals",
    title: "Proposal",
    description: "A proposal with its text, electorate and ballots.",
    query: "ShowProposal",
    argument: "proposal",
    listed: true,
  },
  {
    name: "mission",
    family: "missions",
    title: "Mission",
    description: "A mission as it stands: phase, members, duties, proposals, tasks.",
    query: "ShowMission",
    argument: "mission",
    listed: true,
  },
  {
    name: "conversation",
    family: "conversations",
    title: "Conversation",
    description: "The first messages of a conversation, in order; list_conversation reads on.",
    query: "ListConversation",
    argument: "conversation",
    // Every mission and task is one: they are listed as what they are.
    listed: false,
  },
  {
    name: "message",
    family: "messages",
    title: "Message",
    description: "A message, and how far it came with each recipient.",
    query: "ShowMessage",
    argument: "message",
    // The inbox names them.
    listed: false,
  },
];

/** Queries without a resource, and why. */
export const withoutResource: Readonly<Partial<Record<ControlName, string>>> = {
  GetStatus: "tells of this moment and changes without an event; get_status asks",
  GetOverdue: "depends on the time at which it is asked",
  ListReloads: "for operators, not context for work",
  ListConversations: "a list to look around in; what there is to do names its own",
  CountEvents: "needs two cursors, chosen by the reader who counts",
  ListTurns: "a record to search, not to attach",
  ShowTurn: "what another model was shown: for people who look into it, not to be read as one's own",
  ListDecisions: "a record to search, not to attach",
  ListCosts: "depends on the time at which it is asked",
  GetUsage: "depends on the time at which it is asked",
  ListDeadLetters: "for operators, not context for work",
  ReportMission: "what a mission left behind, long; the mission is a resource",
  ListMotions: "the proposal of each is a resource",
  ListCharterVersions: "history; the charter in force is a resource",
  DiffCharter: "needs two versions, chosen by the caller",
  ShowIncident: "needs a number out of the verdicts; write-a-lesson quotes it",
  ListVerdicts: "a record to search, not to attach",
  AuditVerdicts: "computes over all verdicts; asked for on purpose only",
  ShowClaim: "needs a fence besides; asked by git",
  ListClaims: "the tasks say who holds them",
  ListSigningKeys: "asked by git",
  ListTokens: "administration: kept out of a model's context",
  ListPageSessions: "administration: kept out of a model's context",
};

/** The URI of one member of a family. */
export function uriOf(family: Family, id: string): string {
  return `${scheme}${family}/${id}`;
}

export function templateOf(family: Family): string {
  return `${scheme}${family}/{id}`;
}

/** Whether a URI of ours names something that can exist. */
export function isKnownUri(uri: string): boolean {
  const { base, id } = partsOf(uri);
  return id === undefined
    ? fixedResources.some((it) => it.uri === base)
    : id !== "" && resourceFamilies.some((it) => `${scheme}${it.family}` === base);
}

function partsOf(uri: string): { readonly base: string; readonly id: string | undefined } {
  const path = uri.slice(scheme.length).split("?")[0] ?? "";
  const [first = "", ...rest] = path.split("/");
  return { base: `${scheme}${first}`, id: rest.length === 0 ? undefined : rest.join("/") };
}
