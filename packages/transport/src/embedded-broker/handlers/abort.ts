import type { BrokerContext } from "../context.ts";
import type { Frame } from "../frame.ts";
import type { Session } from "../session.ts";
import { requiredHeader } from "./headers.ts";
import { openTransaction } from "./transactions.ts";

/** What was acknowledged in it stays unacknowledged, and with this client. */
export function handleAbort(_context: BrokerContext, session: Session, frame: Frame): void {
  const id = requiredHeader(frame, "transaction");
  openTransaction(session, id);
  session.transactions.delete(id);
}
