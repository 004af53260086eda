/**
 * The sessions over HTTP, by their ids.
 *
 * 1. A session belongs to its actor: to any other its id is unknown. What may be done in it is what the token may that
 *    it is open under: where its client comes with another one, it is taken up again under that.
 * 2. An id of an earlier run of the daemon, or of a session that was ended to make room, is taken up again by replaying
 *    the `initialize` in it. An id that its client deleted stays deleted.
 * 3. A session nobody uses makes room for a new one of the same actor.
 */
import { randomUUID, timingSafeEqual } from "node:crypto";
import type { Log } from "@federation/runtime/ports";
import type { Who } from "./authenticator.ts";
import type { HttpRefusal } from "./http-answer.ts";
import { HttpSession } from "./http-session.ts";
import { createSessionId, readSessionId, type SessionClaims } from "./http-session-id.ts";
import { type JsonRpcRequest, type JsonRpcResponse, rpcCodes } from "./json-rpc.ts";
import { closeCodes, type HubLimits, type SessionHub } from "./session-hub.ts";

const maxDeleted = 4096;

export interface HttpSessionsOptions {
  readonly hub: SessionHub;
  readonly limits: HubLimits;
  readonly log: Log;
  readonly nowMs: () => number;
  /** What clients see of tools, resources and prompts now. */
  readonly surface: () => string | null;
}

/** Who asks, and the digest of the token by which they were admitted. */
export interface Visitor extends Who {
  readonly digest: string;
}

interface Kept {
  readonly session: HttpSession;
  readonly opener: Visitor;
  /** Resolves once its `initialize` was answered: with why it cannot be used, or undefined. */
  readonly ready: Promise<HttpRefusal | undefined>;
}

type Refused = { readonly refusal: HttpRefusal };

