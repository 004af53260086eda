/** What one run of a hook may use up, over all refs and commits that it judges. */
import { MeshError } from "@federation/core";
import type { GuardLimits } from "../limits.ts";

export interface Budget {
  /** @throws MeshError `deadline_exceeded` when the time is up. */
  requireTime(): void;
  /** @throws MeshError `limit_exceeded` when there were more than a push may have. */
  spendChanges(count: number): void;
}

/** Its time begins now. */
export function openBudget({ deadlineMs, maxChangesPerPush }: GuardLimits): Budget {
  const until = performance.now() + deadlineMs;
  let changes = 0;
  return {
    requireTime() {
      if (performance.now() > until) throw new MeshError("deadline_exceeded", "This push takes too long to judge.");
    },
    spendChanges(count) {
      changes += count;
      if (changes > maxChangesPerPush)
        throw new MeshError("limit_exceeded", `More than ${maxChangesPerPush} changes of paths in one push.`);
    },
  };
}
