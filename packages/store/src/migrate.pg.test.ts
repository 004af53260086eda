import { randomUUID } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { defaultPersonas } from "@federation/core";
import { type TestDatabase, testDatabase } from "@federation/testkit/postgres";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addNode, dropLogins } from "./admin.ts";
import { adoptCharter } from "./adopt-charter.ts";
import { loadCharter } from "./charter-files.ts";
import { connectStore } from "./connect-store.ts";
import { migrate, migrationStatus } from "./migrate.ts";
import {
  charterDir,
  LEAD,
  migrationsDir,
  silentLog,
  startFederation,
  systemClock,
  systemRandom,
} from "./testing/federation-fixture.ts";

let database: TestDatabase;
let dir: string;
beforeEach(async () => {
  database = await testDatabase();
  dir = await mkdtemp(path.join(tmpdir(), "federation-migrations-"));
  await cp(migrationsDir, dir, { recursive: true });
});
afterEach(async () => {
  await database.drop();
  await rm(dir, { recursive: true });
});

async function owner<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function change(file: string, edit: (sql: string) => string): Promise<void> {
  const at = path.join(dir, file);
  await writeFile(at, edit(await readFile(at, "utf8")));
}

test("every function compiles with its body checked", async () => {
  await migrate(database.adminUrl, dir);
  await owner(database.adminUrl, async (client) => {
    // Once all are there none refers forward any more.
    await client.query("set check_function_bodies = on");
    for (const file of (await readdir(path.join(dir, "functions"))).sort())
      await client.query(await readFile(path.join(dir, "functions", file), "utf8"));
  });
});

test("migrators at the same time wait for each other, and one does the work", async () => {
  const runs = await Promise.all(Array.from({ length: 4 }, () => migrate(database.adminUrl, dir)));
  expect(runs.filter((run) => run.applied.length > 0)).toHaveLength(1);
  expect(runs.filter((run) => run.functionsApplied)).toHaveLength(1);
  const status = await migrationStatus(database.adminUrl, dir);
  expect(status).toMatchObject({ functionsCurrent: true });
  expect(status.version).toBe(status.latest);
});

test("a migration that was changed after it had run is refused, and nothing is changed", async () => {
  await migrate(database.adminUrl, dir);
  await change("0001.do.foundation.sql", (sql) => `${sql}\n-- an afterthought\n`);
  await change("functions/00-errors.sql", (sql) => `${sql}\n-- another\n`);
  await expect(migrate(database.adminUrl, dir)).rejects.toMatchObject({ code: "schema_mismatch" });
  expect(await migrationStatus(database.adminUrl, dir)).toMatchObject({ functionsCurrent: false });
});

test("a migration that fails leaves no trace", async () => {
  await migrate(database.adminUrl, dir);
  const before = await migrationStatus(database.adminUrl, dir);
  await writeFile(path.join(dir, "0999.do.broken.sql"), "create table federation.half (x int); select 1/0;");
  await expect(migrate(database.adminUrl, dir)).rejects.toMatchObject({ code: "schema_mismatch" });
  expect((await migrationStatus(database.adminUrl, dir)).version).toBe(before.version);
  await owner(database.adminUrl, async (client) => {
    const half = await client.query("select to_regclass('federation.half') as half");
    expect(half.rows).toEqual([{ half: null }]);
  });
});

test("functions are made again when one of them changed, and when a migration ran, and otherwise left alone", async () => {
  await migrate(database.adminUrl, dir);
  expect(await migrate(database.adminUrl, dir)).toEqual({ applied: [], functionsApplied: false });

  await change("functions/60-views.sql", (sql) => sql.replace("'outbox',", "'outboxes',"));
  expect(await migrationStatus(database.adminUrl, dir)).toMatchObject({ functionsCurrent: false });
  expect(await migrate(database.adminUrl, dir)).toEqual({ applied: [], functionsApplied: true });
  await owner(database.adminUrl, async (client) => {
    const counts = await client.query<{ counts: object }>("select federation.mesh_counts() as counts");
    expect(counts.rows[0]?.counts).toHaveProperty("outboxes");
  });

  // A new table is of no use to a daemon without the grants, which the function files end with.
  await writeFile(path.join(dir, "0999.do.more.sql"), "create table federation.more (x int);");
  expect(await migrate(database.adminUrl, dir)).toMatchObject({ functionsApplied: true });
  await owner(database.adminUrl, async (client) => {
    const granted = await client.query(
      "select has_table_privilege('federation_daemon', 'federation.more', 'select') as may",
    );
    expect(granted.rows).toEqual([{ may: true }]);
  });
});

