import type { WaitingItem } from "../views/item.ts";

export const someId = "0199a5c4-0000-7000-8000-000000000001";
export const otherId = "0199a5c4-0000-7000-8000-000000000002";

/** A ballot that waits, but for what a test says. */
export function waitingItem(given: Partial<WaitingItem> = {}): WaitingItem {
  return {
    kind: "ballot",
    id: someId,
    optional: false,
    conversation: "0199a5c4-0000-7000-8000-0000000000c1",
    conversationKind: "mission",
    conversationTitle: "Choose a retry policy",
    duty: null,
    subject: null,
    from: "taichi-5090",
    text: "Bounded retries",
    since: "2026-11-28T12:00:00.000Z",
    deadline: null,
    fence: null,
    ...given,
  };
}
