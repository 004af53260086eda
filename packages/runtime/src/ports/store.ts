import type {
  ActorKind,
  ArticleId,
  CharterParameters,
  ControlName,
  ControlRequest,
  ControlResponse,
  Episode,
  EventFilter,
  MeshEvent,
  Message,
  MissionView,
  Operation,
  OperationResult,
  Persona,
  Role,
  ScopeName,
} from "@federation/core";
import type { StopSignal } from "./signal.ts";

/**
 * The truth. One login of one daemon; the database takes the actor from it.
 *
 * 1. Every change is `apply`: a list of operations, one call id, one transaction, one round trip. A repeat under the
 *    same call id answers with the recorded outcome and changes nothing.
 * 2. Every write carries generation and epoch (given to `open`); a newer one fences it, and then it throws `fenced`.
 * 3. The adapter repeats what failed for a lost connection, a deadlock or a serialisation conflict, with back-off and
 *    a bound, under the same call id. What it throws is a MeshError.
 */
export interface Store {
  /** Takes this daemon's generation (same instance: the same one) and the next epoch of its impl. */
  open(options: OpenOptions): Promise<Opened>;
  /** Renews presence; answers `fenced` when another daemon of this actor has taken over. */
  renewPresence(presence: Presence): Promise<"renewed" | "fenced">;
  /** `as`: an external actor hosted by this daemon; otherwise the daemon's own actor. */
  apply(call: {
    readonly callId: string;
    readonly command: string;
    readonly operations: readonly Operation[];
    readonly as?: string;
  }): Promise<ApplyOutcome>;

  // Delivery
  /** Leases up to `limit` outbox rows for five seconds. */
  leaseOutbox(limit: number): Promise<readonly OutboxRow[]>;
  /** Deletes receipted rows and marks their deliveries sent. */
  completeOutbox(ids: readonly string[]): Promise<void>;
  /** Marks due deliveries of mine as received; answers those that had not been (with their conversations). */
  markReceived(
    messages: readonly string[] | "all_due",
    via: "frame" | "poll",
  ): Promise<readonly { readonly message: string; readonly conversation: string }[]>;
  /** One cheap look at what waits for this daemon, for the standing poll. */
  work(): Promise<Work>;
  /** Moves what is overdue on the database's clock (leases, deadlines, duties); answers the conversations touched. */
  reconcile(): Promise<readonly string[]>;
  /**
   * Calls back after each commit that filled the outbox, until `signal` aborts. Resolves once listening has begun, and
   * the adapter listens again by itself; what is missed meanwhile is found by `work().outboxDue`.
   */
  onOutbox(listener: () => void, signal: StopSignal): Promise<void>;

  // Turns
  /** Starts a turn, or answers the one under way: attempts are counted before anything can crash. */
  beginTurn(conversation: string): Promise<TurnStart>;
  /** Leaves a turn under way to whoever has the loops next: this was no failed attempt at it. */
  leaveTurn(turn: string): Promise<void>;
  missionView(conversation: string): Promise<MissionView | undefined>;
  /** All actors as a view, with the proposal an errand would come from: where motions and errands are opened. */
  assemblyView(proposal: string | null): Promise<MissionView>;
  /** Due deliveries of mine in a conversation, in order. */
  dueMessages(conversation: string): Promise<readonly Message[]>;
  /** The last messages of a conversation, oldest first. */
  tail(conversation: string, limit: number): Promise<readonly Message[]>;
  recall(query: string, limit: number): Promise<readonly Episode[]>;
  me(): Promise<Me>;

  // Clients
  /** Who presents this token (sha256, hex), if it is live. */
  authenticate(tokenSha256: string): Promise<Principal | undefined>;
  /** Uses up a ticket (sha256, hex) from this origin; undefined when it is unknown, used, expired or for another. */
  redeemTicket(tokenSha256: string, origin: string | null): Promise<Principal | undefined>;
  /**
   * Lets a page back in by a secret of its own (sha256, hex), and ends what it had open before. Of two it is the later
   * one that counts. Undefined when it is let in no more, or is for another origin or node.
   */
  redeemPageSecret(sha256s: readonly string[], origin: string | null): Promise<Principal | undefined>;
  /** Says that these sessions are open: a page that has one of them is not away. */
  keepPages(credentials: readonly string[]): Promise<void>;
  /** Pages of an actor, or all for the commander, and the one whose credential this is. */
  listPages(
    request: ControlRequest<"ListPageSessions">,
    as: string,
    credential: string,
  ): Promise<ControlResponse<"ListPageSessions">>;
  /** Of these credentials, those that still open a session. */
  liveCredentials(credentials: readonly string[]): Promise<readonly Principal[]>;
  /** Takes the hosting of the external actor whose live token this credential is; the latest host wins. */
  hostActor(credential: string, ttlMs: number): Promise<void>;
  /** Hosts the external actors of these live tokens on, but for those that another host has; answers whom it hosts now. */
  renewHosting(credentials: readonly string[], ttlMs: number): Promise<readonly string[]>;
  /** Ends the hosting of an actor, if it is ours. */
  endHosting(actor: string): Promise<void>;
  /** Fences every other impl of this daemon: only this epoch writes from now on. */
  sealEpoch(): Promise<void>;
  /** Answers a query of the control API from the rows; `GetStatus` and `ListEvents` are composed by the control service. */
  query<N extends ControlName>(name: N, request: ControlRequest<N>, as: string): Promise<ControlResponse<N>>;
  /**
   * A page of the log behind a cursor, or from its beginning for null. What this daemon may see, and with `as` only what
   * that actor may see too.
   */
  events(
    after: string | null,
    limit: number,
    filter?: EventFilter,
    as?: string,
  ): Promise<EventPage & { cursor: string }>;
  /** The page before a cursor, or before the end for null, oldest first; its cursor is null where nothing lies before. */
  eventsBefore(before: string | null, limit: number, filter?: EventFilter, as?: string): Promise<EventPage>;
  /** How many events lie behind `after` and not behind `upTo`; null: from the beginning, to the end. */
  countEvents(
    range: { readonly after: string | null; readonly upTo: string | null },
    filter?: EventFilter,
    as?: string,
  ): Promise<{ readonly count: number; readonly upTo: string }>;
  /** The cursor after everything that can be read now. */
  eventEnd(): Promise<string>;
  counts(): Promise<MeshCounts>;

