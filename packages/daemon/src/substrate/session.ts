/**
 * One client's JSON-RPC conversation, which outlives the impl that answers it. Knows envelopes and ids, never tasks.
 *
 * 1. Every request of the client gets exactly one answer: from the first impl that gives one, or from here.
 * 2. A request without an answer is in `open`; it is sent again to every next impl, in its old order, under its old
 *    id and call id, and after `maxSendings` impls died over it, answered here.
 * 3. What the next impl must know to go on (`initialize`, `initialized`, log level, subscriptions) is replayed first,
 *    and the answers to the replay are swallowed.
 * 4. Requests of impl to the client get ids of their own, so that a late answer to a dead impl reaches no other.
 */
import { randomUUID } from "node:crypto";
import { callIdMetaKey } from "./impl-protocol.ts";
import {
  isRequest,
  isResponse,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResponse,
  type RequestId,
  rpcCodes,
  rpcError,
} from "./json-rpc.ts";

export interface SessionPort {
  toClient(message: JsonRpcMessage): void;
  toImpl(message: JsonRpcMessage): void;
}

export interface SessionLimits {
  /** Requests of one session without an answer. */
  readonly maxOpen: number;
  /** Impls one request is given to before it is taken for what kills them. */
  readonly maxSendings: number;
  /** How long a request waits for an impl. */
  readonly waitMs: number;
  /** How long an impl may take to answer a replayed `initialize`. */
  readonly replayMs: number;
}

export const defaultSessionLimits: SessionLimits = { maxOpen: 64, maxSendings: 5, waitMs: 30_000, replayMs: 10_000 };

export interface SessionCounters {
  resent: number;
  swallowed: number;
}

interface OpenRequest {
  readonly message: JsonRpcRequest;
  sendings: number;
  /** Since when it waits for an impl; undefined while one has it. */
  waitingSinceMs: number | undefined;
}

type Link =
  | { readonly state: "away" }
  | { readonly state: "replaying"; readonly initializeId: RequestId; readonly sinceMs: number }
  | { readonly state: "attached" }
  /** The next impl refused the replayed `initialize`: the client must begin anew. */
  | { readonly state: "lost" };

/** What the next impl must be told; filled as the conversation goes. */
interface Memory {
  /** Answered with a result, so it holds. */
  initialize: JsonRpcRequest | undefined;
  initialized: JsonRpcNotification | undefined;
  logLevel: JsonRpcRequest | undefined;
  readonly subscriptions: Map<unknown, JsonRpcRequest>;
}

