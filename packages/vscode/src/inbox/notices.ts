/**
 * Which waiting items a person is told of by the editor. Pure.
 *
 * 1. An item is told of once as long as it waits, across reloads of the window and lost connections; one that comes back
 *    after it was gone is another one.
 * 2. What may only be done is never told of, nor is a task that the person took themselves.
 * 3. Many at once are one notice, and so is what waited already when the editor connected.
 */
import { waitingKey } from "../views/inbox-items.ts";
import type { WaitingItem } from "../views/item.ts";

export type Notice =
  | { readonly kind: "one"; readonly item: WaitingItem }
  | { readonly kind: "several"; readonly count: number };

export interface Noticed {
  /** Keys of what waits, and has been told of. */
  readonly told: readonly string[];
  /** Nothing was seen before: the editor has just connected. */
  readonly first: boolean;
}

const atOnce = 3;
const maxTold = 500;

export function decideNotices(
  before: Noticed,
  items: readonly WaitingItem[],
): { readonly noticed: Noticed; readonly notices: readonly Notice[] } {
  const waiting = items.filter((it) => !it.optional);
  const told = new Set(before.told);
  const fresh = waiting.filter((it) => !told.has(waitingKey(it)) && !(it.kind === "task" && it.fence !== null));
  const together = fresh.length > atOnce || (before.first && fresh.length > 1);
  const notices: readonly Notice[] = together
    ? [{ kind: "several", count: fresh.length }]
    : fresh.map((item) => ({ kind: "one", item }));
  return { noticed: { told: waiting.map(waitingKey).slice(0, maxTold), first: false }, notices };
}
