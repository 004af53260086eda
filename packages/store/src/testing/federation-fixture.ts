import { randomUUID } from "node:crypto";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type ActorKind,
  type CharterParameters,
  defaultPersonas,
  type Operation,
  type OperationResult,
  type Role,
} from "@federation/core";
import type { ApplyOutcome, Clock, Log, Random, Store } from "@federation/runtime/ports";
import { testDatabase } from "@federation/testkit/postgres";
import pg from "pg";
import { addNode, dropLogins, type NodeCredentials } from "../admin.ts";
import { adoptCharter } from "../adopt-charter.ts";
import { loadCharter } from "../charter-files.ts";
import { connectStore } from "../connect-store.ts";
import { migrate } from "../migrate.ts";
import { type OverdueRow, settleOverdue } from "./overdue.ts";

/** A whole federation on a real PostgreSQL of its own database: schema, charter, four nodes, a store for each. */
const repository = path.join(import.meta.dirname, "../../../..");
export const migrationsDir = path.join(repository, "migrations");
export const charterDir = path.join(repository, "charter");

export const LEAD = "taichi-5090";
export const DEVELOPER = "aorus-3090";
export const ANALYST = "baby";
export const COMMANDER = "commander";
const team: readonly (readonly [name: string, role: Role, kind: ActorKind])[] = [
  [LEAD, "lead", "agent"],
  [DEVELOPER, "developer", "agent"],
  [ANALYST, "analyst", "agent"],
  [COMMANDER, "commander", "human"],
];

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallTime: () => new Date(),
  sleep: async (ms, signal) => {
    if (signal?.aborted === true) return;
    const woken = new AbortController();
    const wake = () => woken.abort();
    signal?.addEventListener("abort", wake, { once: true });
    await sleep(ms, undefined, { signal: woken.signal }).catch(() => undefined);
    signal?.removeEventListener("abort", wake);
  },
};
export const systemRandom: Random = { uuid: () => randomUUID(), fraction: () => Math.random() };
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface FederationOptions {
  /** Changes the shipped parameters before they are adopted. */
  readonly parameters?: (shipped: CharterParameters) => CharterParameters;
  /** A server of one's own. */
  readonly adminUrl?: string;
}

export interface ConnectChoice {
  readonly port?: number;
  readonly maxConnections?: number;
  readonly queryTimeoutMs?: number;
}

