/** A line of a tree, before it is one of the editor's. */
import type { ControlResponse, Task } from "@federation/core";

export type WaitingItem = ControlResponse<"ListWaiting">["items"][number];
/** A task with where it belongs: as lists have it, or a mission. */
export type TaskRecord = Task & { readonly conversation: string; readonly leaseUntil: string | null };
export type MissionSummary = ControlResponse<"ListMissions">["missions"][number];
export type RosterEntry = ControlResponse<"ListRoster">["actors"][number];

/** What a command given on the line is about. */
export type Subject =
  | { readonly kind: "waiting"; readonly item: WaitingItem }
  | { readonly kind: "task"; readonly task: TaskRecord }
  | { readonly kind: "mission"; readonly mission: MissionSummary }
  | { readonly kind: "proposal"; readonly proposal: string }
  | { readonly kind: "actor"; readonly actor: RosterEntry }
  | { readonly kind: "none" };

export interface Item {
  /** The same for the same thing, so that the editor keeps what is open and chosen. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** Lines, each plain text. */
  readonly tooltip: readonly string[];
  /** A product icon of the editor, and the theme's colour for it. */
  readonly icon: string;
  readonly colour: string | undefined;
  /** Words by which menus know what may be done here. */
  readonly context: string;
  /** Where it leads in the Observer. */
  readonly route: string | undefined;
  readonly subject: Subject;
  readonly children: "none" | "closed" | "open";
}

/** Colours that every theme has. */
export const colours = {
  good: "charts.green",
  busy: "charts.blue",
  warn: "charts.yellow",
  bad: "charts.red",
  quiet: "disabledForeground",
} as const;
