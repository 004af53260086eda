import type { BrokerContext } from "../context.ts";
import type { Frame } from "../frame.ts";
import type { Session } from "../session.ts";
import { StompError } from "../stomp-error.ts";
import { requiredHeader, shortHeader } from "./headers.ts";
import { openTransaction } from "./transactions.ts";

export function handleAck({ limits }: BrokerContext, session: Session, frame: Frame): void {
  const ackId = requiredHeader(frame, "id");
  const transaction = shortHeader(frame, "transaction");
  if (transaction === undefined) {
    acknowledge(session, ackId);
    return;
  }
  const { steps } = openTransaction(session, transaction);
  if (steps.length >= limits.maxTransactionFrames)
    throw new StompError("The transaction is larger than this broker takes.");
  steps.push({ kind: "ack", ackId });
}

/**
 * An id that is not outstanding is passed over: it was acknowledged twice, or its subscription was just closed and the
 * message is back in the queue. Ending the connection for it would take the other messages from the client as well.
 */
export function acknowledge(session: Session, ackId: string): void {
  for (const subscription of session.subscriptions.values()) {
    if (subscription.holds(ackId)) {
      subscription.acknowledge(ackId);
      return;
    }
  }
}
