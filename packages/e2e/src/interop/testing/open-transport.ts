/** The transports of the matrix, as each SDK has them. */
import path from "node:path";
import { StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { StdioClientTransport as OldStdioTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as OldHttpTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport as OldTransport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";
import { WebSocket } from "ws";
import type { Place, TransportName } from "./interop-client.ts";

const federation = path.join(import.meta.dirname, "../../../../daemon/bin/federation.mjs");

export async function openTransport(name: TransportName, place: Place): Promise<Transport> {
  switch (name) {
    case "WebSocket":
      return ofSocket(await openSocket(place));
    case "Streamable HTTP":
      return new StreamableHTTPClientTransport(httpUrl(place), headersOf(place));
    default:
      return new StdioClientTransport(stubOf(place));
  }
}

export async function openOldTransport(name: TransportName, place: Place): Promise<OldTransport> {
  switch (name) {
    case "WebSocket":
      return ofSocket(await openSocket(place));
    case "Streamable HTTP":
      return new OldHttpTransport(httpUrl(place), headersOf(place));
    default:
      return new OldStdioTransport(stubOf(place));
  }
}

/** How a host starts the stub. */
export function stubOf({ port, tokenFile }: Pick<Place, "port" | "tokenFile">) {
  const args = [federation, "mcp", "--url", `ws://127.0.0.1:${port}/mcp`, "--token-file", tokenFile];
  return { command: process.execPath, args, stderr: "ignore" as const };
}

const httpUrl = ({ port }: Place) => new URL(`http://127.0.0.1:${port}/mcp`);
const headersOf = ({ token }: Place) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

async function openSocket({ port, token }: Place): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/mcp`, ["mcp"], {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
  });
  return socket;
}

/** A text frame per message. The older SDK's own WebSocket transport can send no header, and the newer has none. */
function ofSocket(socket: WebSocket) {
  const transport: OldTransport & Transport = {
    start: async () => {
      socket.on("message", (data) => transport.onmessage?.(JSONRPCMessageSchema.parse(JSON.parse(String(data)))));
      socket.on("close", () => transport.onclose?.());
      socket.on("error", (error) => transport.onerror?.(error));
    },
    send: (message) =>
      new Promise((resolve, reject) => {
        socket.send(JSON.stringify(message), (error) => (error instanceof Error ? reject(error) : resolve()));
      }),
    close: async () => {
      socket.close(1000);
      setTimeout(() => socket.terminate(), 1000).unref();
    },
  };
  return transport;
}