  health(): StoreHealth;
  close(options: { readonly deadlineMs: number }): Promise<void>;
}

export interface EventPage {
  readonly events: readonly MeshEvent[];
  /** To go on with in the same direction. Forwards, a page that is not full leads to the end: all of it was looked through. */
  readonly cursor: string | null;
}

export interface OpenOptions {
  /** Made by the substrate at its start. */
  readonly instance: string;
  readonly takeOver: boolean;
  readonly version: string;
  /** Another impl of this daemon is at work and may go on writing until `sealEpoch`; false when not given. */
  readonly beside?: boolean;
}

/** Whom a credential speaks for. */
export interface Principal {
  readonly actor: string;
  readonly role: Role;
  readonly kind: ActorKind;
  readonly scopes: readonly ScopeName[];
  /**
   * Names the credential: `bearer:` or `ticket:` and a SHA-256, or `page:` and a UUID of one return of a page. Good for no
   * session, but told to nobody: to name the credential of an external actor is to have been shown it.
   */
  readonly credential: string;
}

export type Opened =
  | {
      readonly outcome: "opened";
      readonly generation: number;
      readonly epoch: number;
      readonly actor: string;
      readonly logEpoch: string;
    }
  /** Another daemon of this actor is alive until its lease runs out. */
  | { readonly outcome: "occupied"; readonly retryAfterMs: number };

export interface Presence {
  readonly model: string | null;
  readonly broker: string;
  readonly ttlMs: number;
}

export interface ApplyOutcome {
  /** True when this call id had been applied before. */
  readonly replayed: boolean;
  /** One per operation, in order. */
  readonly results: readonly OperationResult[];
}

export interface OutboxRow {
  readonly id: string;
  readonly message: string;
  readonly conversation: string;
  readonly seq: number;
  /** Whose queue; null: the broadcast topic. */
  readonly queue: string | null;
}

export interface Work {
  readonly outboxDue: number;
  /** Deliveries due to me that I have not marked received: the broker's wake-up was lost or is late. */
  readonly unreceived: number;
  /**
   * Conversations in which I have a due delivery or an open duty whose time has come. With `duty` false there are only
   * deliveries, and a turn may wait a moment for more of them. The priority is that of the most urgent task a duty there
   * is about, 0 without one. None while this node is paused.
   */
  readonly conversations: readonly {
    readonly conversation: string;
    readonly duty: boolean;
    readonly priority: number;
  }[];
  /** Open missions in which a duty is overdue, or all duties are closed: somebody must move them. */
  readonly movable: readonly string[];
  /** The oldest reload of this node that somebody asked for and that is not settled, or null. */
  readonly reload: string | null;
  /** Live claims of this agent, for lease renewal; what a person holds has no timer. */
  readonly claims: readonly {
    readonly task: string;
    readonly conversation: string;
    readonly fence: number;
    /** How long a renewal makes it last. */
    readonly leaseMs: number;
    /** How much of it was left when this was read. */
    readonly leftMs: number;
  }[];
}

export interface TurnStart {
  readonly turn: string;
  /** 1 for the first attempt at this turn; higher after a crash in it. */
  readonly attempt: number;
  /** Counts this actor's turns in this conversation, from 1. */
  readonly step: number;
}

export interface Me {
  readonly actor: string;
  readonly role: Role;
  readonly kind: "agent" | "human" | "external" | "system";
  readonly persona: Persona;
  readonly charterVersion: number;
  readonly parameters: CharterParameters;
  /** Optional articles that a vote has switched off. */
  readonly articlesOff: readonly ArticleId[];
  /** Advice that a vote has added to the charter: shown, and not enforced. */
  readonly advisories: readonly { readonly id: string; readonly title: string; readonly text: string }[];
}

export interface MeshCounts {
  readonly actors: number;
  readonly online: number;
  readonly openMissions: number;
  readonly outbox: number;
  readonly outboxOldestMs: number;
  readonly due: number;
  readonly dead: number;
  /** Nodes that take no turns. */
  readonly paused: readonly string[];
  readonly charterVersion: number;
  /** The database's clock. */
  readonly now: string;
}

export type StoreHealth =
  | { readonly state: "ready"; readonly server: string; readonly retries: Readonly<Record<string, number>> }
  | { readonly state: "unavailable"; readonly reason: string };
