/** What one client, and all together, may have of Streamable HTTP. */
export interface HttpLimits {
  /** A session without a request or a stream for this long is ended; its id brings it back. */
  readonly idleMs: number;
  /** Requests of the 2026-07-28 era under way: each is a session of its own while its answer lasts. */
  readonly maxCalls: number;
  readonly maxCallsPerActor: number;
  /** GET streams of one session; one more ends the oldest. */
  readonly maxStreams: number;
  /** Events kept per session for a client that comes back: as many, and as many bytes. */
  readonly maxKeptEvents: number;
  readonly maxKeptBytes: number;
  /** A stream says something at least this often. */
  readonly streamAliveMs: number;
}

export const defaultHttpLimits: HttpLimits = {
  idleMs: 30 * 60_000,
  maxCalls: 512,
  maxCallsPerActor: 64,
  maxStreams: 4,
  maxKeptEvents: 128,
  maxKeptBytes: 512 * 1024,
  streamAliveMs: 15_000,
};
