/** The client's side of a session: a socket, or what Streamable HTTP makes of several requests. */
import type { Incoming } from "./incoming-message.ts";
import type { JsonRpcError, JsonRpcMessage, RequestId } from "./json-rpc.ts";

export interface Wire {
  /** `related` is the client's request that a notification or request belongs to. A wire that is closed drops it. */
  send(message: JsonRpcMessage, related?: RequestId): void;
  /** Bytes the client has not taken yet. */
  readonly unreadBytes: number;
  /** Begins to end it; `SessionHandle.closed` follows. The code is one of WebSocket's. */
  close(code: number, reason: string): void;
  /** Ends it without asking the other side. */
  terminate(): void;
  /** Asks for a sign of life, which comes as `SessionHandle.alive`. Absent where silence means nothing. */
  readonly ping?: () => void;
}

/** What a wire tells the hub about its client. */
export interface SessionHandle {
  readonly session: string;
  /**
   * Hands over what the client sent. When it is not taken, `refuse` is called at once, before anything is closed over
   * it. The error has an `id` when the client is owed an answer, null where its id could not be read.
   */
  receive(incoming: Incoming, refuse: (error: JsonRpcError) => void): void;
  alive(): void;
  /** The client is gone; nothing is sent any more. */
  closed(code: number): void;
}
