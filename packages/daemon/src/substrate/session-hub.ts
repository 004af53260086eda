/**
 * All sessions of the node: wires to clients on one side, impls on the other.
 *
 * 1. A session lives as long as its wire, through any number of impls.
 * 2. A client that is silent, too slow, too fast or talks nonsense costs itself its session, nobody else. One that sends
 *    much is read slower.
 */
import { randomUUID } from "node:crypto";
import type { Log } from "@federation/runtime/ports";
import { defaultHttpLimits, type HttpLimits } from "./http-limits.ts";
import type { ImplProcess } from "./impl-process.ts";
import type { FromImpl, ToImpl } from "./impl-protocol.ts";
import type { Incoming } from "./incoming-message.ts";
import { isRequest, type JsonRpcError, type JsonRpcMessage, type RequestId, rpcCodes, rpcError } from "./json-rpc.ts";
import { defaultSessionLimits, Session, type SessionCounters, type SessionLimits } from "./session.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { SessionHandle, Wire } from "./wire.ts";

export interface HubLimits extends SessionLimits, HttpLimits {
  /** Sessions of the node, and of one actor. */
  readonly maxSessions: number;
  readonly maxSessionsPerActor: number;
  /** Requests of all sessions together that may wait while there is no impl. */
  readonly maxWaiting: number;
  /** Messages of one session. */
  readonly burst: number;
  readonly perSecond: number;
  /** Bytes of all clients of one actor: they are read no faster. */
  readonly burstBytes: number;
  readonly bytesPerSecond: number;
  /** Messages over the rate, or malformed, before the session is closed. */
  readonly maxExcess: number;
  readonly maxMalformed: number;
  /** Bytes a client may leave unread. */
  readonly maxUnreadBytes: number;
  readonly keepAliveMs: number;
}

export const defaultHubLimits: HubLimits = {
  ...defaultSessionLimits,
  ...defaultHttpLimits,
  maxSessions: 256,
  maxSessionsPerActor: 32,
  maxWaiting: 1024,
  burst: 400,
  perSecond: 200,
  burstBytes: 16 * 1024 * 1024,
  bytesPerSecond: 4 * 1024 * 1024,
  maxExcess: 1000,
  maxMalformed: 3,
  maxUnreadBytes: 8 * 1024 * 1024,
  keepAliveMs: 30_000,
};

export const closeCodes = { goingAway: 1001, policy: 1008, defect: 1011, tooSlow: 1013 } as const;

interface Member {
  readonly id: string;
  readonly actor: string;
  readonly credential: string;
  readonly wire: Wire;
  /** Lasts as long as one answer. */
  readonly brief: boolean;
  readonly session: Session;
  readonly rate: TokenBucket;
  /** Numbers of the impls that have been told of it, and are there; and what its client had seen by then. */
  readonly at: Map<number, string | null>;
  /** Some impl has been told of it. */
  told: boolean;
  /** What the client has seen of an impl's tools and resources; null before its first one. */
  surface: string | null;
  excess: number;
  malformed: number;
  /** Has spoken or ponged since the last keep-alive. */
  alive: boolean;
  closeReason: Extract<ToImpl, { type: "session-close" }>["reason"];
  readonly ended: PromiseWithResolvers<void>;
}

export interface HubCounters extends SessionCounters {
  fromClients: number;
  toClients: number;
  refused: number;
}

export class SessionHub {
  readonly counters: HubCounters = { resent: 0, swallowed: 0, fromClients: 0, toClients: 0, refused: 0 };
  readonly #members = new Map<string, Member>();
  /** What is read of each actor's clients. */
  readonly #reading = new Map<string, TokenBucket>();
  readonly #limits: HubLimits;
  readonly #log: Log;
  readonly #nowMs: () => number;
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #impls = new Map<number, ImplProcess>();
  /** Where new sessions belong. */
  #current: ImplProcess | undefined;
  /** The impl a switch is going on to. */
  #next: ImplProcess | undefined;
  /** Called after anything that may end a wait for sessions. */
  readonly #watchers = new Set<() => void>();
  #leaving = false;

  constructor(log: Log, nowMs: () => number, limits: HubLimits = defaultHubLimits) {
    this.#log = log;
    this.#nowMs = nowMs;
    this.#limits = limits;
    const sweepMs = Math.min(1000, limits.waitMs / 4, limits.replayMs / 4);
    this.#timers = [setInterval(() => this.#sweep(), sweepMs), setInterval(() => this.#ping(), limits.keepAliveMs)];
  }

  get size(): number {
    return this.#members.size;
  }

