/**
 * All MCP sessions of one process. The wire is the caller's: it hands over what a client sent and is handed what to
 * send back, both as parsed JSON-RPC messages.
 *
 * 1. One MCP server per session; its actor, role and scopes are fixed when it opens and come from the credential.
 * 2. A message that nests too deep or is no JSON-RPC is answered before any schema of the protocol reads it.
 * 3. A session speaks the era its first message has: 2025 (`initialize`) or 2026-07-28 (per-request envelope). With the
 *    second it needs no beginning: the first message another process's session would have got next is as good.
 */
import { MAX_JSON_DEPTH, MeshError } from "@federation/core";
import type { ChangeFeed, ControlService, Log, Principal } from "@federation/runtime/ports";
import {
  isJSONRPCErrorResponse,
  type JSONRPCMessage,
  type McpServer,
  ProtocolErrorCode,
  parseJSONRPCMessage,
  type RequestId,
} from "@modelcontextprotocol/server";
import { type StdioServerHandle, serveStdio } from "@modelcontextprotocol/server/stdio";
import { toErrorResult } from "../tool-error.ts";
import { createControlServer } from "./control-server.ts";
import type { ExtendServer } from "./fixtures.ts";
import { acknowledgedRequest, cancelledRequest, type ListenRequest, listenRequest } from "./listen-request.ts";
import { createSessionTransport, type SessionTransport } from "./session-transport.ts";
import { createSubscriptions, type Subscriptions } from "./subscriptions.ts";
import { surfaceHash } from "./surface.ts";
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
  /** What clients that subscribed are told of changes from; without it they hear nothing. */
  readonly changes?: ChangeFeed;
  /** For tests only: registers fixtures beside the real tools, resources and prompts of a session. */
  readonly extend?: ExtendServer;
}

export interface OpenSession extends Principal {
  /** Unique among all sessions ever: call ids are made from it. */
  readonly session: string;
  /** `surfaceHash` of the process that held the session before: where it differs, the client is told to list again. */
  readonly surface?: string | null;
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

/** Listen requests of one session at a time. */
const maxSubscriptions = 64;

interface Session {
  readonly transport: SessionTransport;
  readonly server: StdioServerHandle;
  readonly subscriptions: Subscriptions;
  readonly closed: AbortController;
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
    const { session, actor, surface = null } = opened;
    const { log, version, extend } = options;
    const resumed = surface !== null;
    const closed = new AbortController();
    let mcp: McpServer | undefined;
    const subscriptions = createSubscriptions({
      actor,
      changes: options.changes,
      updated: (uri) => void mcp?.server.sendResourceUpdated({ uri }).catch(ignore),
      listsChanged: () => void mcp?.server.sendResourceListChanged().catch(ignore),
    });
    /** Tells a client that knew the surface of an older build what is another one now. */
    function announce(): void {
      if (mcp === undefined || !resumed || surface === surfaceHash()) return;
      void mcp.server.sendToolListChanged().catch(ignore);
      void mcp.server.sendResourceListChanged().catch(ignore);
      void mcp.server.sendPromptListChanged().catch(ignore);
    }
    const transport = createSessionTransport((message, related) => {
      options.send(session, message, related);
      // A listen request that is refused after all listens to nothing.
      if (isJSONRPCErrorResponse(message) && message.id !== undefined) subscriptions.remove(listenKey(message.id));
      const listening = acknowledgedRequest(message);
      if (listening === undefined || !resumed) return;
      subscriptions.tell(listenKey(listening));
      announce();
    });
    function onInitialized(): void {
      // Clients of this era are told of lists unasked: there is nothing to ask with.
      subscriptions.add("lists", { uris: [], lists: true }).catch((error: Error) => {
        log.debug({ session, actor, reason: error.message }, "a client will not be told of new lists");
      });
      announce();
    }
    const of = { control, log, version, toolsOf, extend, subscriptions, resumed, onInitialized, closed: closed.signal };
    const create = (): McpServer => {
      mcp = createControlServer({ ...opened, ...of });
      return mcp;
    };
    const server = serveStdio(create, {
      transport,
      maxSubscriptions,
      onerror: (error) => log.warn({ session, actor, reason: error.message }, "a client strayed from the protocol"),
    });
    sessions.set(session, { transport, server, subscriptions, closed });
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
    const listen = listenRequest(parsed);
    if (listen !== undefined) return void startListening(id, session, listen, parsed);
    const cancelled = cancelledRequest(parsed);
    if (cancelled !== undefined) session.subscriptions.remove(listenKey(cancelled));
    session.transport.deliver(parsed);
  }

  /** The SDK acknowledges at once: it gets the request when what happens from then on will be told. */
  async function startListening(id: string, session: Session, listen: ListenRequest, message: JSONRPCMessage) {
    const key = listenKey(listen.id);
    try {
      await session.subscriptions.add(key, listen);
    } catch (thrown) {
      const { code, message: reason } = MeshError.from(thrown);
      const theirs = code === "invalid_input" || code === "limit_exceeded";
      const rpcCode = theirs ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
      if (sessions.get(id) === session) options.send(id, errorResponse(listen.id, rpcCode, reason));
      return;
    }
    // Given up meanwhile, it has no answer.
    if (session.subscriptions.has(key)) session.transport.deliver(message);
  }

  async function close(id: string): Promise<void> {
    const session = sessions.get(id);
    sessions.delete(id);
    session?.subscriptions.close();
    session?.closed.abort();
    // Its wire first: a listen request that goes on in another process must not be answered as ended by this one.
    await session?.transport.close();
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

function ignore(): void {
  // Its client is gone, and whoever comes next is told anew.
}

function listenKey(request: RequestId): string {
  return `listen ${JSON.stringify(request)}`;
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
