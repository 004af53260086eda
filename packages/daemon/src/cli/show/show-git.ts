import type { ControlResponse } from "@federation/core";
import { fields, type Paper, table, timeText } from "../paper.ts";

export function showClaims(paper: Paper, { claims }: ControlResponse<"ListClaims">): string {
  return table(
    paper,
    ["TASK", "FENCE", "STANDING", "PATHS", "TITLE"],
    claims.map((it) => [it.task, it.fence, it.standing, it.scope.join(" ") || "any", it.title]),
    "There are no live claims.",
  );
}

export function showClaimOf(paper: Paper, { claim }: ControlResponse<"ShowClaim">): string {
  if (claim === null) return paper.colours.dim("Nobody held this task under this fence.");
  return fields(paper, [
    ["task", `${claim.task} (${claim.title})`],
    ["holder", claim.holder],
    ["claim", claim.state],
    ["standing", claim.standing],
    ["commit", claim.commit],
    ["paths", claim.scope.join(" ") || "any"],
  ]);
}

export function showKeys(paper: Paper, { keys }: ControlResponse<"ListSigningKeys">): string {
  return table(
    paper,
    ["ACTOR", "FINGERPRINT", "SINCE", "REVOKED"],
    keys.map((it) => [it.actor, it.fingerprint, timeText(it.createdAt), timeText(it.revokedAt)]),
    "No key is registered.",
  );
}