  get openRequests(): number {
    let open = 0;
    for (const member of this.#members.values()) open += member.session.openRequests;
    return open;
  }

  /** Counts what a client of `actor` sent. Returns for how many milliseconds nothing more should be read of it. */
  read(actor: string, bytes: number): number {
    const { burstBytes: burst, bytesPerSecond: perSecond } = this.#limits;
    const bucket = this.#reading.get(actor) ?? new TokenBucket({ burst, perSecond }, this.#nowMs);
    this.#reading.set(actor, bucket);
    return bucket.owe(bytes);
  }

  /** Why one more session of `actor` cannot be had, or undefined. */
  refusal(actor: string | undefined): string | undefined {
    const lasting = [...this.#members.values()].filter((member) => !member.brief);
    if (lasting.length >= this.#limits.maxSessions) return "The node has no room for another session.";
    const own = lasting.filter((member) => member.actor === actor).length;
    return own >= this.#limits.maxSessionsPerActor ? "This actor has too many sessions at this node." : undefined;
  }

  /**
   * `brief`: it lasts as long as one answer, and whoever opens it counts those. `surface`: what the client has seen of
   * tools and resources over an earlier connection.
   */
  open(
    wire: Wire,
    actor: string,
    credential: string,
    { brief = false, surface = null }: { readonly brief?: boolean; readonly surface?: string | null } = {},
  ): SessionHandle {
    const id = randomUUID();
    const port = {
      toClient: (message: JsonRpcMessage, related?: RequestId) => this.#toClient(member, message, related),
      toImpl: (message: JsonRpcMessage, impl: number) =>
        this.#impls.get(impl)?.send({ type: "session-message", session: id, message }),
    };
    const member: Member = {
      id,
      actor,
      credential,
      wire,
      brief,
      session: new Session(port, this.#nowMs, this.#limits, this.counters),
      rate: new TokenBucket(this.#limits, this.#nowMs),
      at: new Map(),
      told: false,
      surface,
      excess: 0,
      malformed: 0,
      alive: true,
      closeReason: "client_left",
      ended: Promise.withResolvers(),
    };
    this.#members.set(id, member);
    if (!brief) this.#log.info({ session: id, actor }, "A session was opened.");
    for (const impl of [this.#current, this.#next]) if (impl !== undefined) this.#introduce(member, impl);
    member.surface = this.#current?.surface ?? surface;
    if (this.#leaving) this.#end(member, closeCodes.goingAway, "The node is leaving.", "leaving");
    return {
      session: id,
      receive: (incoming, refuse) => this.#fromClient(member, incoming, refuse),
      alive: () => {
        member.alive = true;
      },
      closed: (code) => this.#closed(member, code),
    };
  }

  /** This impl answers sessions from now on: every session goes over to it, now or once it has been replayed. */
  attach(impl: ImplProcess): void {
    this.#current = impl;
    if (this.#next === impl) this.#next = undefined;
    this.#impls.set(impl.number, impl);
    for (const member of this.#members.values()) {
      this.#introduce(member, impl);
      const seen = this.#seen(member);
      // An impl tells of its surface what it was told to; what another has shown meanwhile it cannot know.
      if (seen !== impl.surface && seen !== member.at.get(impl.number)) member.session.listsChanged();
      member.surface = impl.surface;
    }
  }

  /**
   * Brings every session to this impl while the present one goes on. Resolves with null when all are there; `attach` it
   * then. Otherwise with the reason; `detach` it then.
   */
  switchTo(impl: ImplProcess): Promise<string | null> {
    this.#next = impl;
    this.#impls.set(impl.number, impl);
    for (const member of [...this.#members.values()]) this.#introduce(member, impl);
    return this.#watch(() => {
      if (!this.#impls.has(impl.number)) return "It is gone.";
      const states = [...this.#members.values()].map(({ session }) => session.stateOf(impl.number));
      const lost = states.filter((state) => state === "lost" || state === "absent").length;
      if (lost > 0) return `It refused to go on with ${lost} of ${states.length} sessions.`;
      return states.includes("replaying") ? undefined : null;
    });
  }

  /** Nothing more is heard of this impl; what it had goes to the present one. `blame`: it may have died of it. */
  detach(impl: number, blame: boolean): void {
    this.#impls.delete(impl);
    if (this.#current?.number === impl) this.#current = undefined;
    if (this.#next?.number === impl) this.#next = undefined;
    for (const { session, at } of this.#members.values()) {
      at.delete(impl);
      if (blame) session.detach(impl);
      else session.release(impl);
    }
    this.#changed();
  }

  /** Resolves when no session has an unanswered request at this impl. */
  async whenIdle(impl: number): Promise<void> {
    await this.#watch(() => {
      for (const { session } of this.#members.values()) if (session.openAt(impl) > 0) return undefined;
      return true;
    });
  }

  news(news: Extract<FromImpl, { type: "session-message" | "close-session" }>, impl: number): void {
    const member = this.#members.get(news.session);
    if (member === undefined || !this.#impls.has(impl)) return;
    if (news.type === "session-message") member.session.fromImpl(news.message, impl, news.related);
    else this.#end(member, news.code, news.reason, "refused");
    this.#changed();
  }

  /** From now on new requests are refused. */
  leave(): void {
    this.#leaving = true;
    for (const member of this.#members.values()) member.session.leave();
  }

  /** Answers what is still open, closes every wire, and drops those that do not answer within `deadlineMs`. */
  async close(deadlineMs: number): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const members = [...this.#members.values()];
    const closed = members.map((member) => member.ended.promise);
    for (const member of members) {
      member.session.refuseOpen();
      this.#end(member, closeCodes.goingAway, "The node is leaving.", "leaving");
    }
    const timer = setTimeout(() => {
      for (const member of members) member.wire.terminate();
    }, deadlineMs);
    await Promise.all(closed);
    clearTimeout(timer);
  }

  #introduce(member: Member, impl: ImplProcess): void {
    const { id: session, actor, credential, at, told, surface } = member;
    if (!at.has(impl.number)) {
      impl.send({ type: "session-open", session, actor, credential, resumed: told, surface });
      at.set(impl.number, surface);
      member.told = true;
    }
    member.session.attach(impl.number);
  }

  /** The surface its client knows last. */
  #seen({ session, surface }: Member): string | null {
    const next = this.#next;
    return next !== undefined && session.stateOf(next.number) === "seated" ? next.surface : surface;
  }

  #watch<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const watcher = () => {
        const seen = look();
        if (seen === undefined) return;
        this.#watchers.delete(watcher);
        resolve(seen);
      };
      this.#watchers.add(watcher);
      watcher();
    });
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #fromClient(member: Member, incoming: Incoming, refuse: (error: JsonRpcError) => void): void {
    this.counters.fromClients++;
    member.alive = true;
    const withinRate = member.rate.take();
    if (!withinRate && ++member.excess > this.#limits.maxExcess) {
      this.#end(member, closeCodes.policy, "Far too many messages.", "refused");
      return;
    }
    if (incoming.kind === "malformed") {
      this.counters.refused++;
      refuse(incoming.answer);
      if (++member.malformed >= this.#limits.maxMalformed) {
        this.#end(member, closeCodes.policy, "Too many malformed messages.", "refused");
      }
      return;
    }
    const { message } = incoming;
    const refusal = this.#overload(withinRate);
    if (refusal === undefined) {
      member.session.fromClient(message);
    } else {
      this.counters.refused++;
      const error = { code: rpcCodes.limitExceeded, message: refusal };
      refuse(isRequest(message) ? rpcError(message.id, error.code, error.message) : { jsonrpc: "2.0", error });
    }
  }

  #overload(withinRate: boolean): string | undefined {
    if (!withinRate) return `More than ${this.#limits.perSecond} messages a second; slow down.`;
    if (this.#current === undefined && this.openRequests >= this.#limits.maxWaiting) {
      return "The node is restarting and too many calls wait; try again later.";
    }
    return undefined;
  }

  #toClient(member: Member, message: JsonRpcMessage, related?: RequestId): void {
    if (member.wire.unreadBytes > this.#limits.maxUnreadBytes) {
      member.closeReason = "too_slow";
      this.#log.warn({ session: member.id, actor: member.actor }, "A client does not read and loses its session.");
      member.wire.terminate();
      return;
    }
    this.counters.toClients++;
    member.wire.send(message, related);
  }

  #end(member: Member, code: number, reason: string, closeReason: Member["closeReason"]): void {
    member.closeReason = closeReason;
    member.wire.close(code, reason);
  }

  #closed(member: Member, code: number): void {
    if (!this.#members.delete(member.id)) return;
    member.ended.resolve();
    if (!member.brief) this.#log.info({ session: member.id, actor: member.actor, code }, "A session ended.");
    for (const number of member.at.keys()) {
      this.#impls.get(number)?.send({ type: "session-close", session: member.id, reason: member.closeReason });
    }
    this.#changed();
  }

  #sweep(): void {
    for (const member of this.#members.values()) {
      // During a switch the session is still that of the impl before, and the switch fails.
      if (!member.session.expire() && this.#next === undefined)
        this.#end(member, closeCodes.defect, "The session could not be resumed.", "refused");
    }
    for (const [actor, bucket] of this.#reading) if (bucket.full) this.#reading.delete(actor);
    this.#changed();
  }

  #ping(): void {
    for (const member of this.#members.values()) {
      if (member.wire.ping === undefined) continue;
      if (!member.alive) member.wire.terminate();
      member.alive = false;
      member.wire.ping();
    }
  }
}
