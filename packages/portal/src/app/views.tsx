/** The rooms of the portal: one row each. */
import type { FunctionComponent } from "preact";
import type { ViewName } from "../routing/route.ts";
import type { IconName } from "../ui/icon.tsx";
import { AccessView } from "../views/access/access-view.tsx";
import { ActorView } from "../views/actors/actor-view.tsx";
import { CharterView } from "../views/charter/charter-view.tsx";
import { CommandsView } from "../views/commands/commands-view.tsx";
import { ConversationsView } from "../views/conversations/conversations-view.tsx";
import { CostsView } from "../views/costs/costs-view.tsx";
import { InboxView } from "../views/inbox/inbox-view.tsx";
import { MemoryView } from "../views/memory/memory-view.tsx";
import { MeshView } from "../views/mesh/mesh-view.tsx";
import { MessagesView } from "../views/messages/messages-view.tsx";
import { MissionsView } from "../views/missions/missions-view.tsx";
import { ProposalsView } from "../views/proposals/proposals-view.tsx";
import { TasksView } from "../views/tasks/tasks-view.tsx";
import { TimelineView } from "../views/timeline/timeline-view.tsx";
import { TurnsView } from "../views/turns/turns-view.tsx";
import type { ViewProps } from "./view-props.ts";

export interface View {
  readonly name: ViewName;
  readonly title: string;
  readonly doc: string;
  readonly icon: IconName;
  readonly group: "you" | "observe" | "keep";
  readonly component: FunctionComponent<ViewProps>;
}

export const views: readonly View[] = [
  { name: "inbox", title: "Inbox", doc: "What waits for you", icon: "inbox", group: "you", component: InboxView },
  {
    name: "mesh",
    title: "Mesh",
    doc: "Nodes, actors and what they do now",
    icon: "mesh",
    group: "observe",
    component: MeshView,
  },
  {
    name: "timeline",
    title: "Timeline",
    doc: "Every event, as it happens",
    icon: "timeline",
    group: "observe",
    component: TimelineView,
  },
  {
    name: "missions",
    title: "Missions",
    doc: "Objectives and what the team makes of them",
    icon: "mission",
    group: "observe",
    component: MissionsView,
  },
  {
    name: "conversations",
    title: "Conversations",
    doc: "What was said, and how far it came",
    icon: "messages",
    group: "observe",
    component: ConversationsView,
  },
  { name: "tasks", title: "Tasks", doc: "Who does what", icon: "tasks", group: "observe", component: TasksView },
  {
    name: "proposals",
    title: "Proposals",
    doc: "Votes, decisions, motions",
    icon: "vote",
    group: "observe",
    component: ProposalsView,
  },
  {
    name: "charter",
    title: "Charter",
    doc: "The law, and what it refused",
    icon: "charter",
    group: "observe",
    component: CharterView,
  },
  {
    name: "messages",
    title: "Dead letters",
    doc: "Deliveries that were given up",
    icon: "dead-letter",
    group: "observe",
    component: MessagesView,
  },
  {
    name: "turns",
    title: "Turns",
    doc: "What models were shown, and what they chose",
    icon: "cpu",
    group: "observe",
    component: TurnsView,
  },
  {
    name: "costs",
    title: "Costs",
    doc: "Tokens and seconds, and the budgets they are taken from",
    icon: "coins",
    group: "observe",
    component: CostsView,
  },
  {
    name: "memory",
    title: "Memory",
    doc: "What the team remembers",
    icon: "brain",
    group: "observe",
    component: MemoryView,
  },
  { name: "actors", title: "Actors", doc: "Who takes part", icon: "users", group: "keep", component: ActorView },
  {
    name: "access",
    title: "Access",
    doc: "Actors from outside, tokens, pages, keys",
    icon: "key",
    group: "keep",
    component: AccessView,
  },
  {
    name: "commands",
    title: "Commands",
    doc: "Every command, and where it is at hand",
    icon: "command",
    group: "keep",
    component: CommandsView,
  },
];
