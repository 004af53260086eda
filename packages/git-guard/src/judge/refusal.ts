import type { ArticleId } from "@federation/core";

/** Why something may not enter a repository: the article, the reason, and what would be lawful instead. */
export interface GitRefusal {
  readonly article: ArticleId;
  readonly reason: string;
  readonly lawful: string;
}

/** For refusals about the claim: there is none, it is another's, or it does not reach so far. */
export const unclaimed = (reason: string, lawful: string): GitRefusal => ({
  article: "claim-before-code",
  reason,
  lawful,
});

/** For refusals about who speaks. */
export const unproven = (reason: string, lawful: string): GitRefusal => ({ article: "one-voice", reason, lawful });

const MAX_SHOWN = 120;

/**
 * Text of somebody else's as it may stand in a line of ours: nothing that moves a cursor, colours, hides or reverses,
 * and not longer than a line.
 */
export function shown(text: string, max = MAX_SHOWN): string {
  const short = text.length > max ? `${text.slice(0, max)}…` : text;
  return short.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`,
  );
}
