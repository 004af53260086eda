/**
 * All MCP sessions of one process. The wire is the caller's: it hands over what a client sent and is handed what to
 * send back, both as parsed JSON-RPC messages.
 *
 * 1. One MCP server per session; its actor, role and scopes are fixed when it opens and come from the credential.
 * 2. A message that nests too deep or is no JSON-RPC is answered before any schema of the protocol reads it.
 * 3. A session speaks the era its first message has: 2025 (`initialize`) or 2026-07-28 (per-request envelope). With the
 *    second it needs no beginning: the first message another process's session would have got next is as good.
 */
import { MAX_JSON_DEPTH } from "@federation/core";
import type { ControlService, Log, Principal } from "@federation/runtime/ports";
import {
  type JSONRPCMessage,
  ProtocolErrorCode,
  parseJSONRPCMessage,
  type RequestId,
} from "@modelcontextprotocol/server";
import { type StdioServerHandle, serveStdio } from "@modelcontextprotocol/server/stdio";
import { toErrorResult } from "../tool-error.ts";
import { createControlServer } from "./control-server.ts";
import type { ExtendServer } from "./fixtures.ts";
import { createSessionTransport, type SessionTransport } from "./session-transport.ts";
import { createToolCatalogue } from "./tools.ts";
import { isDeeperThan } from "./value-depth.ts";

export interface McpSessionsOptions {
  readonly control: ControlService;
  readonly log: Log;
  /** Version of the program, as told to clients. */
  readonly version: string;
  /**
   * Sends a JSON-RPC message to the client of a session. `related` is the client's request that a notification or
   * request belongs to: over HTTP it goes down that one's stream.
   */
  readonly send: (session: string, message: JSONRPCMessage, related?: RequestId) => void;
  /** For tests only: registers fixtures beside the real tools, resources and prompts of a session. */
  readonly extend?: ExtendServer;
}

export interface OpenSession extends Principal {
  /** Unique among all sessions ever: call ids are made from it. */
  readonly session: string;
  /** `surfaceHash` of the process that held the session before: where it differs, the client is told to list again. */
  readonly surface?: string;
}

export interface McpSessions {
  open(session: OpenSession): void;
  /** A message of the session's client, parsed from JSON. A session that is not open is ignored. */
  receive(session: string, message: unknown): void;
  /** The client is gone: waiting calls are told through their signal. */
  close(session: string): Promise<void>;
  /** Calls that have not been answered yet. */
  callsInFlight(): number;
  /** Resolves when no call is in flight. */
  idle(): Promise<void>;
  closeAll(): Promise<void>;
}

interface Session {
  readonly transport: SessionTransport;
  readonly server: StdioServerHandle;
}

export function createMcpSessions(options: McpSessionsOptions): McpSessions {
  const toolsOf = createToolCatalogue();
  const sessions = new Map<string, Session>();
  const inFlight = new Set<Promise<unknown>>();
  const control: ControlService = {
    call(name, request, caller) {
      const call = options.control.call(name, request, caller);
      inFlight.add(call);
      const settled = () => void inFlight.delete(call);
      call.then(settled, settled);
      return call;
    },
  };

  function open(opened: OpenSession): void {
    const { session, actor } = opened;
    const { log, version, extend } = options;
    const transport = createSessionTransport((message, related) => options.send(session, message, related));
    const ofSession = { ...opened, control, log, version, toolsOf, extend };
    const server = serveStdio(() => createControlServer(ofSession), {
      transport,
      onerror: (error) => log.warn({ session, actor, reason: error.message }, "a client strayed from the protocol"),
    });
    sessions.set(session, { transport, server });
  }

  function receive(id: string, message: unknown): void {
    const session = sessions.get(id);
    if (session === undefined) return;
    if (isDeeperThan(message, MAX_JSON_DEPTH)) {
      const answer = refuseDepth(message);
      if (answer !== undefined) options.send(id, answer);
      return;
    }
    let parsed: JSONRPCMessage;
    try {
      parsed = parseJSONRPCMessage(message);
    } catch {
      options.send(
        id,
        errorResponse(idOf(message), ProtocolErrorCode.InvalidRequest, "This is no JSON-RPC 2.0 message."),
      );
      return;
    }
    session.transport.deliver(parsed);
  }

  async function close(id: string): Promise<void> {
    const session = sessions.get(id);
    sessions.delete(id);
    await session?.server.close();
  }

  async function idle(): Promise<void> {
    while (inFlight.size > 0) await Promise.allSettled(inFlight);
  }

  return {
    open,
    receive,
    close,
    callsInFlight: () => inFlight.size,
    idle,
    closeAll: async () => void (await Promise.all([...sessions.keys()].map(close))),
  };
}

/** A tool call that is too deep is an ordinary refusal to its caller; anything else is a fault of the protocol. */
function refuseDepth(message: unknown): JSONRPCMessage | undefined {
  const text = `The message nests deeper than ${MAX_JSON_DEPTH} levels; send it flatter.`;
  const id = idOf(message);
  if (id === undefined) return undefined;
  if (typeof message !== "object" || message === null || Reflect.get(message, "method") !== "tools/call") {
    return errorResponse(id, ProtocolErrorCode.InvalidRequest, text);
  }
  const refusal = toErrorResult({ code: "invalid_input", message: text, details: {} });
  // Clients of the 2026-07-28 era demand a result type; the others do not mind one.
  return { jsonrpc: "2.0", id, result: { resultType: "complete", ...refusal } };
}

function idOf(message: unknown): string | number | undefined {
  const id: unknown = typeof message === "object" && message !== null ? Reflect.get(message, "id") : undefined;
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}

function errorResponse(id: string | number | undefined, code: number, message: string): JSONRPCMessage {
  return id === undefined
    ? { jsonrpc: "2.0", error: { code, message } }
    : { jsonrpc: "2.0", id, error: { code, message } };
}
