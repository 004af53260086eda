import type { z } from "zod";
import { approvalsEntries } from "./entries/approvals.ts";
import { charterEntries } from "./entries/charter.ts";
import { gitEntries } from "./entries/git.ts";
import { identityEntries } from "./entries/identity.ts";
import { memoryEntries } from "./entries/memory.ts";
import { meshEntries } from "./entries/mesh.ts";
import { messagesEntries } from "./entries/messages.ts";
import { missionsEntries } from "./entries/missions.ts";
import { proposalsEntries } from "./entries/proposals.ts";
import { tasksEntries } from "./entries/tasks.ts";
import { turnsEntries } from "./entries/turns.ts";
import { type ControlEntry, toolName } from "./entry.ts";

/** Every command and query of the mesh, once; by subject in `entries/`. */
export const control = {
  ...meshEntries,
  ...messagesEntries,
  ...missionsEntries,
  ...proposalsEntries,
  ...tasksEntries,
  ...memoryEntries,
  ...charterEntries,
  ...gitEntries,
  ...approvalsEntries,
  ...identityEntries,
  ...turnsEntries,
} as const;

export type Control = typeof control;
export type ControlName = keyof Control;
/** What a caller may leave out is already filled in. */
export type ControlRequest<N extends ControlName> = z.output<Control[N]["request"]>;
export type ControlResponse<N extends ControlName> = z.output<Control[N]["response"]>;

export const controlEntries: readonly ControlEntry[] = Object.values(control);

/** The control name of an MCP tool, or undefined. */
export function controlOfTool(tool: string): ControlName | undefined {
  return (Object.keys(control) as ControlName[]).find((name) => toolName(name) === tool);
}
