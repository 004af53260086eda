import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";

export interface SessionTransport extends Transport {
  /** Hands over a message of the client. */
  deliver(message: JSONRPCMessage): void;
}

/** A transport whose other end is a function: the wire is somebody else's (the substrate's, in a daemon). */
export function createSessionTransport(send: (message: JSONRPCMessage) => void): SessionTransport {
  let open = true;
  const transport: SessionTransport = {
    start: async () => {},
    send: async (message) => {
      // A call may end after its client left: its outcome is recorded, the answer has nobody to go to.
      if (open) send(message);
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
