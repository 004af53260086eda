import type { BrokerContext } from "../context.ts";
import type { Frame } from "../frame.ts";
import type { Session } from "../session.ts";
import { StompError } from "../stomp-error.ts";
import { requiredHeader } from "./headers.ts";

export function handleBegin({ limits }: BrokerContext, session: Session, frame: Frame): void {
  const id = requiredHeader(frame, "transaction");
  if (session.transactions.has(id)) throw new StompError("This transaction has already been begun.");
  if (session.transactions.size >= limits.maxTransactions) throw new StompError("Too many open transactions.");
  session.transactions.set(id, { steps: [], bytes: 0 });
}
