/**
 * One client's JSON-RPC conversation, which outlives whoever answers it. Knows envelopes, ids and method names, never
 * tasks. Those who answer are called impls and have numbers: in the substrate they are processes, in the stdio stub
 * connections to a daemon.
 *
 * 1. Every request of the client gets exactly one answer: that of the impl which has it, or one from here.
 * 2. New requests go to the current impl. A request stays with the impl it was given to until that one answers, is
 *    gone or is released; then it goes to the current one, in its old order, under its old id and call id. A request
 *    over which `maxSendings` impls died is answered here.
 * 3. What the next impl must know (`initialize`, `initialized`, log level, subscriptions) is replayed to it before it
 *    becomes the current one, and its answers to that are swallowed. Until then the impl before it goes on.
 * 4. A `subscriptions/listen` is a request that stays open: it goes over with every switch, the client sees one
 *    acknowledgement, and it is never what an impl died of.
 * 5. Requests of impl to the client get ids of their own; answers return to the impl that asked, and to no other.
 * 6. Nothing an impl says after it is gone or released reaches the client.
 */
import { ImplRequests } from "./impl-requests.ts";
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
import { awayAnswer, isFields, poisonAnswer, withCallId } from "./own-answer.ts";
import { SessionMemory } from "./session-memory.ts";

export interface SessionPort {
  /** `related`: the client's request that a notification or request of impl belongs to. */
  toClient(message: JsonRpcMessage, related?: RequestId): void;
  toImpl(message: JsonRpcMessage, impl: number): void;
  /** Asked when a request waits for an impl: what to say of it, and after how long. As the limits have it when absent. */
  away?(): Away;
  /** What the ids of its replays begin with; a session whose impls hold sessions themselves has a beginning of its own. */
  readonly ownIds?: string;
}

export interface Away {
  readonly why: string;
  readonly waitMs: number;
}

export interface SessionLimits {
  /** Requests of one session without an answer. */
  readonly maxOpen: number;
  /** Characters of a request that stays open: it is kept as long as its client likes. */
  readonly maxListenLength: number;
  /** Impls one request is given to before it is taken for what kills them. */
  readonly maxSendings: number;
  /** How long a request waits for an impl. */
  readonly waitMs: number;
  /** How long an impl may take to answer a replayed `initialize`. */
  readonly replayMs: number;
}

export const defaultSessionLimits: SessionLimits = {
  maxOpen: 64,
  maxListenLength: 64 * 1024,
  maxSendings: 5,
  waitMs: 30_000,
  replayMs: 10_000,
};

export interface SessionCounters {
  resent: number;
  swallowed: number;
}

/** absent: not attached, or gone; lost: it refused the replay, or did not answer it in time. */
export type SeatState = "absent" | "replaying" | "seated" | "lost";

/** An impl's place in the conversation. */
interface Seat {
  readonly impl: number;
  state: Exclude<SeatState, "absent">;
  readonly sinceMs: number;
  /** It was given the client's `initialize`, and has heard `initialized`. */
  begun: boolean;
  initialized: boolean;
  replays: number;
  readonly initializeId: RequestId;
  /** Ids of replayed requests whose answers are not for the client. */
  readonly swallow: Set<RequestId>;
}

interface OpenRequest {
  readonly message: JsonRpcRequest;
  /** Who has it; undefined while it waits for one. */
  holder: number | undefined;
  waitingSinceMs: number;
  sendings: number;
  /** Impls that were gone while they had it. */
  deaths: number;
  /** A listen of which the client has seen the acknowledgement. */
  acknowledged: boolean;
  /** The impl a listen came from, until the next one has acknowledged it. */
  leaves: number | undefined;
}

const listenMethod = "subscriptions/listen";
const acknowledgedMethod = "notifications/subscriptions/acknowledged";
const subscriptionIdKey = "io.modelcontextprotocol/subscriptionId";

