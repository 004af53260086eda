/**
 * One session of the eras before 2026-07-28 over HTTP, as a wire: many requests, of which each may come on another
 * connection.
 *
 * 1. Every request has an exchange until it is answered, whether its client still listens or not: hanging up cancels
 *    nothing here.
 * 2. What belongs to a call goes down that call's stream, everything else down the newest GET stream, and while there
 *    is none it waits. Each message goes down one stream only.
 * 3. The last events are kept. A client that comes back with `Last-Event-ID` gets what it missed of that stream; where
 *    that is gone, a call is answered with what to do, never left open.
 */
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { eventIdCall, eventIdPrefix, generalStream, readEventId } from "./event-id.ts";
import { EventLog } from "./event-log.ts";
import { EventStream } from "./event-stream.ts";
import { answerAccepted, answerMessage, answerRefusal, type HttpRefusal } from "./http-answer.ts";
import { statusOfClose } from "./http-call.ts";
import { knowsEmptyEvents } from "./http-era.ts";
import { GeneralStream } from "./http-general-stream.ts";
import type { Accepted } from "./http-headers.ts";
import type { HttpLimits } from "./http-limits.ts";
import {
  isRequest,
  isResponse,
  type JsonRpcError,
  type JsonRpcMessage,
  type JsonRpcRequest,
  type JsonRpcResponse,
  type RequestId,
  rpcCodes,
} from "./json-rpc.ts";
import { awayAnswer, withCallId } from "./own-answer.ts";
import type { SessionHandle, Wire } from "./wire.ts";

/** What a client waits before it comes back to a stream that ended. */
const retryMs = 1000;

interface Exchange {
  readonly request: JsonRpcRequest;
  readonly name: string;
  readonly idCall: string;
  /** Where the answer goes as JSON, unless there is a stream. */
  readonly response: ServerResponse;
  readonly accepted: Accepted;
  stream: EventStream | undefined;
}

export interface HttpSessionOptions {
  /** `Mcp-Session-Id`. */
  readonly id: string;
  readonly actor: string;
  readonly limits: HttpLimits & { readonly maxUnreadBytes: number };
  readonly nowMs: () => number;
  /** The session is over. */
  readonly onEnded: () => void;
}

export class HttpSession implements Wire {
  readonly id: string;
  readonly actor: string;
  readonly #options: HttpSessionOptions;
  readonly #tag = randomBytes(4).toString("hex");
  /** Apart from the events of calls: many answers do not push out what nobody has heard yet. */
  readonly #general: GeneralStream;
  readonly #ofCalls: EventLog;
  readonly #exchanges = new Map<RequestId, Exchange>();
  /** Calls whose streams were left are looked for here by name. */
  readonly #byName = new Map<string, Exchange>();
  #streams = 0;
  #usedMs: number;
  /** Agreed on at `initialize`. */
  #version: string | undefined;
  #handle: SessionHandle | undefined;
  #initialize: PromiseWithResolvers<JsonRpcResponse | undefined> | undefined;
  #initializeId: RequestId | undefined;
  #over = false;

  constructor(options: HttpSessionOptions) {
    this.#options = options;
    this.id = options.id;
    this.actor = options.actor;
    this.#general = new GeneralStream(options.limits, (number) => this.#eventId(generalStream, number, ""));
    this.#ofCalls = new EventLog(options.limits);
    this.#usedMs = options.nowMs();
  }

  /** Since when nothing is under way and nobody listens; undefined while it is in use. */
  get idleSinceMs(): number | undefined {
    const used = this.#exchanges.size > 0 || this.#general.open || this.#initialize !== undefined;
    return used ? undefined : this.#usedMs;
  }

  get over(): boolean {
    return this.#over;
  }

  get unreadBytes(): number {
    return 0;
  }

