import { randomBytes } from "node:crypto";
import { Client, escapeIdentifier } from "pg";
import { useSharedServer } from "./shared.ts";

export interface TestDatabase {
  /** The owner's (superuser's) URL of a new, empty database. Logins are shared by all databases of the server. */
  readonly adminUrl: string;
  /** The database's name; unique, fit as a prefix of login names. */
  readonly name: string;
  /** The server's name and version, e.g. `PostgreSQL 18.4 (embedded)`. */
  readonly server: string;
  /** Drops the database and cuts whoever is still connected. Calling it again does nothing. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** A server of one's own (`startPostgres`); by default the test run's. */
  readonly adminUrl?: string;
}

/**
 * A fresh, empty database on a real PostgreSQL. The test run's server is, in this order: the one that
 * `FEDERATION_TEST_DATABASE_URL` names (a superuser's URL), Debian's 15 or npm's 18 when `FEDERATION_TEST_POSTGRES`
 * says so, a container where a Docker engine answers, else npm's 18.
 * @throws MeshError `unavailable` when there is no server.
 */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { adminUrl } = options;
  const { server, release } =
    adminUrl === undefined
      ? await useSharedServer()
      : { server: { adminUrl, label: "PostgreSQL (given)" }, release: async () => {} };
  const name = `fed_${randomBytes(5).toString("hex")}`;
  await run(server.adminUrl, `create database ${escapeIdentifier(name)}`);
  const url = new URL(server.adminUrl);
  url.pathname = `/${name}`;
  let dropped = false;
  return {
    adminUrl: url.href,
    name,
    server: server.label,
    drop: async () => {
      if (dropped) return;
      dropped = true;
      try {
        await run(server.adminUrl, `drop database if exists ${escapeIdentifier(name)} with (force)`);
      } finally {
        await release();
      }
    },
  };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}
