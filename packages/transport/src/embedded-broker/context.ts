import type { Log } from "@federation/runtime/ports";
import type { Authenticate } from "./accounts.ts";
import type { Exchange } from "./exchange.ts";
import type { BrokerLimits } from "./limits.ts";
import type { Session } from "./session.ts";

/** What all sessions of one broker share. */
export interface BrokerContext {
  readonly limits: BrokerLimits;
  readonly log: Log;
  readonly exchange: Exchange;
  readonly authenticate: Authenticate;
  readonly sessions: Set<Session>;
  readonly counters: BrokerCounters;
  /** The next message's place in the order of this broker. */
  nextSeq(): number;
}

/** All monotonic since the broker started. */
export interface BrokerCounters {
  connections: number;
  refusedLogins: number;
  framesIn: number;
  messagesIn: number;
  messagesOut: number;
  acknowledged: number;
  redelivered: number;
  errors: number;
}