  /** The hub has it from now on. */
  bind(handle: SessionHandle): void {
    this.#handle = handle;
    if (this.#over) handle.closed(1001);
  }

  /** Sends `initialize`; resolves with its answer, or undefined when the session ended over it. */
  async initialize(request: JsonRpcRequest): Promise<JsonRpcResponse | undefined> {
    this.#initialize = Promise.withResolvers();
    this.#initializeId = request.id;
    if (this.#over) return undefined;
    this.#receive(request, (error) => this.#initialize?.resolve(error));
    const answer = await this.#initialize.promise;
    this.#initialize = undefined;
    this.#usedMs = this.#options.nowMs();
    if (answer === undefined || "error" in answer) return answer;
    const version = answer.result["protocolVersion"];
    this.#version = typeof version === "string" ? version : undefined;
    return answer;
  }

  /** Tells impl that the client is there: it said so to an earlier run, or before it was idle. */
  initialized(): void {
    this.#receive({ jsonrpc: "2.0", method: "notifications/initialized" }, () => undefined);
  }

  /** For a client that takes no JSON. */
  answerOnStream(response: ServerResponse, answer: JsonRpcResponse): void {
    const stream = this.#openStream(response);
    stream.send({ data: JSON.stringify(answer) });
    stream.end();
  }

  /** Takes a posted message. */
  post(message: JsonRpcMessage, response: ServerResponse, accepted: Accepted): void {
    this.#usedMs = this.#options.nowMs();
    if (isRequest(message)) this.#request(withCallId(message), response, accepted);
    else this.#tell(message, response);
  }

  /** Opens a stream for what belongs to no call, or goes on with one that broke. */
  listen(response: ServerResponse, lastEventId: string | undefined): HttpRefusal | undefined {
    this.#usedMs = this.#options.nowMs();
    const from = lastEventId === undefined ? undefined : readEventId(lastEventId);
    if (lastEventId !== undefined && from === undefined) {
      return { status: 400, message: "Last-Event-ID is no id of an event of this node." };
    }
    const stream = this.#openStream(response);
    if (from !== undefined && from.stream !== generalStream) {
      this.#resume(stream, from.stream, from.tag === this.#tag ? from.number : undefined, from.call);
      return undefined;
    }
    if (from?.tag === this.#tag) this.#general.goBackTo(from.number);
    if (knowsEmptyEvents(this.#version)) stream.prime(this.#general.lastId, retryMs);
    this.#general.add(stream, () => {
      this.#usedMs = this.#options.nowMs();
    });
    return undefined;
  }

  send(message: JsonRpcMessage, related?: RequestId): void {
    if (isResponse(message)) {
      const id = message.id ?? undefined;
      if (id === undefined) return;
      if (this.#initialize !== undefined && id === this.#initializeId) this.#initialize.resolve(message);
      else this.#answer(id, message);
      return;
    }
    const exchange = related === undefined ? undefined : this.#exchanges.get(related);
    const data = JSON.stringify(message);
    if (exchange?.accepted.stream === true) {
      this.#say(exchange, data);
    } else {
      this.#general.say(data);
    }
  }

  close(code: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#initialize?.resolve(undefined);
    for (const exchange of this.#exchanges.values()) {
      if (exchange.stream !== undefined) exchange.stream.end();
      else this.#refuse(exchange, { status: statusOfClose(code), message: reason });
    }
    this.#exchanges.clear();
    this.#byName.clear();
    this.#general.end();
    this.#options.onEnded();
    this.#handle?.closed(code);
  }

  terminate(): void {
    this.close(1011, "The session was ended.");
  }

  #receive(message: JsonRpcMessage, refuse: (error: JsonRpcError) => void): void {
    this.#handle?.receive({ kind: "message", message }, refuse);
  }

  #tell(message: JsonRpcMessage, response: ServerResponse): void {
    let refused = false;
    this.#receive(message, (error) => {
      refused = true;
      answerRefusal(response.req, response, { status: 429, message: error.error.message });
    });
    if (!refused) answerAccepted(response);
    // Nobody will answer it any more.
    if ("method" in message && message.method === "notifications/cancelled")
      this.#forget(message.params?.["requestId"]);
  }

