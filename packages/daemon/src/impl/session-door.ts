import { MeshError } from "@federation/core";
import type { McpSessions, OpenSession } from "@federation/mcp";
import type { Clock, Log, Me, Principal, StopSignal, Store } from "@federation/runtime/ports";
import { tokenSha256 } from "@federation/store";
import { type ImplHandlers, type ImplLink, probeCredential } from "../substrate/index.ts";
import type { Hosting } from "./hosting.ts";

/**
 * Who comes in, as whom, and for how long.
 *
 * 1. A node lets in its own actor, and external actors, whom it hosts; never another node's actor.
 * 2. A session knows its credential by name only. What the credential is worth is read from the database: when it is
 *    presented, when an impl takes a session over, and from then on twice a second. One that is over loses its sessions
 *    within a second (4401); an actor that another node has taken over loses them too (4409).
 * 3. A message of a session whose credential is still being looked up waits for that, in order.
 * 4. A database that cannot be reached ends no session: without it nothing can be done in one.
 * 5. A page that has a session open is not away, which is said for it twice a minute.
 */
export interface SessionDoor {
  readonly authenticate: ImplHandlers["authenticate"];
  readonly sessionOpened: ImplHandlers["sessionOpened"];
  readonly sessionMessage: ImplHandlers["sessionMessage"];
  sessionClosed(session: string): void;
  /** Looks after credentials and hostings until `signal` aborts. */
  watch(signal: StopSignal): Promise<void>;
}

export interface SessionDoorOptions {
  readonly store: Pick<Store, "authenticate" | "redeemTicket" | "redeemPageSecret" | "keepPages" | "liveCredentials">;
  readonly me: Pick<Me, "actor" | "role" | "kind">;
  readonly sessions: Pick<McpSessions, "open" | "receive" | "close">;
  readonly hosting: Hosting;
  readonly closeSession: ImplLink["closeSession"];
  readonly clock: Clock;
  readonly log: Log;
}

const watchMs = 500;
const keepPagesMs = 30_000;
/** Credentials that were presented and have no session yet: one is presented a moment before its session opens. */
const maxPresented = 512;
/** Far more than a client sends while one query runs; the substrate bounds what waits for an answer. */
const maxKept = 2_000;

const closings = {
  revoked: { code: 4401, reason: "The token was revoked or is over, or the page ended or came back elsewhere." },
  elsewhere: { code: 4409, reason: "This actor is connected at another node." },
  flood: { code: 1011, reason: "Too many messages before the session began." },
} as const;

const refusals = {
  bearer: "This token is unknown, expired or revoked.",
  ticket: "This ticket is unknown, used, over, or for another page or node; get a new one.",
  page: "This page's session is unknown, over, or for another origin or node; get a new ticket.",
} as const;

type Shown = Parameters<ImplHandlers["authenticate"]>[0];

const isBearer = (credential: string): boolean => credential.startsWith("bearer:") || credential === probeCredential;

interface Session {
  readonly credential: string;
  readonly surface: string | null;
  /** Undefined while it is looked up; its messages are kept meanwhile. */
  principal: Principal | undefined;
  readonly kept: unknown[];
}

