/**
 * Every entry of the control list and its ways on the command line, by subject in `ways/`. An entry that has no row there
 * and is not named below with the reason fails a test; what a row cannot say, `federation call NAME JSON` can.
 */
import type { ControlName } from "@federation/core";
import type { Way } from "./way.ts";
import { approvalsWays } from "./ways/approvals.ts";
import { charterWays } from "./ways/charter.ts";
import { gitWays } from "./ways/git.ts";
import { identityWays } from "./ways/identity.ts";
import { memoryWays } from "./ways/memory.ts";
import { meshWays } from "./ways/mesh.ts";
import { messagesWays } from "./ways/messages.ts";
import { missionsWays } from "./ways/missions.ts";
import { pagesWays } from "./ways/pages.ts";
import { proposalsWays } from "./ways/proposals.ts";
import { reloadsWays } from "./ways/reloads.ts";
import { tasksWays } from "./ways/tasks.ts";
import { turnsWays } from "./ways/turns.ts";

export const ways: readonly Way[] = [
  ...meshWays,
  ...messagesWays,
  ...missionsWays,
  ...proposalsWays,
  ...tasksWays,
  ...charterWays,
  ...gitWays,
  ...identityWays,
  ...pagesWays,
  ...approvalsWays,
  ...reloadsWays,
  ...turnsWays,
  ...memoryWays,
];

/** Entries without a way, and why. */
export const withoutWay: Readonly<Partial<Record<ControlName, string>>> = {
  RenewPageSession: "a page does it for itself, from the session it has open",
};
