/**
 * One connection to the broker. A daemon holds two: one publishes, one consumes, because on a full broker a SEND
 * blocks every ACK behind it on the same connection.
 *
 * 1. A frame is a wake-up: losing, doubling, delaying or forging one may change latency only.
 * 2. The link reconnects by itself for ever, with jittered back-off, through its list of broker URLs, and restores
 *    its subscriptions; nobody above it retries a connection.
 * 3. An acknowledgement belongs to the connection it came from: after a reconnect it is dropped, and says so.
 * 4. Never NACK.
 */
export interface BrokerLink {
  /** Resolved state now; see `BrokerStatus`. */
  status(): BrokerStatus;
  /** Calls `listener` at every change of status, until the returned function is called. */
  watch(listener: (status: BrokerStatus) => void): () => void;
  /**
   * Sends all frames in one STOMP transaction, persistent, and waits for the broker's receipt of the COMMIT.
   * Never throws for a broker that is away: that is an `unconfirmed` outcome, and the frames may or may not have arrived.
   */
  publish(frames: readonly OutgoingFrame[]): Promise<PublishOutcome>;
  /** Subscribes with client-individual acknowledgement and restores the subscription after every reconnect. */
  subscribe(destination: string, onFrame: (frame: IncomingFrame) => void): Subscription;
  /** Flushes acknowledgements already given, disconnects, and destroys the socket at the deadline at the latest. */
  close(options: { readonly deadlineMs: number }): Promise<void>;
}

export interface OutgoingFrame {
  /** `/topic/federation.broadcast` or `/queue/federation.{actor}`. */
  readonly destination: string;
  /** JSON text, at most 1 KiB: an id and its place, never content. */
  readonly body: string;
}

export interface IncomingFrame {
  readonly destination: string;
  readonly body: string;
  readonly redelivered: boolean;
  /** The broker-asserted sender (`JMSXUserID`) where the broker gives one. */
  readonly assertedSender: string | undefined;
  /** False when the frame's connection is gone: the broker will deliver it again, which is harmless. */
  acknowledge(): boolean;
}

export interface Subscription {
  /** Stops the subscription; unacknowledged frames go back to the broker. */
  close(): void;
}

export type PublishOutcome =
  | { readonly outcome: "receipted" }
  | {
      readonly outcome: "unconfirmed";
      readonly reason: "disconnected" | "timeout" | "refused";
      readonly detail: string;
    };

export type BrokerStatus =
  | { readonly state: "connecting"; readonly attempt: number; readonly lastError: string | undefined }
  | {
      readonly state: "connected";
      /** Counts the connections of this link, from 1. */
      readonly epoch: number;
      readonly url: string;
      /** The broker's own `server` header, e.g. `ActiveMQ/6.3.1`. */
      readonly server: string;
    }
  | { readonly state: "closed" };

/** Counters of one link, all monotonic since it was created. */
export interface BrokerLinkCounters {
  readonly connects: number;
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly redelivered: number;
  readonly staleAcks: number;
  readonly receiptTimeouts: number;
  readonly heartbeatsLost: number;
}
