/**
 * Every entry of the control list and its ways on the command line, by subject in `ways/`. An entry without a row there
 * fails a test; what a row cannot say, `federation call NAME JSON` can.
 */
import type { Way } from "./way.ts";
import { approvalsWays } from "./ways/approvals.ts";
import { charterWays } from "./ways/charter.ts";
import { gitWays } from "./ways/git.ts";
import { identityWays } from "./ways/identity.ts";
import { memoryWays } from "./ways/memory.ts";
import { meshWays } from "./ways/mesh.ts";
import { messagesWays } from "./ways/messages.ts";
import { missionsWays } from "./ways/missions.ts";
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
  ...approvalsWays,
  ...reloadsWays,
  ...turnsWays,
  ...memoryWays,
];
