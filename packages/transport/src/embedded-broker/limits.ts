/** What one client, and all of them together, may cost. Every number is a bound on memory or on waiting. */
export interface BrokerLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerLogin: number;
  /** From the first byte to a complete, accepted CONNECT. */
  readonly connectTimeoutMs: number;
  /** Of a whole frame before the client has logged in. */
  readonly maxPreAuthFrameBytes: number;
  readonly maxBodyBytes: number;
  readonly maxHeaders: number;
  readonly maxHeaderLineBytes: number;
  readonly maxSubscriptions: number;
  readonly maxPrefetch: number;
  readonly maxTransactions: number;
  readonly maxTransactionFrames: number;
  readonly maxTransactionBytes: number;
  readonly maxQueues: number;
  /** A queue over its limit loses its oldest frame: here a frame is a wake-up, and what it named is in the database. */
  readonly maxQueueFrames: number;
  readonly maxQueueBytes: number;
  readonly maxTotalBytes: number;
  /** A client that does not read gets nothing more above this, and is not read from either. */
  readonly maxBufferedBytes: number;
  /** How long it may stay like that. */
  readonly congestedTimeoutMs: number;
}

export const defaultLimits: BrokerLimits = {
  maxConnections: 256,
  maxConnectionsPerLogin: 16,
  connectTimeoutMs: 5_000,
  maxPreAuthFrameBytes: 64 * 1024,
  maxBodyBytes: 256 * 1024,
  maxHeaders: 100,
  maxHeaderLineBytes: 10 * 1024,
  maxSubscriptions: 64,
  maxPrefetch: 1_000,
  maxTransactions: 16,
  maxTransactionFrames: 1_024,
  maxTransactionBytes: 4 * 1024 * 1024,
  maxQueues: 1_024,
  maxQueueFrames: 10_000,
  maxQueueBytes: 16 * 1024 * 1024,
  maxTotalBytes: 128 * 1024 * 1024,
  maxBufferedBytes: 1024 * 1024,
  congestedTimeoutMs: 30_000,
};
