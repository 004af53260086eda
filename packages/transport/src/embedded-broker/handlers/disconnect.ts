import type { BrokerContext } from "../context.ts";
import { encodeFrame, type Frame } from "../frame.ts";
import type { Session } from "../session.ts";

/** Its receipt is the last thing the client is sent: everything before it has been dealt with. */
export function handleDisconnect(_context: BrokerContext, session: Session, frame: Frame): void {
  const receipt = frame.headers.get("receipt");
  session.end(receipt === undefined ? undefined : encodeFrame("RECEIPT", [["receipt-id", receipt]]));
}
