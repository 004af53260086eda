import type { BrokerContext } from "../context.ts";
import type { Frame } from "../frame.ts";
import type { Session } from "../session.ts";
import { StompError } from "../stomp-error.ts";
import { requiredHeader } from "./headers.ts";

export function handleUnsubscribe(_context: BrokerContext, session: Session, frame: Frame): void {
  const id = requiredHeader(frame, "id");
  const subscription = session.subscriptions.get(id);
  if (subscription === undefined) throw new StompError("No such subscription.");
  session.subscriptions.delete(id);
  subscription.close();
}
