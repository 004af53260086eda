import type { Session } from "../session.ts";
import { StompError } from "../stomp-error.ts";
import type { Transaction } from "../transaction.ts";

/** @throws StompError when no such transaction was begun. */
export function openTransaction(session: Session, id: string): Transaction {
  const transaction = session.transactions.get(id);
  if (transaction === undefined) throw new StompError("No such transaction has been begun.");
  return transaction;
}
