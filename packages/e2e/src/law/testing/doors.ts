import { randomUUID } from "node:crypto";
import { allScopes, controlOfTool, MeshError, type Role, type ScopeName } from "@federation/core";
import { createControlService, createCounters, createNews } from "@federation/runtime";
import type { ControlService, Store } from "@federation/runtime/ports";
import { type Federation, silentLog, systemClock, systemRandom } from "@federation/store/testing";
import pg from "pg";

/**
 * The two ways to attack a vote: through the gate, which is the control service of a node, and past it, which is SQL
 * under a node's own login. No loop runs: what is moved, the test moves.
 *
 * What an attempt ended with is a word: the code of the refusal, and the article it names.
 */
export type Attempt = () => Promise<string>;

/** What a client claims to be; without it, the node's own actor. */
export interface Claimed {
  readonly actor?: string;
  readonly role?: Role;
  /** All of them when not given. */
  readonly scopes?: readonly ScopeName[];
  readonly credential?: string;
  readonly callId?: string;
  /** Another daemon of the node's actor. */
  readonly daemon?: Store;
}

export interface Doors {
  /** A call of the control API at a node, by the name of its tool. */
  call(node: string, tool: string, request?: object, claimed?: Claimed): Attempt;
  /** `federation.apply` under a node's login, with its present generation unless the context says otherwise. */
  apply(node: string, operations: object | readonly object[], context?: object): Attempt;
  /** Any statement under a node's login. */
  sql(node: string, statement: string, values?: readonly unknown[]): Attempt;
  close(): Promise<void>;
}

/** What is not in the list of calls cannot be asked of the gate. */
export const NO_CALL = "no such call";
/** A login may have 24 connections; the node's store has some of them. */
const CONNECTIONS = 8;

export function openDoors(federation: Federation): Doors {
  const pools = new Map<string, pg.Pool>();
  const services = new Map<Store, ControlService>();

  const poolOf = (node: string): pg.Pool => {
    const known = pools.get(node);
    if (known !== undefined) return known;
    const pool = new pg.Pool({ connectionString: federation.loginUrl(node), max: CONNECTIONS });
    pool.on("error", () => undefined);
    pools.set(node, pool);
    return pool;
  };
  const serviceOf = (node: string, store: Store): ControlService => {
    const known = services.get(store);
    if (known !== undefined) return known;
    const service = createControlService({
      store,
      actor: node,
      move: async () => undefined,
      lookForWork: () => undefined,
      news: createNews(systemClock),
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      counters: createCounters(),
      version: "0.1.0",
      brokers: () => ({ publish: { state: "closed" }, consume: { state: "closed" } }),
      model: () => "none",
    });
    services.set(store, service);
    return service;
  };
  const one = async <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[]): Promise<Row> => {
    const [row] = await federation.owner<Row>(sql, values);
    if (row === undefined) throw new Error(`no row: ${sql}`);
    return row;
  };

  return {
    call: (node, tool, request = {}, claimed = {}) =>
      ended(async () => {
        const name = controlOfTool(tool);
        if (name === undefined) return NO_CALL;
        const actor = claimed.actor ?? node;
        const { role } = await one<{ role: Role }>("select role from federation.actors where name = $1", [actor]);
        const service = serviceOf(node, claimed.daemon ?? federation.store(node));
        await service.call(name, request, {
          actor,
          role: claimed.role ?? role,
          scopes: claimed.scopes ?? allScopes,
          credential: claimed.credential ?? "bearer:none",
          callId: claimed.callId ?? randomUUID(),
          signal: new AbortController().signal,
        });
        return "done";
      }),
    apply: (node, operations, context = {}) =>
      ended(async () => {
        const present = await one<{ generation: string }>(
          "select generation, impl_epoch as epoch from federation.nodes where actor = $1",
          [node],
        );
        const whole = { ...present, callId: randomUUID(), command: "Raw", ...context };
        const list = Array.isArray(operations) ? operations : [operations];
        const { rows } = await poolOf(node).query<{
          answer: { replayed: boolean; results: readonly { moved?: boolean }[] };
        }>("select federation.apply($1, $2) as answer", [JSON.stringify(whole), JSON.stringify(list)]);
        const answer = rows[0]?.answer;
        if (answer?.replayed === true) return "done again";
        return answer?.results[0]?.moved === false ? "not moved" : "done";
      }),
    sql: (node, statement, values = []) =>
      ended(async () => {
        await poolOf(node).query(statement, [...values]);
        return "done";
      }),
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
}

const ended =
  (attempt: () => Promise<string>): Attempt =>
  async () => {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof MeshError) return words(error.code, error.details["article"]);
      if (error instanceof pg.DatabaseError) return words(error.code ?? "", articleOf(error.detail));
      throw error;
    }
  };

const words = (code: string, article: unknown): string => (typeof article === "string" ? `${code} ${article}` : code);

/** The detail of a refusal of the Federation's own is JSON; PostgreSQL's is prose. */
function articleOf(detail: string | undefined): unknown {
  const [, article] = /^\{.*"article": ?"([a-z-]+)"/.exec(detail ?? "") ?? [];
  return article;
}
