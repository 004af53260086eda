/**
 * MCP over one WebSocket: a text frame per JSON-RPC message. The SDK ships none for servers, and its client's cannot
 * send an Authorization header; a WebSocket is a custom transport to the specification.
 *
 * 1. Frames that are binary, no JSON, too deep or no JSON-RPC are reported and dropped: the other side's fault never
 *    ends a client.
 */
import { jsonDepth, MAX_JSON_DEPTH } from "@federation/core";
import { type JSONRPCMessage, parseJSONRPCMessage, type Transport } from "@modelcontextprotocol/client";
import type { RawData, WebSocket } from "ws";

const closeMs = 1000;

/** Takes over an open socket; closing the transport closes it. */
export function createWebSocketTransport(socket: WebSocket): Transport {
  const transport: Transport = {
    start: async () => {
      socket.on("message", receive);
      socket.on("close", () => transport.onclose?.());
      socket.on("error", (error) => transport.onerror?.(error));
    },
    send: (message) =>
      new Promise((resolve, reject) => {
        socket.send(JSON.stringify(message), (error) => (error instanceof Error ? reject(error) : resolve()));
      }),
    close: async () => {
      socket.close(1000);
      // The peer may be gone without a word; its closing frame is not waited for longer than this.
      setTimeout(() => socket.terminate(), closeMs).unref();
    },
  };

  function receive(data: RawData, isBinary: boolean): void {
    let message: JSONRPCMessage;
    try {
      message = readFrame(data, isBinary);
    } catch (error) {
      transport.onerror?.(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    transport.onmessage?.(message);
  }
  return transport;
}

function readFrame(data: RawData, isBinary: boolean): JSONRPCMessage {
  if (isBinary || !Buffer.isBuffer(data)) throw new Error("a frame is binary");
  const text = data.toString("utf8");
  if (jsonDepth(text) > MAX_JSON_DEPTH) throw new Error(`a frame nests deeper than ${MAX_JSON_DEPTH} levels`);
  return parseJSONRPCMessage(JSON.parse(text));
}
