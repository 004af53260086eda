import type { QueuedMessage } from "./message-queue.ts";

/** What a client has asked for between BEGIN and COMMIT; nothing of it has happened yet. */
export interface Transaction {
  readonly steps: TransactionStep[];
  bytes: number;
}

export type TransactionStep =
  | { readonly kind: "send"; readonly message: QueuedMessage }
  | { readonly kind: "ack"; readonly ackId: string };
