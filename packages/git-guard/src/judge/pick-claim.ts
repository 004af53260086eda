import type { ClaimRecord } from "@federation/runtime/ports";
import { type Changes, outsideScope } from "./judge-changes.ts";
import { scopeInWords } from "./judge-commit.ts";
import { type GitRefusal, shown, unclaimed } from "./refusal.ts";

export type PickedClaim =
  | { readonly kind: "claim"; readonly claim: ClaimRecord }
  /** Each of them would do. */
  | { readonly kind: "several"; readonly refusal: GitRefusal }
  | { readonly kind: "refused"; readonly refusal: GitRefusal };

const refused = (refusal: GitRefusal): PickedClaim => ({ kind: "refused", refusal });

/** Under which of an actor's live claims these changes may be committed. `task`: the one the message asks for. */
export function pickClaim(
  actor: string,
  live: readonly ClaimRecord[],
  changes: Changes,
  task: string | undefined,
): PickedClaim {
  if (changes.kind === "unreadable") return refused(unclaimed(changes.reason, changes.lawful));
  const wanted = task === undefined ? live : live.filter((claim) => claim.task === task);
  const [first] = wanted;
  if (first === undefined)
    return refused(
      unclaimed(
        task === undefined ? `${actor} holds no live claim` : `${actor} holds no live claim on task ${task}`,
        "claim a task, and commit while the claim is live",
      ),
    );
  const fitting = wanted.filter((claim) => outsideScope(changes.list, claim.scope) === undefined);
  const [claim, another] = fitting;
  if (claim === undefined) {
    const outside = outsideScope(changes.list, first.scope);
    const what = outside === undefined ? "it changes paths" : `it changes "${shown(outside.path)}": ${outside.reason}`;
    const lawful =
      wanted.length === 1 ? scopeInWords(first.scope) : "commit under one claim at a time, within that claim's paths";
    return refused(unclaimed(what, lawful));
  }
  if (another === undefined) return { kind: "claim", claim };
  return {
    kind: "several",
    refusal: unclaimed(
      `several claims of ${actor} reach so far: ${fitting.map((it) => it.task).join(", ")}`,
      "say which: git commit --trailer 'Federation-Task: ID'",
    ),
  };
}
