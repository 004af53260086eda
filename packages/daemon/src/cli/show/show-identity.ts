import type { ControlResponse } from "@federation/core";
import { oneLine } from "../../timeline/plain-text.ts";
import { type Paper, table, timeText } from "../paper.ts";

export type TokenRecord = ControlResponse<"ListTokens">["tokens"][number];

export function showTokens(paper: Paper, { tokens }: ControlResponse<"ListTokens">): string {
  return table(
    paper,
    ["TOKEN", "ACTOR", "STATE", "SCOPES", "UNTIL", "ISSUED BY", "REPLACED BY", "LABEL"],
    tokens.map((it) => [
      it.id,
      it.actor,
      it.state,
      it.scopes.join(","),
      timeText(it.revokedAt ?? it.expiresAt) || "-",
      it.issuedBy ?? "-",
      it.replacedBy ?? "-",
      it.label,
    ]),
    "There are no tokens.",
  );
}

/** Where a new token is: in a file, or here and nowhere else. */
export type Kept = { readonly file: string } | { readonly secret: string };

export function showIssued(_: Paper, token: TokenRecord, kept: Kept): string {
  const until = token.expiresAt === null ? "it is revoked" : `${timeText(token.expiresAt)} UTC`;
  const what = `Token ${token.id} of ${token.actor} may ${token.scopes.join(", ")} until ${until}`;
  return "file" in kept
    ? `${what}; it is in ${oneLine(kept.file)}.`
    : `${what}. It is shown this once:\n\n${kept.secret}`;
}
