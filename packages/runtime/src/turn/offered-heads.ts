import type { LawfulSet, Message } from "@federation/core";
import { isForModels, type ModelHead } from "./model-heads.ts";

/** Options one choice may have: each costs the model some ten tokens. */
const MAX_OPTIONS = 24;

/**
 * The heads a turn is offered: the lawful ones, without talk that would go on a chain of answers at its bound, and
 * without what cannot be told apart among very many. Never a head that is not lawful, or not a model's to choose.
 */
export function offeredHeads(lawful: LawfulSet, due: readonly Message[], maxHops: number): readonly ModelHead[] {
  const exhausted = due.length > 0 && due.every((m) => m.hops >= maxHops);
  const heads = lawful.heads.filter(isForModels).filter((h) => !exhausted || (h.kind !== "say" && h.kind !== "ask"));
  if (heads.length <= MAX_OPTIONS) return heads;
  const rest = heads.filter((h) => h.kind !== "ask");
  const asks = heads.filter((h) => h.kind === "ask");
  const kept = new Set([...rest, ...asks].slice(0, MAX_OPTIONS - 1));
  return heads.filter((h) => kept.has(h) || h.kind === "wait");
}

/** The message that talk answers: the latest that is not yet at the bound, from the one who is asked if any. */
export function answeredMessage(head: ModelHead, read: readonly Message[], maxHops: number): string | null {
  if (head.kind !== "say" && head.kind !== "ask") return null;
  const open = read.filter((m) => m.hops < maxHops && m.kind !== "notice");
  const from = head.kind === "ask" ? open.filter((m) => m.sender === head.to) : [];
  return (from.at(-1) ?? open.at(-1))?.id ?? null;
}
