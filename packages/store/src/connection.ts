import { readFileSync } from "node:fs";
import { MeshError } from "@federation/core";
import type { Clock, Log, Random } from "@federation/runtime/ports";
import pg from "pg";
import { failureLabel, isRetryable, toMeshError } from "./pg-errors.ts";

/**
 * The pool of one daemon, and the one way a statement is repeated.
 *
 * 1. A connection that dies while checked out must not crash the process: every client has an error listener.
 * 2. A retry runs the same statement with the same parameters; whoever calls makes it safe to repeat (call id).
 * 3. An idle transaction is ended by the server after ten seconds, and so is a statement after thirty. An answer that
 *    does not come at all (a half-open connection) is given up on this side a little later.
 */
export interface ConnectionOptions {
  /** postgresql:// URL; its login is the daemon's own. */
  readonly url: string;
  readonly password?: string;
  /** Encrypt, and check certificate and host name, against this authority or the system's. */
  readonly verifyTls?: boolean;
  readonly caFile?: string;
  readonly maxConnections?: number;
  /** After this long without an answer a connection is taken for dead; longer than the server's 30 s per statement. */
  readonly queryTimeoutMs?: number;
  readonly applicationName: string;
}

export function clientConfig(options: ConnectionOptions): pg.ClientConfig {
  // What the URL says wins over every other option of pg, also where it says nothing: the password goes into it.
  const url = new URL(options.url);
  if (options.password !== undefined) url.password = encodeURIComponent(options.password);
  return {
    connectionString: url.href,
    ...(options.verifyTls === true
      ? {
          ssl: {
            rejectUnauthorized: true,
            ...(options.caFile === undefined ? {} : { ca: readFileSync(options.caFile, "utf8") }),
          },
        }
      : {}),
    application_name: options.applicationName,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    query_timeout: options.queryTimeoutMs ?? 35_000,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
  };
}

export interface Database {
  /** One statement, repeated with back-off while its failure may pass, for at most `retryMs`. Throws MeshError. */
  one<Row extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[],
    retryMs?: number,
  ): Promise<Row | undefined>;
  all<Row extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[],
    retryMs?: number,
  ): Promise<readonly Row[]>;
  retries(): Readonly<Record<string, number>>;
  lastFailure(): string | undefined;
  close(deadlineMs: number): Promise<void>;
}

export function createDatabase(
  options: ConnectionOptions,
  ports: { clock: Clock; random: Random; log: Log },
): Database {
  const pool = new pg.Pool({ ...clientConfig(options), max: options.maxConnections ?? 6, idleTimeoutMillis: 60_000 });
  const retries: Record<string, number> = {};
  let lastFailure: string | undefined;
  let closing: Promise<void> | undefined;
  pool.on("error", (error) => ports.log.warn({ failure: failureLabel(error) }, "an idle database connection was lost"));
  const clients = new Set<pg.PoolClient>();
  pool.on("connect", (client) => {
    clients.add(client);
    client.on("error", () => undefined);
  });
  pool.on("remove", (client) => clients.delete(client));

  async function run<Row extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[],
    retryMs: number,
  ): Promise<pg.QueryResult<Row>> {
    const startedMs = ports.clock.nowMs();
    for (let attempt = 0; ; attempt++) {
      if (closing !== undefined) throw new MeshError("unavailable", "This store is closed.");
      try {
        const result = await pool.query<Row>(sql, [...values]);
        lastFailure = undefined;
        return result;
      } catch (error) {
        const label = failureLabel(error);
        if (!isRetryable(error) || closing !== undefined) throw toMeshError(error);
        retries[label] = (retries[label] ?? 0) + 1;
        lastFailure = toMeshError(error).message;
        const waitMs = Math.min(2_000, 25 * 2 ** attempt) * (0.5 + ports.random.fraction());
        if (ports.clock.nowMs() - startedMs + waitMs > retryMs) throw toMeshError(error);
        await ports.clock.sleep(waitMs);
      }
    }
  }

  /** Statements under way may end until the deadline; then their connections are cut. */
  async function close(deadlineMs: number): Promise<void> {
    const ended = new AbortController();
    const end = pool.end().finally(() => ended.abort());
    await Promise.race([end, ports.clock.sleep(deadlineMs, ended.signal)]);
    for (const client of clients) void client.end().catch(() => undefined);
  }

  return {
    async one(sql, values, retryMs = 10_000) {
      const result = await run<never>(sql, values, retryMs);
      return result.rows[0];
    },
    async all(sql, values, retryMs = 10_000) {
      const result = await run<never>(sql, values, retryMs);
      return result.rows;
    },
    retries: () => ({ ...retries }),
    lastFailure: () => lastFailure,
    close: (deadlineMs) => (closing ??= close(deadlineMs)),
  };
}

/** A statement that must answer with a row. */
export function required<Row>(row: Row | undefined, what: string): Row {
  if (row === undefined) throw new MeshError("internal", `The database gave no answer to ${what}.`);
  return row;
}
