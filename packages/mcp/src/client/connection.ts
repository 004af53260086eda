import { MeshError } from "@federation/core";
import { type CallToolResult, Client, ProtocolError, SdkError, SdkErrorCode } from "@modelcontextprotocol/client";
import type { WebSocket } from "ws";
import { callIdMetaKey } from "../call-id.ts";
import { fromErrorResult } from "../tool-error.ts";
import { createWebSocketTransport } from "../web-socket-transport.ts";
import { dismissal } from "./open-socket.ts";

/** The one revision this client speaks: every request stands alone, so a node may change its logic between two. */
export const protocolVersion = "2026-07-28";

export interface ToolRequest {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly callId: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** `interrupted`: the answer was lost or the node's logic is changing; the same call id may be sent again. */
export type ToolAnswer =
  | { readonly outcome: "answered"; readonly content: unknown }
  | { readonly outcome: "interrupted"; readonly reason: string };

export interface Connection {
  /** @throws MeshError of the call itself; the abort reason of its signal. */
  callTool(request: ToolRequest): Promise<ToolAnswer>;
  /** Resolves when the connection is gone: an error when coming back makes no sense. */
  readonly gone: Promise<{ readonly fatal: MeshError | undefined }>;
  close(): Promise<void>;
}

/** JSON-RPC codes of a daemon's substrate: its logic is restarting; too many calls. */
const unavailableCode = -32010;
const limitCode = -32029;

/** Speaks MCP over an open socket. @throws MeshError `unavailable` when the other side does not. */
export async function connectConnection(socket: WebSocket, program: string, timeoutMs: number): Promise<Connection> {
  const gone = Promise.withResolvers<{ fatal: MeshError | undefined }>();
  let open = true;
  socket.on("close", (code: number) => {
    open = false;
    gone.resolve({ fatal: dismissal(code) });
  });
  const client = new Client(
    { name: program, version: "0.1.0" },
    { versionNegotiation: { mode: { pin: protocolVersion } } },
  );
  try {
    await client.connect(createWebSocketTransport(socket), { timeout: timeoutMs });
  } catch (error) {
    socket.terminate();
    throw new MeshError("unavailable", "The node took the connection but does not speak MCP yet.", { cause: error });
  }

  async function callTool(request: ToolRequest): Promise<ToolAnswer> {
    let result: CallToolResult;
    try {
      const _meta = { [callIdMetaKey]: request.callId };
      result = await client.request(
        { method: "tools/call", params: { name: request.tool, arguments: { ...request.arguments }, _meta } },
        { timeout: request.timeoutMs, ...(request.signal === undefined ? {} : { signal: request.signal }) },
      );
    } catch (error) {
      request.signal?.throwIfAborted();
      if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
        throw new MeshError("deadline_exceeded", "The node did not answer in time; ask again under the same call id.");
      }
      if (!open || (error instanceof SdkError && error.code === SdkErrorCode.ConnectionClosed)) {
        return { outcome: "interrupted", reason: "the connection was lost" };
      }
      if (error instanceof ProtocolError && error.code === unavailableCode) {
        return { outcome: "interrupted", reason: error.message };
      }
      throw fromProtocol(error);
    }
    if (result.isError === true) {
      const error = fromErrorResult(result);
      // The node's substrate answers for a logic that is away: the call is settled under its call id.
      if (error.details["node"] === "away") return { outcome: "interrupted", reason: error.message };
      throw error;
    }
    return { outcome: "answered", content: result.structuredContent };
  }

  return { callTool, gone: gone.promise, close: () => client.close() };
}

function fromProtocol(error: unknown): MeshError {
  if (!(error instanceof ProtocolError)) return MeshError.from(error);
  const code = error.code === limitCode ? "limit_exceeded" : "invalid_input";
  return new MeshError(code, error.message, { cause: error });
}
