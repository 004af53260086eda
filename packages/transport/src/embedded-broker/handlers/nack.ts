import type { BrokerContext } from "../context.ts";
import type { Frame } from "../frame.ts";
import type { Session } from "../session.ts";
import { StompError } from "../stomp-error.ts";

/** Refused: it means three things on three brokers, and attempts and dead letters are kept in the database. */
export function handleNack(_context: BrokerContext, _session: Session, _frame: Frame): void {
  throw new StompError("NACK is not supported; close the subscription to give messages back.");
}
