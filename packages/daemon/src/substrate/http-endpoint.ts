/**
 * MCP over Streamable HTTP, both eras, at one path.
 *
 * 1. Every request brings its token. Impl is asked about it each time, except where it is the very token its session
 *    was opened with: that session's credential is watched by impl, which closes the session when it is revoked. So a
 *    call of an open session waits for an impl as calls on a socket do, and is not refused while there is none.
 * 2. No body is read of somebody who is not admitted, and none beyond the size of a message.
 * 3. A request of the 2026-07-28 era is a session of its own for as long as its answer lasts. Its rate is counted by
 *    credential, and so is that of beginning sessions and of taking them up again.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@federation/runtime/ports";
import { bearerOf, holdsToken } from "./admission.ts";
import { type Authenticator, tokenDigest } from "./authenticator.ts";
import { allowedMethods, answerAccepted, answerMessage, answerRefusal, type HttpRefusal } from "./http-answer.ts";
import { readBody } from "./http-body.ts";
import { HttpCall } from "./http-call.ts";
import { checkSessionVersion, headerOf, routePost } from "./http-era.ts";
import { type Accepted, acceptedForms, checkPostHeaders, preflightHeaders, tooLarge } from "./http-headers.ts";
import type { HttpSession } from "./http-session.ts";
import { HttpSessions, tooFast, type Visitor } from "./http-sessions.ts";
import { maxMessageBytes, parseIncoming } from "./incoming-message.ts";
import { isRequest, type JsonRpcMessage, type JsonRpcRequest } from "./json-rpc.ts";
import type { HubLimits, SessionHub } from "./session-hub.ts";
import { TokenBucket } from "./token-bucket.ts";

const maxRates = 4096;
/** A request waits this long at most for what its actor's clients sent before. */
const maxRestMs = 5000;

export interface HttpEndpointOptions {
  readonly hub: SessionHub;
  readonly authenticator: Authenticator;
  readonly limits: HubLimits;
  readonly log: Log;
  readonly nowMs: () => number;
  /** What clients see of tools, resources and prompts now. */
  readonly surface: () => string | null;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Undefined: it is answered, or will be. */
type Outcome = HttpRefusal | undefined;
type Refused = { readonly refusal: HttpRefusal };

export class HttpEndpoint {
  readonly #options: HttpEndpointOptions;
  readonly #sessions: HttpSessions;
  /** Calls under way that are no session's, by actor. */
  readonly #calls = new Map<string, number>();
  readonly #rates = new Map<string, TokenBucket>();
  #leaving = false;