export class Session {
  readonly #port: SessionPort;
  readonly #limits: SessionLimits;
  readonly #counters: SessionCounters;
  readonly #nowMs: () => number;
  readonly #memory: Memory = {
    initialize: undefined,
    initialized: undefined,
    logLevel: undefined,
    subscriptions: new Map(),
  };
  readonly #open = new Map<RequestId, OpenRequest>();
  readonly #swallow = new Set<RequestId>();
  /** Our id of a request of impl to the client → its own. */
  readonly #asked = new Map<RequestId, RequestId>();
  #askedCount = 0;
  #link: Link = { state: "away" };
  #leaving = false;

  constructor(
    port: SessionPort,
    nowMs: () => number,
    limits: SessionLimits = defaultSessionLimits,
    counters: SessionCounters = { resent: 0, swallowed: 0 },
  ) {
    this.#port = port;
    this.#nowMs = nowMs;
    this.#limits = limits;
    this.#counters = counters;
  }

  get openRequests(): number {
    return this.#open.size;
  }

  fromClient(message: JsonRpcMessage): void {
    if (isRequest(message)) this.#request(message);
    else if (isResponse(message)) this.#answerOfClient(message);
    else this.#notificationOfClient(message);
  }

  fromImpl(message: JsonRpcMessage): void {
    if (isResponse(message)) this.#answerOfImpl(message);
    else if (isRequest(message)) this.#requestOfImpl(message);
    else this.#port.toClient(this.#translateCancelled(message));
  }

  /** An impl takes the session; `session-open` has been sent to it. */
  attach(implNumber: number): void {
    const { initialize } = this.#memory;
    if (initialize === undefined) {
      this.#handOver();
      return;
    }
    const initializeId = `federation/replay:${implNumber}:initialize`;
    this.#swallow.add(initializeId);
    this.#link = { state: "replaying", initializeId, sinceMs: this.#nowMs() };
    this.#port.toImpl({ ...initialize, id: initializeId });
  }

  /** The impl is gone: what it had waits for the next one. */
  detach(): void {
    this.#link = { state: "away" };
    this.#swallow.clear();
    for (const ours of this.#asked.keys()) {
      const params = { requestId: ours, reason: "The node's logic restarted; the request is void." };
      this.#port.toClient({ jsonrpc: "2.0", method: "notifications/cancelled", params });
    }
    this.#asked.clear();
    for (const request of [...this.#open.values()]) {
      if (request.sendings >= this.#limits.maxSendings) {
        this.#refuse(request, rpcCodes.internalError, "The node's logic ended each time it was given this call.");
      } else {
        request.waitingSinceMs = this.#nowMs();
      }
    }
  }

  /** Answers what has waited too long. False when the session cannot be resumed and must be closed. */
  expire(): boolean {
    const now = this.#nowMs();
    for (const request of [...this.#open.values()]) {
      if (request.waitingSinceMs !== undefined && now - request.waitingSinceMs >= this.#limits.waitMs) {
        this.#refuse(request, rpcCodes.unavailable, "The node is restarting and did not come back in time.");
      }
    }
    if (this.#link.state === "replaying") return now - this.#link.sinceMs < this.#limits.replayMs;
    return this.#link.state !== "lost";
  }

  /** From now on new requests are refused; answers to open ones still pass. */
  leave(): void {
    this.#leaving = true;
  }

  /** Answers everything still open, at the end of a drain. */
  refuseOpen(): void {
    for (const request of [...this.#open.values()]) {
      this.#refuse(request, rpcCodes.unavailable, "The node is leaving; ask again under the same call id.");
    }
  }

  #request(given: JsonRpcRequest): void {
    if (this.#open.has(given.id) || String(given.id).startsWith("federation/")) {
      const text = "This id is that of an unanswered request, or begins with federation/.";
      this.#port.toClient(rpcError(given.id, rpcCodes.invalidRequest, text));
      return;
    }
    const request: OpenRequest = { message: withCallId(given), sendings: 0, waitingSinceMs: this.#nowMs() };
    if (this.#leaving) {
      this.#refuse(request, rpcCodes.unavailable, "The node is leaving and takes no new calls; connect again.");
    } else if (this.#open.size >= this.#limits.maxOpen) {
      const text = `${this.#limits.maxOpen} requests are unanswered; wait for some of them.`;
      this.#refuse(request, rpcCodes.limitExceeded, text);
    } else {
      this.#open.set(given.id, request);
      if (this.#link.state === "attached") this.#send(request);
    }
  }

  #notificationOfClient(message: JsonRpcNotification): void {
    if (message.method === "notifications/initialized") {
      this.#memory.initialized = message;
    } else if (message.method === "notifications/cancelled") {
      const id = message.params?.["requestId"];
      if (typeof id === "string" || typeof id === "number") this.#open.delete(id);
    }
    // Without an impl, what is not remembered is void: progress, list changes; the next impl asks anew.
    if (this.#link.state === "attached") this.#port.toImpl(message);
  }

  #answerOfClient(message: JsonRpcResponse): void {
    const ours = message.id;
    if (ours === undefined || ours === null) return;
    const theirs = this.#asked.get(ours);
    if (theirs === undefined || !this.#asked.delete(ours)) return;
    this.#port.toImpl({ ...message, id: theirs });
  }

  #requestOfImpl(message: JsonRpcRequest): void {
    const ours = `federation/${++this.#askedCount}`;
    this.#asked.set(ours, message.id);
    this.#port.toClient({ ...message, id: ours });
  }

  #translateCancelled(message: JsonRpcNotification): JsonRpcNotification {
    if (message.method !== "notifications/cancelled") return message;
    const theirs = message.params?.["requestId"];
    for (const [ours, known] of this.#asked) {
      if (known !== theirs) continue;
      this.#asked.delete(ours);
      return { ...message, params: { ...message.params, requestId: ours } };
    }
    return message;
  }

  #answerOfImpl(message: JsonRpcResponse): void {
    const id = message.id ?? undefined;
    if (id !== undefined && this.#swallow.delete(id)) {
      this.#counters.swallowed++;
      if (this.#link.state === "replaying" && this.#link.initializeId === id) this.#replayed(message);
      return;
    }
    const request = id === undefined ? undefined : this.#open.get(id);
    if (id === undefined || request === undefined) return;
    this.#open.delete(id);
    if ("result" in message) this.#remember(request.message);
    this.#port.toClient(message);
  }

  #replayed(message: JsonRpcResponse): void {
    if ("result" in message) this.#handOver();
    else this.#link = { state: "lost" };
  }

  #handOver(): void {
    this.#link = { state: "attached" };
    const { initialized, logLevel, subscriptions } = this.#memory;
    if (initialized !== undefined) this.#port.toImpl(initialized);
    const replays = [...(logLevel === undefined ? [] : [logLevel]), ...subscriptions.values()];
    replays.forEach((message, index) => {
      const id = `federation/replay:${index}`;
      this.#swallow.add(id);
      this.#port.toImpl({ ...message, id });
    });
    for (const request of this.#open.values()) this.#send(request);
  }

  #send(request: OpenRequest): void {
    request.waitingSinceMs = undefined;
    if (++request.sendings > 1) this.#counters.resent++;
    this.#port.toImpl(request.message);
  }

  #refuse(request: OpenRequest, code: number, text: string): void {
    const { id, params } = request.message;
    this.#open.delete(id);
    const callId = callIdOf(params);
    this.#port.toClient(rpcError(id, code, text, callId === undefined ? undefined : { callId }));
  }

  #remember(message: JsonRpcRequest): void {
    const uri = message.params?.["uri"];
    if (message.method === "initialize") this.#memory.initialize = message;
    else if (message.method === "logging/setLevel") this.#memory.logLevel = message;
    else if (message.method === "resources/subscribe") this.#memory.subscriptions.set(uri, message);
    else if (message.method === "resources/unsubscribe") this.#memory.subscriptions.delete(uri);
  }
}

function callIdOf(params: JsonRpcRequest["params"]): unknown {
  const meta = params?.["_meta"];
  return isFields(meta) ? meta[callIdMetaKey] : undefined;
}

/** Every tool call has an id its outcome is recorded under: the caller's own, or one made here, once. */
function withCallId(message: JsonRpcRequest): JsonRpcRequest {
  if (message.method !== "tools/call" || callIdOf(message.params) !== undefined) return message;
  const meta = message.params?.["_meta"];
  const withId = { ...(isFields(meta) ? meta : {}), [callIdMetaKey]: randomUUID() };
  return { ...message, params: { ...message.params, _meta: withId } };
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