export function createSessionDoor(options: SessionDoorOptions): SessionDoor {
  const { store, me, sessions, hosting, closeSession, clock, log } = options;
  const open = new Map<string, Session>();
  const presented = new Map<string, Principal>();
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let keptMs = clock.nowMs();

  function present(principal: Principal): void {
    presented.delete(principal.credential);
    presented.set(principal.credential, principal);
    for (const oldest of presented.keys()) {
      if (presented.size <= maxPresented) break;
      presented.delete(oldest);
    }
  }

  function letIn(id: string, session: Session, principal: Principal): void {
    session.principal = principal;
    hosting.hold(principal);
    const opened: OpenSession = { ...principal, session: id };
    sessions.open(session.surface === null ? opened : { ...opened, surface: session.surface });
    for (const message of session.kept.splice(0)) sessions.receive(id, message);
  }

  function dismiss(id: string, { code, reason }: (typeof closings)[keyof typeof closings]): void {
    const session = open.get(id);
    if (session === undefined) return;
    log.info({ session: id, actor: session.principal?.actor, code }, "a session is ended");
    forget(id);
    closeSession(id, code, reason);
  }

  function forget(id: string): void {
    const session = open.get(id);
    open.delete(id);
    if (session?.principal !== undefined) hosting.release(session.principal);
    void sessions.close(id);
  }

  /** One query for all sessions: which credentials still open one, and whom those speak for. */
  async function look(): Promise<void> {
    const asked = new Map([...open].filter(([, { credential }]) => credential !== probeCredential));
    if (asked.size === 0) return;
    const credentials = [...new Set([...asked.values()].map(({ credential }) => credential))];
    const live = new Map((await store.liveCredentials(credentials)).map((who) => [who.credential, who]));
    for (const [id, session] of asked) {
      if (open.get(id) !== session) continue;
      const principal = live.get(session.credential);
      if (principal === undefined) dismiss(id, closings.revoked);
      else if (session.principal === undefined) letIn(id, session, principal);
    }
  }

  /** At most one query at a time; whoever asks while it runs is in the next one. */
  function lookSoon(): Promise<void> {
    lookAgain = true;
    looking ??= (async () => {
      while (lookAgain) {
        lookAgain = false;
        await look();
      }
    })()
      .catch((error: unknown) => {
        log.debug({ reason: MeshError.from(error).message }, "the credentials of the sessions could not be looked up");
      })
      .finally(() => {
        looking = undefined;
      });
    return looking;
  }

  async function tendHosting(): Promise<void> {
    const lost = await hosting.tend().catch((error: unknown) => {
      log.debug({ reason: MeshError.from(error).message }, "the hosting of external actors could not be renewed");
      return [] as const;
    });
    const gone: ReadonlySet<string> = new Set(lost);
    for (const [id, { principal }] of [...open])
      if (principal !== undefined && gone.has(principal.actor)) dismiss(id, closings.elsewhere);
  }

  async function keepPages(): Promise<void> {
    const nowMs = clock.nowMs();
    if (nowMs - keptMs < keepPagesMs) return;
    keptMs = nowMs;
    const pages = new Set([...open.values()].map(({ credential }) => credential).filter((it) => !isBearer(it)));
    if (pages.size === 0) return;
    await store.keepPages([...pages]).catch((error: unknown) => {
      log.debug({ reason: MeshError.from(error).message }, "the pages that are open could not be kept");
    });
  }

  async function principalOf({ token, other, kind, origin }: Shown): Promise<Principal | undefined> {
    switch (kind) {
      case "bearer":
        return await store.authenticate(tokenSha256(token));
      case "ticket":
        return await store.redeemTicket(tokenSha256(token), origin ?? null);
      case "page": {
        const secrets = other === undefined ? [token] : [token, other];
        return await store.redeemPageSecret(secrets.map(tokenSha256), origin ?? null);
      }
    }
  }

  return {
    async authenticate(shown) {
      const principal = await principalOf(shown);
      if (principal === undefined) return { ok: false, code: "unauthenticated", message: refusals[shown.kind] };
      const { actor, credential } = principal;
      if (actor !== me.actor && principal.kind !== "external")
        return {
          ok: false,
          code: "forbidden",
          message: `This token is ${actor}'s; connect to the daemon of ${actor}.`,
        };
      try {
        await hosting.begin(principal);
      } catch (error) {
        const { code, message } = MeshError.from(error);
        if (code !== "unauthenticated") throw error;
        return { ok: false, code, message };
      }
      present(principal);
      return { ok: true, actor, credential };
    },
    sessionOpened({ session: id, credential, resumed, surface }) {
      const session: Session = { credential, surface, principal: undefined, kept: [] };
      open.set(id, session);
      if (credential === probeCredential) {
        const { actor, role, kind } = me;
        letIn(id, session, { actor, role, kind, scopes: ["read"], credential });
        return;
      }
      // What was presented may be over by the time another impl has the session.
      const principal = resumed ? undefined : presented.get(credential);
      if (principal === undefined) void lookSoon();
      else letIn(id, session, principal);
    },
    sessionMessage(id, message) {
      const session = open.get(id);
      if (session === undefined) return;
      if (session.principal !== undefined) sessions.receive(id, message);
      else if (session.kept.length < maxKept) session.kept.push(message);
      else dismiss(id, closings.flood);
    },
    sessionClosed: forget,
    async watch(signal) {
      while (!signal.aborted) {
        await clock.sleep(watchMs, signal);
        if (signal.aborted) return;
        // In this order: whose token is over is told so, and not that another node has its actor.
        await lookSoon();
        await tendHosting();
        await keepPages();
      }
    },
  };
}