export class Session {
  readonly #port: SessionPort;
  readonly #limits: SessionLimits;
  readonly #counters: SessionCounters;
  readonly #nowMs: () => number;
  readonly #ownIds: string;
  readonly #memory = new SessionMemory();
  readonly #open = new Map<RequestId, OpenRequest>();
  readonly #seats = new Map<number, Seat>();
  readonly #asked = new ImplRequests();
  /** The impl that was attached last; it becomes `#current` once it is seated. */
  #latest: number | undefined;
  /** The impl new requests go to. */
  #current: number | undefined;
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
    this.#ownIds = port.ownIds ?? "federation/";
  }

  get openRequests(): number {
    return this.#open.size;
  }

  /** Requests without an answer that will get one; open listens are none of them. */
  get openCalls(): number {
    return [...this.#open.values()].filter(({ message }) => !isListen(message)).length;
  }

  /** Requests this impl has not answered yet; open listens are none of them. */
  openAt(impl: number): number {
    return [...this.#open.values()].filter(({ holder, message }) => holder === impl && !isListen(message)).length;
  }

  stateOf(impl: number): SeatState {
    return this.#seats.get(impl)?.state ?? "absent";
  }

  fromClient(message: JsonRpcMessage): void {
    if (isRequest(message)) this.#request(message);
    else if (isResponse(message)) this.#answerOfClient(message);
    else this.#notificationOfClient(message);
  }

  fromImpl(message: JsonRpcMessage, impl: number, related?: RequestId): void {
    const seat = this.#seats.get(impl);
    if (seat === undefined) return;
    if (isResponse(message)) this.#answerOfImpl(message, seat);
    // A server says nothing of its own before `initialized`, and what it would say now is not yet true.
    else if (seat.state !== "seated") return;
    else if (isRequest(message)) this.#port.toClient(this.#asked.ask(message, impl, related), related);
    else this.#notificationOfImpl(message, impl, related);
  }

  /**
   * New requests are to go to this impl, once what it must know has been replayed to it; the one before keeps what it
   * has. An impl that has its place already only gets what it missed while another was the current one.
   */
  attach(impl: number): void {
    this.#latest = impl;
    const known = this.#seats.get(impl);
    const { initialize } = this.#memory;
    // A conversation that began with another is unknown to an impl that was there before it began.
    if (known !== undefined && known.state !== "lost" && (known.begun || initialize === undefined)) {
      if (known.state === "seated" && this.#current !== impl) this.#become(known);
      return;
    }
    const initializeId = `${this.#ownIds}replay:${impl}:initialize`;
    const begun = initialize !== undefined;
    const place = { impl, sinceMs: this.#nowMs(), begun, initialized: false, replays: 0, initializeId };
    if (initialize === undefined) {
      const seat: Seat = { ...place, state: "seated", swallow: new Set() };
      this.#seats.set(impl, seat);
      this.#become(seat);
    } else {
      this.#seats.set(impl, { ...place, state: "replaying", swallow: new Set([initializeId]) });
      this.#port.toImpl({ ...initialize, id: initializeId }, impl);
    }
  }

  /** The impl is gone: what it had goes to the current one, or waits for one. */
  detach(impl: number): void {
    this.#remove(impl, "gone");
  }

  /** Takes from the impl what it still has, as from one that is gone, but does not hold it against the requests. */
  release(impl: number): void {
    this.#remove(impl, "released");
  }

  /** Tells the client, as far as it wants to know, to list anew what there is. */
  listsChanged(): void {
    const plain = this.#memory.initialized !== undefined;
    for (const kind of ["tools", "resources", "prompts"]) {
      const message = { jsonrpc: "2.0", method: `notifications/${kind}/list_changed` } as const;
      if (plain) this.#port.toClient(message);
      for (const { message: asked } of this.#open.values()) {
        const wanted = isListen(asked) ? asked.params?.["notifications"] : undefined;
        if (!isFields(wanted) || wanted[`${kind}ListChanged`] !== true) continue;
        this.#port.toClient({ ...message, params: { _meta: { [subscriptionIdKey]: asked.id } } }, asked.id);
      }
    }
  }

  /** Answers what has waited too long. False when the session cannot be resumed and must be closed. */
  expire(): boolean {
    const now = this.#nowMs();
    const stated = this.#port.away?.();
    const { why, waitMs } = stated ?? { why: "The node is away and did not come back in time.", ...this.#limits };
    for (const request of [...this.#open.values()]) {
      if (request.holder !== undefined || isListen(request.message)) continue;
      if (now - request.waitingSinceMs >= waitMs) this.#answer(request, awayAnswer(request.message, why));
    }
    for (const seat of this.#seats.values()) {
      if (seat.state === "replaying" && now - seat.sinceMs >= this.#limits.replayMs) seat.state = "lost";
    }
    return this.#latest === undefined || this.stateOf(this.#latest) !== "lost";
  }

  /** From now on new requests are refused; answers to open ones still pass. */
  leave(): void {
    this.#leaving = true;
  }

  /** Answers everything still open, at the end of a drain. */
  refuseOpen(why = "The node is leaving."): void {
    for (const request of [...this.#open.values()]) {
      this.#answer(request, awayAnswer(request.message, why, { leaving: true }));
    }
  }

  #request(given: JsonRpcRequest): void {
    if (this.#open.has(given.id) || String(given.id).startsWith(this.#ownIds)) {
      const text = `This id is that of an unanswered request, or begins with ${this.#ownIds}.`;
      this.#port.toClient(rpcError(given.id, rpcCodes.invalidRequest, text));
      return;
    }
    const message = withCallId(given);
    if (this.#leaving) {
      const why = "The node is leaving and takes no new calls; connect again.";
      this.#port.toClient(awayAnswer(message, why, { leaving: true }));
    } else if (this.#open.size >= this.#limits.maxOpen) {
      const text = `${this.#limits.maxOpen} requests are unanswered; wait for some of them.`;
      this.#port.toClient(rpcError(given.id, rpcCodes.limitExceeded, text));
    } else if (isListen(message) && JSON.stringify(message).length > this.#limits.maxListenLength) {
      const text = `A ${listenMethod} has at most ${this.#limits.maxListenLength} characters.`;
      this.#port.toClient(rpcError(given.id, rpcCodes.limitExceeded, text));
    } else {
      const request: OpenRequest = {
        message,
        holder: undefined,
        waitingSinceMs: this.#nowMs(),
        sendings: 0,
        deaths: 0,
        acknowledged: false,
        leaves: undefined,
      };
      this.#open.set(given.id, request);
      if (this.#current !== undefined) this.#send(request, this.#current);
    }
  }

  #notificationOfClient(message: JsonRpcNotification): void {
    let to = this.#current;
    if (message.method === "notifications/initialized") {
      this.#memory.initialized = message;
      const seat = to === undefined ? undefined : this.#seats.get(to);
      if (seat !== undefined) seat.initialized = true;
    } else if (message.method === "notifications/cancelled") {
      const id = message.params?.["requestId"];
      const request = typeof id === "string" || typeof id === "number" ? this.#open.get(id) : undefined;
      if (request !== undefined) {
        to = request.holder;
        this.#open.delete(request.message.id);
        if (request.leaves !== undefined && request.leaves !== to) this.#port.toImpl(message, request.leaves);
      }
    }
    // Without an impl, what is not remembered is void: progress, list changes; the next impl asks anew.
    if (to !== undefined) this.#port.toImpl(message, to);
  }

  #answerOfClient(message: JsonRpcResponse): void {
    const answer = this.#asked.answer(message);
    if (answer !== undefined) this.#port.toImpl(answer.message, answer.impl);
  }

  #notificationOfImpl(message: JsonRpcNotification, impl: number, related: RequestId | undefined): void {
    if (message.method === acknowledgedMethod && !this.#acknowledge(message, impl)) {
      this.#counters.swallowed++;
      return;
    }
    const own = message.method === "notifications/cancelled" ? this.#asked.cancel(message, impl) : undefined;
    if (own === undefined) this.#port.toClient(message, related);
    else this.#port.toClient(own.message, own.related);
  }

  /** False when the client has seen that its listen stands, and must not see it again. */
  #acknowledge(message: JsonRpcNotification, impl: number): boolean {
    const meta = message.params?.["_meta"];
    const id = isFields(meta) ? meta[subscriptionIdKey] : undefined;
    const request = typeof id === "string" || typeof id === "number" ? this.#open.get(id) : undefined;
    if (request === undefined) return true;
    if (request.holder === impl && request.leaves !== undefined) {
      this.#cancelAt(request.leaves, request);
      request.leaves = undefined;
    }
    const first = !request.acknowledged;
    request.acknowledged = true;
    return first;
  }

  #answerOfImpl(message: JsonRpcResponse, seat: Seat): void {
    const id = message.id ?? undefined;
    if (id === undefined) return;
    if (seat.swallow.delete(id)) {
      this.#counters.swallowed++;
      if (seat.state === "replaying" && seat.initializeId === id) this.#replayed(message, seat);
      return;
    }
    const request = this.#open.get(id);
    if (request?.holder !== seat.impl) return;
    const setting = "result" in message && this.#memory.note(request.message);
    const current = this.#current === undefined ? undefined : this.#seats.get(this.#current);
    if (setting && current !== undefined && current !== seat) this.#replay(request.message, current);
    this.#answer(request, message);
  }

  #replayed(message: JsonRpcResponse, seat: Seat): void {
    if (!("result" in message)) {
      seat.state = "lost";
      return;
    }
    seat.state = "seated";
    if (this.#latest === seat.impl) this.#become(seat);
  }

  /** From here on this impl is the current one: it gets what waits, and what never stays behind. */
  #become(seat: Seat): void {
    this.#current = seat.impl;
    const { initialized } = this.#memory;
    if (initialized !== undefined && !seat.initialized) this.#port.toImpl(initialized, seat.impl);
    seat.initialized = initialized !== undefined;
    for (const message of this.#memory.settings) this.#replay(message, seat);
    for (const request of this.#open.values()) {
      const { holder, message } = request;
      if (holder === seat.impl) continue;
      if (holder === undefined) this.#send(request, seat.impl);
      else if (isListen(message)) this.#moveListen(request, holder, seat.impl);
      // Answered by another, it would be unknown to this one, which gets all that follows.
      else if (message.method === "initialize") this.#send(request, seat.impl);
    }
  }

  #moveListen(request: OpenRequest, from: number, to: number): void {
    if (request.leaves !== undefined && request.leaves !== to) this.#cancelAt(request.leaves, request);
    request.leaves = from;
    this.#send(request, to);
  }

  #remove(impl: number, why: "gone" | "released"): void {
    this.#seats.delete(impl);
    if (this.#latest === impl) this.#latest = undefined;
    if (this.#current === impl) this.#current = undefined;
    for (const { message, related } of this.#asked.cancelAllOf(impl)) this.#port.toClient(message, related);
    for (const request of [...this.#open.values()]) {
      if (request.leaves === impl) request.leaves = undefined;
      if (request.holder !== impl) continue;
      request.holder = undefined;
      request.waitingSinceMs = this.#nowMs();
      if (why === "gone" && !isListen(request.message)) request.deaths++;
      if (request.deaths >= this.#limits.maxSendings) this.#answer(request, poisonAnswer(request.message));
      else if (this.#current !== undefined) this.#send(request, this.#current);
    }
  }

  #send(request: OpenRequest, impl: number): void {
    const seat = this.#seats.get(impl);
    if (seat !== undefined && request.message.method === "initialize") seat.begun = true;
    request.holder = impl;
    if (request.leaves === impl) request.leaves = undefined;
    if (++request.sendings > 1) this.#counters.resent++;
    this.#port.toImpl(request.message, impl);
  }

  #replay(message: JsonRpcRequest, seat: Seat): void {
    const id = `${this.#ownIds}replay:${seat.impl}:${++seat.replays}`;
    seat.swallow.add(id);
    this.#port.toImpl({ ...message, id }, seat.impl);
  }

  #answer(request: OpenRequest, answer: JsonRpcResponse): void {
    this.#open.delete(request.message.id);
    if (request.leaves !== undefined) this.#cancelAt(request.leaves, request);
    this.#port.toClient(answer);
  }

  #cancelAt(impl: number, { message }: OpenRequest): void {
    const params = { requestId: message.id, reason: "Another process goes on with it." };
    this.#port.toImpl({ jsonrpc: "2.0", method: "notifications/cancelled", params }, impl);
  }
}

function isListen(message: JsonRpcRequest): boolean {
  return message.method === listenMethod;
}