  constructor(options: HttpEndpointOptions) {
    this.#options = options;
    this.#sessions = new HttpSessions(options);
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Calls under way that are no session's. */
  get calls(): number {
    let calls = 0;
    for (const own of this.#calls.values()) calls += own;
    return calls;
  }

  leave(): void {
    this.#leaving = true;
  }

  close(): void {
    this.#sessions.close();
  }

  /** Answers a request whose source has been checked. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const refusal = await this.#serve({ request, response });
      if (refusal !== undefined) answerRefusal(request, response, refusal);
    } catch (error) {
      this.#options.log.error({ error }, "A request to the MCP endpoint met a defect.");
      answerRefusal(request, response, { status: 500, message: "The node could not answer this request." });
    }
  }

  async #serve(exchange: Exchange): Promise<Outcome> {
    const { request, response } = exchange;
    if (this.#leaving) return { status: 503, message: "The node is leaving; try again when it is back." };
    if (holdsToken(request.url)) {
      return { status: 400, message: "A token is never taken from the address; send it as Authorization: Bearer." };
    }
    switch (request.method) {
      case "OPTIONS":
        response.writeHead(204, preflightHeaders(request.headers, allowedMethods)).end();
        return undefined;
      case "POST":
        return this.#post(exchange);
      case "GET":
        return this.#get(exchange);
      case "DELETE":
        return this.#delete(exchange);
      default:
        return { status: 405, message: `Use one of ${allowedMethods}.` };
    }
  }

  async #post({ request, response }: Exchange): Promise<Outcome> {
    const unfit = checkPostHeaders(request.headers, maxMessageBytes);
    const accepted = acceptedForms(request.headers);
    if (unfit !== undefined || accepted === undefined) return unfit;
    const who = await this.#admit(request);
    if ("refusal" in who) return who.refusal;
    const body = await readBody(request, maxMessageBytes);
    if (body.kind === "cut off") return undefined;
    if (body.kind === "too large") return tooLarge(maxMessageBytes);
    const restMs = this.#options.hub.read(who.actor, body.bytes.length);
    if (restMs > maxRestMs) return tooFast;
    if (restMs > 0) await sleep(restMs);
    const incoming = parseIncoming(body.bytes, false);
    if (incoming.kind === "malformed") {
      const { id = null, error } = incoming.answer;
      return this.#withinRate(who) ? { status: 400, message: error.message, code: error.code, id } : tooFast;
    }
    const outcome = await this.#take(incoming.message, who, accepted, { request, response });
    const id = isRequest(incoming.message) ? incoming.message.id : null;
    return outcome === undefined ? undefined : { id, ...outcome };
  }

  async #take(message: JsonRpcMessage, who: Visitor, accepted: Accepted, exchange: Exchange): Promise<Outcome> {
    const { request, response } = exchange;
    const route = routePost(message, request.headers);
    if (route.kind === "call") return this.#call(route.request, who, accepted, response);
    if (route.kind === "session") {
      const version = checkSessionVersion(request.headers);
      if (version !== undefined) return { status: 400, message: version };
      const begins = isRequest(message) && message.method === "initialize" ? message : undefined;
      return begins === undefined
        ? this.#postToSession(message, who, accepted, exchange)
        : this.#begin(begins, who, accepted, exchange);
    }
    if (!this.#withinRate(who)) return tooFast;
    if (route.kind === "refused") return { status: 400, code: route.code, message: route.message };
    answerAccepted(response);
    return undefined;
  }

  /** See invariant 3. */
  #call(request: JsonRpcRequest, who: Visitor, accepted: Accepted, response: ServerResponse): Outcome {
    const { limits, hub } = this.#options;
    if (!this.#withinRate(who)) return tooFast;
    const own = this.#calls.get(who.actor) ?? 0;
    if (own >= limits.maxCallsPerActor) {
      return { status: 429, message: "This actor has too many calls under way; wait for some of them." };
    }
    if (this.calls >= limits.maxCalls) return { status: 503, message: "The node has too many calls under way." };
    if (request.method === "subscriptions/listen" && !accepted.stream) return streamOnly;
    if (response.destroyed) return undefined;
    this.#calls.set(who.actor, own + 1);
    response.once("close", () => {
      const left = (this.#calls.get(who.actor) ?? 1) - 1;
      if (left > 0) this.#calls.set(who.actor, left);
      else this.#calls.delete(who.actor);
    });
    const call = new HttpCall({ request, response, accepted, limits });
    call.begin(hub.open(call, who.actor, who.credential, { brief: true }));
    return undefined;
  }

  async #begin(
    message: JsonRpcRequest,
    who: Visitor,
    accepted: Accepted,
    { request, response }: Exchange,
  ): Promise<Outcome> {
    if (request.headers["mcp-session-id"] !== undefined) {
      return { status: 400, message: "A session is initialized once; begin another without Mcp-Session-Id." };
    }
    if (!this.#withinRate(who)) return tooFast;
    const begun = await this.#sessions.begin(message, who);
    if ("refusal" in begun) return begun.refusal;
    const { session, answer } = begun;
    if (response.destroyed) session.close(1000, "The client left before it began.");
    else if (!session.over) response.setHeader("mcp-session-id", session.id);
    if (accepted.json) answerMessage(response, answer);
    else session.answerOnStream(response, answer);
    return undefined;
  }

  async #postToSession(
    message: JsonRpcMessage,
    who: Visitor,
    accepted: Accepted,
    exchange: Exchange,
  ): Promise<Outcome> {
    const { request, response } = exchange;
    const found = await this.#find(request, who);
    if ("refusal" in found) return found.refusal;
    found.session.post(message, response, accepted);
    return undefined;
  }

  async #get({ request, response }: Exchange): Promise<Outcome> {
    if (acceptedForms(request.headers)?.stream !== true) return streamOnly;
    const who = await this.#admit(request);
    if ("refusal" in who) return who.refusal;
    const found = await this.#find(request, who);
    if ("refusal" in found) return found.refusal;
    if (response.destroyed) return undefined;
    return found.session.listen(response, headerOf(request.headers, "last-event-id"));
  }

  async #delete({ request, response }: Exchange): Promise<Outcome> {
    const who = await this.#admit(request);
    if ("refusal" in who) return who.refusal;
    if (!this.#sessions.delete(headerOf(request.headers, "mcp-session-id"), who)) {
      return { status: 404, message: "There is no such session." };
    }
    response.writeHead(200).end();
    return undefined;
  }

  #find(request: IncomingMessage, who: Visitor): Promise<Refused | { readonly session: HttpSession }> {
    const version = checkSessionVersion(request.headers);
    if (version !== undefined) return Promise.resolve({ refusal: { status: 400, message: version } });
    return this.#sessions.find(headerOf(request.headers, "mcp-session-id"), who, () => this.#withinRate(who));
  }

  /** See invariant 1. */
  async #admit(request: IncomingMessage): Promise<Visitor | Refused> {
    const token = bearerOf(request.headers);
    if (token === undefined) {
      return { refusal: { status: 401, message: "Send this actor's token as Authorization: Bearer." } };
    }
    const digest = tokenDigest(token);
    const opener = this.#sessions.openerOf(headerOf(request.headers, "mcp-session-id"), digest);
    if (opener !== undefined) return opener;
    const { authenticator, limits } = this.#options;
    const asker = { origin: request.headers.origin, remoteAddress: request.socket.remoteAddress ?? "unknown" };
    const who = await authenticator.admit({ kind: "bearer", token }, asker, limits.waitMs);
    return "refusal" in who ? who : { ...who, digest };
  }

  /** For what is counted by no session. */
  #withinRate({ credential }: Visitor): boolean {
    let rate = this.#rates.get(credential);
    if (rate === undefined) {
      rate = new TokenBucket(this.#options.limits, this.#options.nowMs);
      this.#rates.set(credential, rate);
      for (const oldest of this.#rates.keys()) {
        if (this.#rates.size <= maxRates) break;
        this.#rates.delete(oldest);
      }
    }
    return rate.take();
  }
}

const streamOnly: HttpRefusal = { status: 406, message: "This is answered as text/event-stream; accept it." };