test("functions that are gone from the files are gone from the database", async () => {
  await migrate(database.adminUrl, dir);
  await owner(database.adminUrl, (client) =>
    client.query("create function federation.stray() returns int language sql as 'select 1'"),
  );
  await change("functions/00-errors.sql", (sql) => `${sql}\n`);
  await migrate(database.adminUrl, dir);
  await owner(database.adminUrl, async (client) => {
    const stray = await client.query("select to_regproc('federation.stray') as stray");
    expect(stray.rows).toEqual([{ stray: null }]);
  });
});

test("a daemon whose build is out of the schema's range is refused at open, and told what to do", async () => {
  const federation = await startFederation();
  try {
    const store = federation.connect(LEAD);
    const open = (version: string) => store.open({ instance: randomUUID(), takeOver: true, version });
    await federation.owner("update federation.meta set value = '0.2.0' where key = 'oldest_build'");
    await expect(open("0.1.9")).rejects.toMatchObject({
      code: "schema_mismatch",
      message: expect.stringContaining("update this node"),
    });
    expect(await open("0.2.0")).toMatchObject({ outcome: "opened" });
    expect(await open("0.10.0")).toMatchObject({ outcome: "opened" });
    await federation.owner("delete from federation.migrations where version > 0");
    await expect(open("0.2.0")).rejects.toMatchObject({
      code: "schema_mismatch",
      message: expect.stringContaining("federation db migrate"),
    });
  } finally {
    await federation.drop({ leaves: "another schema" });
  }
});

test("a database without the schema is a schema mismatch, not a defect", async () => {
  const federation = await startFederation();
  try {
    const store = federation.connect(LEAD);
    await federation.owner("alter schema federation rename to elsewhere");
    await expect(store.open({ instance: randomUUID(), takeOver: true, version: "0.1.0" })).rejects.toMatchObject({
      code: "schema_mismatch",
    });
    await federation.owner("alter schema elsewhere rename to federation");
  } finally {
    await federation.drop();
  }
});

test("an owner who is no superuser founds a federation, runs it and takes its logins away again", async () => {
  const name = `owner_${randomUUID().slice(0, 8)}`;
  await owner(database.adminUrl, async (client) => {
    await client.query(`create role ${name} login createrole password 'secret'`);
    // The group of daemons may have been made by the owner of another database; then its admin option is needed.
    await client.query(
      "do $$ begin create role federation_daemon nologin; exception when duplicate_object or unique_violation then null; end $$",
    );
    await client.query(`grant federation_daemon to ${name} with admin option`);
    await client.query(`alter database ${database.name} owner to ${name}`);
  });
  const url = new URL(database.adminUrl);
  url.username = name;
  url.password = "secret";
  await migrate(url.href, dir);
  await adoptCharter(url.href, await loadCharter(charterDir));
  const credentials = await addNode(url.href, {
    name: "solo",
    kind: "agent",
    role: "lead",
    persona: defaultPersonas.lead,
  });
  const daemon = new URL(url.href);
  daemon.username = credentials.login;
  daemon.password = credentials.password;
  const store = connectStore(
    { url: daemon.href, applicationName: "test" },
    { clock: systemClock, random: systemRandom, log: silentLog },
  );
  expect(await store.open({ instance: randomUUID(), takeOver: false, version: "0.1.0" })).toMatchObject({
    outcome: "opened",
  });
  const id = randomUUID();
  await store.apply({
    callId: randomUUID(),
    command: "StartMission",
    operations: [
      {
        op: "start_mission",
        id,
        objective: "Stand alone",
        seed: 1,
        members: [{ actor: "solo", votes: true }],
        duties: [{ actor: "solo", duty: "propose", subject: null }],
      },
    ],
  });
  expect((await store.missionView(id))?.phase).toBe("propose");
  expect((await store.tail(id, 5)).length).toBe(1);
  await store.close({ deadlineMs: 1_000 });
  await dropLogins(url.href);
  await owner(database.adminUrl, async (client) => {
    const left = await client.query("select 1 from pg_roles where rolname = $1", [credentials.login]);
    expect(left.rows).toEqual([]);
  });
  await database.drop();
  await owner(new URL("/postgres", database.adminUrl).href, async (client) => {
    await client.query(`drop owned by ${name}`);
    await client.query(`drop role ${name}`);
  });
});
