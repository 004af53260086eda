import type { JSONRPCMessage, RequestId, Transport } from "@modelcontextprotocol/server";

/** `related`: the client's request that a notification or request belongs to. */
export type SendMessage = (message: JSONRPCMessage, related?: RequestId) => void;

export interface SessionTransport extends Transport {
  /** Hands over a message of the client. */
  deliver(message: JSONRPCMessage): void;
}

/** A transport whose other end is a function: the wire is somebody else's (the substrate's, in a daemon). */
export function createSessionTransport(send: SendMessage): SessionTransport {
  let open = true;
  const transport: SessionTransport = {
    start: async () => {},
    send: async (message, options) => {
      // A call may end after its client left: its outcome is recorded, the answer has nobody to go to.
      if (open) send(message, options?.relatedRequestId);
    },
    close: async () => {
      if (!open) return;
      open = false;
      transport.onclose?.();
    },
    deliver: (message) => {
      if (open) transport.onmessage?.(message);
    },
  };
  return transport;
}