export interface Federation {
  readonly adminUrl: string;
  readonly server: string;
  credentials(actor: string): NodeCredentials;
  /** The opened store of a node; made once. */
  store(actor: string): Store;
  /** Another store under the same login, not opened; closed by `drop`. */
  connect(actor: string, choice?: ConnectChoice): Store;
  /** The URL of a node's own login. */
  loginUrl(actor: string, port?: number): string;
  /** A plain connection under a node's login, for raw SQL. */
  raw(actor: string): Promise<pg.Client>;
  /** SQL of the owner. */
  owner<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** A call of one actor under a new call id. */
  apply(actor: string, ...operations: readonly Operation[]): Promise<ApplyOutcome>;
  /** The door itself, under the actor's login, with whatever is given: past every type. */
  applyRaw(actor: string, operations: unknown, context?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /**
   * Resolves when every committed event can be read. The log waits for what runs in any database of the server, also in
   * those of tests beside this one.
   */
  logSettled(): Promise<void>;
  addNode(name: string, role: Role, kind?: ActorKind): Promise<Store>;
  /** What is overdue after the reconciler and the movers have run. */
  overdue(): Promise<readonly OverdueRow[]>;
  /**
   * @throws when something is overdue that `leaves` does not name: a test that leaves something says which kinds, and one
   * whose schema no longer serves this build says that.
   */
  drop(options?: { readonly leaves?: readonly string[] | "another schema" }): Promise<void>;
}

export async function startFederation(options: FederationOptions = {}): Promise<Federation> {
  const database = await testDatabase(options.adminUrl === undefined ? {} : { adminUrl: options.adminUrl });
  const { adminUrl } = database;
  await migrate(adminUrl, migrationsDir);
  const charter = await loadCharter(charterDir);
  await adoptCharter(adminUrl, {
    ...charter,
    parameters: options.parameters?.(charter.parameters) ?? charter.parameters,
  });
  const credentials = new Map<string, NodeCredentials>();
  const stores = new Map<string, Store>();
  const all: Store[] = [];
  const clients: pg.Client[] = [];
  const owner = new pg.Pool({ connectionString: adminUrl, max: 2 });
  owner.on("error", () => undefined);
  owner.on("connect", (client) => client.on("error", () => undefined));

  const has = <T>(found: T | undefined, actor: string): T => {
    if (found === undefined) throw new Error(`the fixture has no ${actor}`);
    return found;
  };
  const loginUrl = (actor: string, port?: number): string => {
    const { login, password } = has(credentials.get(actor), actor);
    const url = new URL(adminUrl);
    url.username = login;
    url.password = password;
    if (port !== undefined) url.port = String(port);
    return url.href;
  };
  const connect = (actor: string, { port, ...limits }: ConnectChoice = {}): Store => {
    const store = connectStore(
      {
        url: loginUrl(actor, port),
        applicationName: `test-${actor}`,
        ...limits,
      },
      { clock: systemClock, random: systemRandom, log: silentLog },
    );
    all.push(store);
    return store;
  };
  const add = async (name: string, role: Role, kind: ActorKind = "agent"): Promise<Store> => {
    credentials.set(name, await addNode(adminUrl, { name, role, kind, persona: defaultPersonas[role] }));
    const store = connect(name);
    stores.set(name, store);
    const opened = await store.open({ instance: randomUUID(), takeOver: false, version: "0.1.0" });
    if (opened.outcome !== "opened") throw new Error(`${name} is occupied`);
    // No daemon renews it here; who is away is for the test to say.
    await owner.query("update federation.presence set lease_until = 'infinity' where actor = $1", [name]);
    return store;
  };
  for (const [name, role, kind] of team) await add(name, role, kind);

  const raw = async (actor: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: loginUrl(actor) });
    client.on("error", () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  const doors = new Map<string, pg.Client>();
  const ownerQuery = async <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
    (await owner.query<Row>(sql, [...values])).rows;

  async function overdue(): Promise<readonly OverdueRow[]> {
    // The commander sees every mission and is a member of nearly all.
    const mover = has(stores.get(COMMANDER), COMMANDER);
    try {
      return await settleOverdue(mover, ownerQuery);
    } catch {
      // The test has fenced it, or took its server away for a while.
      const next = connect(COMMANDER);
      await next.open({ instance: randomUUID(), takeOver: true, version: "0.1.0" });
      return await settleOverdue(next, ownerQuery);
    }
  }

  return {
    adminUrl,
    server: database.server,
    credentials: (actor) => has(credentials.get(actor), actor),
    store: (actor) => has(stores.get(actor), actor),
    connect,
    loginUrl,
    raw,
    applyRaw: async (actor, operations, context = {}) => {
      const client = doors.get(actor) ?? (await raw(actor));
      doors.set(actor, client);
      const node = await owner.query<object>(
        "select generation, impl_epoch as epoch from federation.nodes where actor = $1",
        [actor],
      );
      const whole = JSON.stringify({ ...node.rows[0], callId: randomUUID(), command: "Raw", ...context });
      return await client.query("select federation.apply($1, $2) as answer", [whole, JSON.stringify(operations)]);
    },
    owner: ownerQuery,
    apply: (actor, ...operations) =>
      has(stores.get(actor), actor).apply({ callId: randomUUID(), command: "Test", operations }),
    logSettled: async () => {
      const giveUpMs = performance.now() + 20_000;
      for (;;) {
        const held = await owner.query(
          "select 1 from federation.events where xact >= pg_snapshot_xmin(pg_current_snapshot()) limit 1",
        );
        if (held.rowCount === 0) return;
        if (performance.now() > giveUpMs) throw new Error("some transaction of the server holds the log back");
        await sleep(10);
      }
    },
    addNode: add,
    overdue,
    drop: async ({ leaves = [] } = {}) => {
      const left = leaves === "another schema" ? [] : (await overdue()).filter((row) => !leaves.includes(row.kind));
      await Promise.all(all.map((store) => store.close({ deadlineMs: 2_000 })));
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      await owner.end();
      await dropLogins(adminUrl);
      await database.drop();
      if (left.length > 0) {
        const shown = left.slice(0, 10).map((row) => Object.values(row).join(" "));
        throw new Error(`${left.length} overdue: ${shown.join("; ")}`);
      }
    },
  };
}

/** The first result of a call, which had at least one operation. */
export function first(outcome: ApplyOutcome): OperationResult {
  const [result] = outcome.results;
  if (result === undefined) throw new Error("the call had no operation");
  return result;
}
