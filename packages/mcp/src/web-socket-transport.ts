/**
 * MCP over one WebSocket: a text frame per JSON-RPC message. The SDK ships none for servers, and its client's cannot
 * send an Authorization header; a WebSocket is a custom transport to the specification.
 *
 * 1. Frames that are binary, no JSON, too deep or no JSON-RPC are reported and dropped: the other side's fault never
 *    ends a client.
 * 2. It asks of a socket no more than browsers give, so that Node's and a page's are the same to it.
 */
import { jsonDepth, MAX_JSON_DEPTH } from "@federation/core";
import { type JSONRPCMessage, parseJSONRPCMessage, type Transport } from "@modelcontextprotocol/client";

/** What `ws` and browsers have in common. */
export interface PlainSocket {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly code: number }) => void): void;
  addEventListener(type: "error", listener: () => void): void;
  /** Where there is one: ends it without the closing handshake. */
  terminate?(): void;
}

const openState = 1;
const closeMs = 1000;

/** Takes over an open socket; closing the transport closes it. */
export function createWebSocketTransport(socket: PlainSocket): Transport {
  const transport: Transport = {
    start: async () => {
      socket.addEventListener("message", ({ data }) => receive(data));
      socket.addEventListener("close", () => transport.onclose?.());
      socket.addEventListener("error", () => transport.onerror?.(new Error("the socket failed")));
    },
    send: async (message) => {
      if (socket.readyState !== openState) throw new Error("the socket is closed");
      socket.send(JSON.stringify(message));
    },
    close: async () => {
      socket.close(1000);
      // The peer may be gone without a word; its closing frame is not waited for longer than this.
      const timer: unknown = setTimeout(() => socket.terminate?.(), closeMs);
      if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function")
        timer.unref();
    },
  };

  function receive(data: unknown): void {
    let message: JSONRPCMessage;
    try {
      message = readFrame(data);
    } catch (error) {
      transport.onerror?.(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    transport.onmessage?.(message);
  }
  return transport;
}

function readFrame(data: unknown): JSONRPCMessage {
  if (typeof data !== "string") throw new Error("a frame is binary");
  if (jsonDepth(data) > MAX_JSON_DEPTH) throw new Error(`a frame nests deeper than ${MAX_JSON_DEPTH} levels`);
  return parseJSONRPCMessage(JSON.parse(data));
}