  #request(request: JsonRpcRequest, response: ServerResponse, accepted: Accepted): void {
    if (this.#exchanges.has(request.id)) {
      const message = "This id is that of an unanswered request.";
      answerRefusal(response.req, response, { status: 400, message, id: request.id });
      return;
    }
    const name = String(++this.#streams);
    const idCall = eventIdCall(request);
    const exchange: Exchange = { request, name, idCall, response, accepted, stream: undefined };
    this.#exchanges.set(request.id, exchange);
    this.#byName.set(name, exchange);
    this.#receive(request, (error) => this.#answer(request.id, error));
    // Answered at once: that was a refusal, and has a status.
    if (!this.#exchanges.has(request.id) || !accepted.stream) return;
    exchange.stream = this.#openStream(response);
    if (knowsEmptyEvents(this.#version)) {
      exchange.stream.prime(this.#eventId(name, this.#ofCalls.last, idCall), retryMs);
    }
    this.#watch(exchange, exchange.stream);
  }

  #answer(id: RequestId, message: JsonRpcResponse): void {
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    this.#drop(exchange);
    const code = "error" in message ? message.error.code : 0;
    if (exchange.stream === undefined && !exchange.response.headersSent) {
      // No stream yet: it is refused before it was begun, or the client takes none.
      const status = code === rpcCodes.limitExceeded ? 429 : code === rpcCodes.unavailable ? 503 : 200;
      answerMessage(exchange.response, message, status);
      return;
    }
    this.#say(exchange, JSON.stringify(message));
    exchange.stream?.end();
  }

  /** An event on the stream of a call, kept for a client that left it. */
  #say(exchange: Exchange, data: string): void {
    const event = this.#ofCalls.add(exchange.name, data);
    exchange.stream?.send({ id: this.#eventId(exchange.name, event.number, exchange.idCall), data });
  }

  #resume(stream: EventStream, name: string, behind: number | undefined, call: JsonRpcRequest | undefined): void {
    const exchange = behind === undefined ? undefined : this.#byName.get(name);
    const missed = behind === undefined ? [] : this.#ofCalls.after(name, behind);
    const idCall = call === undefined ? "" : eventIdCall(call);
    for (const { number, data } of missed) stream.send({ id: this.#eventId(name, number, idCall), data });
    if (exchange !== undefined) {
      exchange.stream?.end();
      exchange.stream = stream;
      this.#watch(exchange, stream);
      return;
    }
    if (missed.length === 0 && call !== undefined) {
      const answer = awayAnswer(call, "The answer to this call is not kept here any more.");
      stream.send({ data: JSON.stringify(answer) });
    }
    stream.end();
  }

  #watch(exchange: Exchange, stream: EventStream): void {
    stream.onClosed(() => {
      if (exchange.stream === stream) exchange.stream = undefined;
    });
  }

  #forget(id: unknown): void {
    const exchange = typeof id === "string" || typeof id === "number" ? this.#exchanges.get(id) : undefined;
    if (exchange === undefined) return;
    this.#drop(exchange);
    if (exchange.stream !== undefined) exchange.stream.end();
    else this.#refuse(exchange, { status: 400, message: "The request was cancelled." });
  }

  #refuse({ response, request }: Exchange, refusal: HttpRefusal): void {
    answerRefusal(response.req, response, { ...refusal, id: request.id });
  }

  #drop(exchange: Exchange): void {
    this.#exchanges.delete(exchange.request.id);
    this.#byName.delete(exchange.name);
    this.#usedMs = this.#options.nowMs();
  }

  #openStream(response: ServerResponse): EventStream {
    return new EventStream(response, { "mcp-session-id": this.id }, this.#options.limits);
  }

  #eventId(stream: string, number: number, call: string): string {
    return `${eventIdPrefix(this.#tag, stream)}${number}${call}`;
  }
}
