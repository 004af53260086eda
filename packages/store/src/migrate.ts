import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MeshError } from "@federation/core";
import pg from "pg";
import Postgrator from "postgrator";
import { toMeshError } from "./pg-errors.ts";

/**
 * Brings a database to this build's schema.
 *
 * 1. One transaction under an advisory lock: all of it or nothing, and two migrators wait for each other.
 * 2. Numbered files run once, forward only, and their checksums are kept (postgrator); a changed one is refused.
 * 3. functions/ are repeatable: when the checksum of their whole has changed or a migration ran, all are dropped and
 *    made again.
 */
export interface MigrationStatus {
  readonly version: number;
  readonly latest: number;
  readonly functionsCurrent: boolean;
  readonly oldestBuild: string;
}

const LOCK = 7_236_501_144;

function functionFiles(dir: string): readonly { readonly name: string; readonly sql: string }[] {
  return readdirSync(join(dir, "functions"))
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({ name, sql: readFileSync(join(dir, "functions", name), "utf8") }));
}

const checksum = (files: readonly { readonly sql: string }[]): string =>
  createHash("sha256")
    .update(files.map((f) => f.sql).join("\0"))
    .digest("hex");

function postgratorFor(client: pg.Client, dir: string): Postgrator {
  return new Postgrator({
    driver: "pg",
    migrationPattern: join(dir, "*.sql"),
    schemaTable: "federation.migrations",
    validateChecksums: true,
    execQuery: (sql) => client.query(sql),
    execSqlScript: async (sql) => {
      await client.query(sql);
    },
  });
}

/** Runs `work` as the owner in one transaction. */
export async function asOwner<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    application_name: "federation-owner",
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    throw toMeshError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export async function migrate(
  ownerUrl: string,
  dir: string,
): Promise<{ readonly applied: readonly string[]; readonly functionsApplied: boolean }> {
  return await asOwner(ownerUrl, async (client) => {
    await client.query("select pg_advisory_xact_lock($1)", [LOCK]);
    const applied = await postgratorFor(client, dir)
      .migrate()
      .catch((error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        throw new MeshError("schema_mismatch", `The migration stopped, and nothing was changed: ${text}`, {
          cause: error,
        });
      });
    const files = functionFiles(dir);
    const sum = checksum(files);
    const known = await client.query<{ value: string }>(
      "select value from federation.meta where key = 'functions_sha256'",
    );
    // A new table needs the grants and policies that the function files end with.
    const functionsApplied = known.rows[0]?.value !== sum || applied.length > 0;
    if (functionsApplied) {
      await client.query("set local check_function_bodies = off");
      await client.query(
        `do $$ declare f regprocedure; r record; begin
           for r in select tablename, policyname from pg_policies where schemaname = 'federation' loop
             execute format('drop policy %I on federation.%I', r.policyname, r.tablename);
           end loop;
           for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'federation'::regnamespace loop
             execute format('drop function %s', f);
           end loop; end $$`,
      );
      for (const file of files) {
        await client.query(file.sql).catch((error: unknown) => {
          throw new MeshError("internal", `migrations/functions/${file.name} cannot be applied: ${String(error)}`, {
            cause: error,
          });
        });
      }
      await client.query(
        "insert into federation.meta (key, value) values ('functions_sha256', $1) on conflict (key) do update set value = excluded.value",
        [sum],
      );
    }
    return { applied: applied.map((m) => m.filename), functionsApplied };
  });
}

export async function migrationStatus(ownerUrl: string, dir: string): Promise<MigrationStatus> {
  return await asOwner(ownerUrl, async (client) => {
    const exists = await client.query<{ there: boolean }>("select to_regclass('federation.meta') is not null as there");
    const latest = await postgratorFor(client, dir).getMaxVersion();
    if (exists.rows[0]?.there !== true) return { version: 0, latest, functionsCurrent: false, oldestBuild: "" };
    const version = await client.query<{ v: number }>("select max(version)::int as v from federation.migrations");
    const meta = await client.query<{ key: string; value: string }>("select key, value from federation.meta");
    const value = (key: string): string => meta.rows.find((r) => r.key === key)?.value ?? "";
    return {
      version: version.rows[0]?.v ?? 0,
      latest,
      functionsCurrent: value("functions_sha256") === checksum(functionFiles(dir)),
      oldestBuild: value("oldest_build"),
    };
  });
}
