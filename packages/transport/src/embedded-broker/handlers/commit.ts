import type { BrokerContext } from "../context.ts";
import type { Frame } from "../frame.ts";
import type { Session } from "../session.ts";
import { acknowledge } from "./ack.ts";
import { requiredHeader } from "./headers.ts";
import { routeMessage } from "./send.ts";
import { openTransaction } from "./transactions.ts";

export function handleCommit(context: BrokerContext, session: Session, frame: Frame): void {
  const id = requiredHeader(frame, "transaction");
  const { steps } = openTransaction(session, id);
  session.transactions.delete(id);
  for (const step of steps) {
    if (step.kind === "send") routeMessage(context, step.message);
    else acknowledge(session, step.ackId);
  }
}