export class HttpSessions {
  readonly #options: HttpSessionsOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #deleted = new Set<string>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: HttpSessionsOptions) {
    this.#options = options;
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(1000, options.limits.idleMs / 4));
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Whoever opened this session with the token of this digest. Its credential is watched by impl. */
  openerOf(id: string | undefined, digest: string): Visitor | undefined {
    const opener = this.#kept.get(readSessionId(id ?? "")?.uuid ?? "")?.opener;
    return opener !== undefined && timingSafeEqual(Buffer.from(opener.digest), Buffer.from(digest))
      ? opener
      : undefined;
  }

  /** Opens a session and asks impl to initialize it. The answer may be an error: there is no session then. */
  async begin(
    request: JsonRpcRequest,
    who: Visitor,
  ): Promise<Refused | { readonly session: HttpSession; readonly answer: JsonRpcResponse }> {
    const opened = this.#open(createSessionId(who.actor, request, this.#options.surface()), who);
    if ("refusal" in opened) return opened;
    const { session, ready } = opened;
    const initialized = session.initialize(request);
    void initialized.then((answer) =>
      ready.resolve(answer !== undefined && "result" in answer ? undefined : noSession),
    );
    const answer = await initialized;
    if (answer === undefined) return { refusal: { status: 503, message: "The session ended before it began." } };
    if ("error" in answer) session.close(1000, "It could not be initialized.");
    return { session, answer };
  }

  /** The session of an id, taken up again where this run has not seen it, if that is within the visitor's rate. */
  async find(
    id: string | undefined,
    who: Visitor,
    withinRate: () => boolean,
  ): Promise<Refused | { readonly session: HttpSession }> {
    if (id === undefined) {
      return { refusal: { status: 400, message: "Begin with initialize, and send the Mcp-Session-Id it gives." } };
    }
    const given = readSessionId(id);
    if (given === undefined || this.#deleted.has(given.uuid)) return { refusal: noSession };
    const known = this.#kept.get(given.uuid);
    if (known !== undefined) {
      if (known.session.id !== id || known.session.actor !== who.actor) return { refusal: noSession };
      if (known.opener.credential === who.credential) {
        const refusal = await known.ready;
        return refusal === undefined ? { session: known.session } : { refusal };
      }
    }
    if (given.claims?.actor !== who.actor) return { refusal: noSession };
    if (!withinRate()) return { refusal: tooFast };
    known?.session.close(closeCodes.goingAway, "It goes on under another token.");
    return this.#adopt(id, given.claims, who);
  }

  /** False when there is no such session of this actor. */
  delete(id: string | undefined, who: Visitor): boolean {
    const given = readSessionId(id ?? "");
    if (given === undefined || this.#deleted.has(given.uuid)) return false;
    const known = this.#kept.get(given.uuid);
    if ((known?.session.actor ?? given.claims?.actor) !== who.actor) return false;
    this.#deleted.add(given.uuid);
    for (const oldest of this.#deleted) {
      if (this.#deleted.size <= maxDeleted) break;
      this.#deleted.delete(oldest);
    }
    known?.session.close(1000, "The client ended the session.");
    return true;
  }

  close(): void {
    clearInterval(this.#sweeper);
  }

  async #adopt(id: string, claims: SessionClaims, who: Visitor): Promise<Refused | { readonly session: HttpSession }> {
    const opened = this.#open(id, who, claims.surface);
    if ("refusal" in opened) return opened;
    const { session, ready } = opened;
    const initialize: JsonRpcRequest = {
      jsonrpc: "2.0",
      id: `adopt:${randomUUID()}`,
      method: "initialize",
      params: claims.initialize,
    };
    const answer = await session.initialize(initialize);
    const refusal = refusalOf(answer);
    // Before it is closed: who waits for it, too, is told why.
    ready.resolve(refusal);
    if (refusal === undefined) {
      session.initialized();
      this.#options.log.info({ actor: who.actor }, "A session of before was taken up again.");
    } else {
      session.close(1000, "It could not be taken up again.");
    }
    return refusal === undefined ? { session } : { refusal };
  }

  #open(
    id: string,
    who: Visitor,
    surface: string | null = null,
  ): Refused | { readonly session: HttpSession; readonly ready: PromiseWithResolvers<HttpRefusal | undefined> } {
    const { hub, limits, nowMs } = this.#options;
    const full = this.#makeRoom(who.actor);
    if (full !== undefined) return { refusal: { status: 503, message: full } };
    const uuid = readSessionId(id)?.uuid ?? id;
    const onEnded = () => {
      // The one that goes on under another token has its place by then.
      if (this.#kept.get(uuid)?.session === session) this.#kept.delete(uuid);
      ready.resolve(noSession);
    };
    const ready = Promise.withResolvers<HttpRefusal | undefined>();
    const session = new HttpSession({ id, actor: who.actor, limits, nowMs, onEnded });
    this.#kept.set(uuid, { session, opener: who, ready: ready.promise });
    session.bind(hub.open(session, who.actor, who.credential, { surface }));
    return { session, ready };
  }

  /** Ends sessions nobody uses, the longest idle first, until there is room for another. Returns why there is none. */
  #makeRoom(actor: string): string | undefined {
    for (;;) {
      const full = this.#options.hub.refusal(actor);
      const idle = full === undefined ? undefined : this.#longestIdle(actor);
      if (idle === undefined) return full;
      idle.close(1000, "It made room for another.");
    }
  }

  #longestIdle(actor: string): HttpSession | undefined {
    let longest: HttpSession | undefined;
    for (const { session } of this.#kept.values()) {
      if (session.actor !== actor || session.idleSinceMs === undefined) continue;
      if (session.idleSinceMs < (longest?.idleSinceMs ?? Number.POSITIVE_INFINITY)) longest = session;
    }
    return longest;
  }

  #sweep(): void {
    const oldest = this.#options.nowMs() - this.#options.limits.idleMs;
    for (const { session } of [...this.#kept.values()]) {
      if (session.idleSinceMs !== undefined && session.idleSinceMs < oldest) session.close(1000, "It was idle.");
    }
  }
}

export const tooFast: HttpRefusal = { status: 429, message: "Too many requests with this token; slow down." };
const noSession: HttpRefusal = { status: 404, message: "There is no such session; begin anew with initialize." };

/** Why a session cannot be taken up again: its `initialize` was refused, or nobody could answer it now. */
function refusalOf(answer: JsonRpcResponse | undefined): HttpRefusal | undefined {
  if (answer !== undefined && "result" in answer) return undefined;
  const away = answer === undefined || answer.error.code === rpcCodes.unavailable;
  return away ? { status: 503, message: "The node could not take this session up in time; try again." } : noSession;
}
