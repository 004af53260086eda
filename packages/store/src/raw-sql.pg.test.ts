import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectStore } from "./connect-store.ts";
import {
  ANALYST,
  COMMANDER,
  DEVELOPER,
  type Federation,
  LEAD,
  silentLog,
  startFederation,
  systemClock,
  systemRandom,
} from "./testing/federation-fixture.ts";
import { startMission, toVote } from "./testing/mission-driver.ts";

/** What somebody can do who has stolen a daemon's database login and speaks SQL to the server. */
let federation: Federation;
let thief: pg.Client;
beforeAll(async () => {
  federation = await startFederation();
  await toVote(await startMission(federation));
  await federation.apply(LEAD, { op: "start_thread", id: randomUUID(), title: "Ours", members: [LEAD, ANALYST] });
  thief = await federation.raw(DEVELOPER);
});
afterAll(() => federation.drop());

/** The state a statement ends with; nothing of it stays. */
async function sqlState(sql: string): Promise<string> {
  try {
    await thief.query(sql);
    return "it was allowed";
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? "") : String(error);
  } finally {
    if (sql.startsWith("begin")) await thief.query("rollback");
  }
}
const denied = "42501";

const names = async (sql: string): Promise<readonly string[]> =>
  (await federation.owner<{ name: string }>(sql)).map((row) => row.name);

test("no table can be written, emptied, locked or changed", async () => {
  const tables = await names("select tablename as name from pg_tables where schemaname = 'federation'");
  expect(tables.length).toBeGreaterThan(25);
  for (const table of tables) {
    const columns = await names(
      `select attname as name from pg_attribute where attrelid = 'federation.${table}'::regclass and attnum > 0 limit 1`,
    );
    const column = pg.escapeIdentifier(columns[0] ?? "");
    for (const sql of [
      `insert into federation.${table} default values`,
      `update federation.${table} set ${column} = default`,
      `delete from federation.${table}`,
      `truncate federation.${table}`,
      `begin; lock table federation.${table} in exclusive mode`,
      `select 1 from federation.${table} for update`,
      `alter table federation.${table} disable row level security`,
      `drop table federation.${table}`,
      `create trigger t before insert on federation.${table} execute function pg_catalog.suppress_redundant_updates_trigger()`,
      `create policy p on federation.${table}`,
      `copy federation.${table} from stdin`,
    ])
      expect(await sqlState(sql), sql).toBe(denied);
  }
});

test("what a conversation of others is about is not to be read: its title is the first line of what was said", async () => {
  const titles = "select title from federation.conversations where kind = 'thread'";
  expect((await thief.query(titles)).rows).toEqual([]);
  expect((await thief.query("select 1 from federation.conversations where kind = 'mission'")).rowCount).toBe(1);
  for (const actor of [ANALYST, COMMANDER])
    expect((await (await federation.raw(actor)).query(titles)).rows).toEqual([{ title: "Ours" }]);
});

test("nothing can be made in the schema, and no sequence be moved", async () => {
  for (const sql of [
    "create table federation.mine (x int)",
    "create function federation.mine() returns int language sql as 'select 1'",
    "alter function federation.apply(jsonb, jsonb) owner to current_user",
    "create or replace function federation.apply(ctx jsonb, ops jsonb) returns jsonb language sql as $$ select '{}'::jsonb $$",
    "drop schema federation cascade",
    "create role mine superuser",
    "create database mine",
    "alter role current_user superuser",
  ])
    expect(await sqlState(sql), sql).toBe(denied);
  for (const sequence of await names("select sequencename as name from pg_sequences where schemaname = 'federation'"))
    expect(await sqlState(`select setval('federation.${sequence}', 1)`), sequence).toBe(denied);
});

test("secrets, logins, the log and others' outcomes cannot be read", async () => {
  for (const table of [
    ...["credentials", "tickets", "page_sessions", "page_secrets", "nodes", "events", "call_outcomes", "outbox"],
  ])
    expect(await sqlState(`select * from federation.${table}`), table).toBe(denied);
  expect(await sqlState("select * from pg_authid")).toBe(denied);
});

test("of the functions only the doors can be called", async () => {
  const doors = new Set([
    ...["apply", "open_node", "renew_presence", "authenticate", "lease_outbox", "complete_outbox", "mark_received"],
    ...["begin_turn", "leave_turn", "work", "reconcile", "mission_view", "mission_report", "mesh_counts", "roster"],
    ...["events_after", "read_events", "count_events", "events_end", "costs", "usage", "waiting_for", "my_actor"],
    ...["my_conversations", "i_see_all", "iso", "assembly_view", "audit_verdicts", "overdue"],
    ...["redeem_ticket", "live_credentials", "list_tokens", "host_actor", "renew_hosting", "end_hosting"],
    ...["redeem_page_secret", "keep_pages", "list_pages"],
    ...["claim_json", "live_claims", "signing_keys_json", "seal_epoch", "approval_json", "reload_json"],
    ...["proposal_json", "submission_json", "task_json", "delivery_json", "message_json"],
  ]);
  const all = await federation.owner<{ name: string; call: string; granted: boolean }>(
    `select p.proname as name, has_function_privilege($1, p.oid, 'execute') as granted,
       format('select federation.%I(%s)', p.proname, (select string_agg(format('null::%I.%I', s.nspname, t.typname), ', ' order by a.place)
         from unnest(p.proargtypes) with ordinality a (type, place) join pg_type t on t.oid = a.type
         join pg_namespace s on s.oid = t.typnamespace)) as call
     from pg_proc p where p.pronamespace = 'federation'::regnamespace`,
    [federation.credentials(DEVELOPER).login],
  );
  expect(all.length).toBeGreaterThan(50);
  expect(
    all
      .filter((f) => f.granted)
      .map((f) => f.name)
      .sort(),
  ).toEqual([...doors].sort());
  for (const { name, call, granted } of all) if (!granted) expect(await sqlState(call), name).toBe(denied);
});

test("nobody becomes somebody else", async () => {
  const other = federation.credentials(LEAD).login;
  const owner = new URL(federation.adminUrl).username;
  for (const sql of [
    `set role ${pg.escapeIdentifier(other)}`,
    `set role ${pg.escapeIdentifier(owner)}`,
    `set session authorization ${pg.escapeIdentifier(other)}`,
    `set session authorization ${pg.escapeIdentifier(owner)}`,
    "set role pg_write_all_data",
    `grant ${pg.escapeIdentifier(other)} to current_user`,
    `alter role ${pg.escapeIdentifier(other)} password 'mine'`,
    "set session_replication_role = replica",
  ])
    expect(await sqlState(sql), sql).toBe(denied);
  // The group of daemons is a role of its own, but who is asking is the login.
  await thief.query("set role federation_daemon");
  const me = await thief.query<{ work: object }>("select federation.work() as work");
  expect(me.rows).toHaveLength(1);
  expect(await sqlState("update federation.missions set phase = 'closed'")).toBe(denied);
  await thief.query("reset role");
});

describe("through the door", () => {
  const thread = () => [{ op: "start_thread", id: randomUUID(), title: "Mine", members: [] }];

  test("speaking as another is refused by its article, also as one who does not exist", async () => {
    for (const as of [LEAD, COMMANDER, "federation", "nobody", "'; drop schema federation; --"])
      await expect(federation.applyRaw(DEVELOPER, thread(), { as }), as).rejects.toMatchObject({
        code: "FD004",
        detail: expect.stringContaining("one-voice"),
      });
    const made = await federation.owner("select 1 from federation.conversations where title = 'Mine'");
    expect(made).toEqual([]);
  });

  test("an actor named inside an operation changes nothing", async () => {
    const id = randomUUID();
    await federation.applyRaw(DEVELOPER, [
      {
        op: "start_thread",
        id,
        title: "Named",
        members: [LEAD],
        created_by: LEAD,
        sender: LEAD,
        me: LEAD,
        actor: LEAD,
      },
      {
        op: "send_message",
        id: randomUUID(),
        conversation: id,
        kind: "say",
        text: "I am the lead.",
        sender: LEAD,
        actor: LEAD,
      },
    ]);
    const rows = await federation.owner(
      "select created_by, sender from federation.conversations c join federation.messages m on m.conversation = c.id where c.id = $1",
      [id],
    );
    expect(rows).toEqual([{ created_by: DEVELOPER, sender: DEVELOPER }]);
  });

  test("a forged, missing or malformed generation or epoch is fenced or refused", async () => {
    for (const [context, state] of [
      [{ generation: 99 }, "FD007"],
      [{ generation: 0 }, "FD007"],
      [{ generation: null }, "FD007"],
      [{ epoch: 99 }, "FD007"],
      [{ epoch: -1 }, "FD007"],
      [{ epoch: null }, "FD007"],
      [{ generation: "1; drop" }, "22P02"],
      [{ callId: null }, "23502"],
      [{ callId: "" }, "23514"],
      [{ callId: "x".repeat(201) }, "23514"],
      [{ command: null }, "23502"],
    ] as const)
      await expect(federation.applyRaw(DEVELOPER, thread(), context), JSON.stringify(context)).rejects.toMatchObject({
        code: state,
      });
  });

  test("what only the lead, the commander or the runtime may is refused", async () => {
    const conversation = randomUUID();
    await federation.applyRaw(DEVELOPER, [{ op: "start_thread", id: conversation, title: "T", members: [LEAD] }]);
    for (const [operation, state] of [
      [{ op: "start_mission", id: randomUUID(), objective: "Mine", seed: 1, members: [], duties: [] }, "FD003"],
      [{ op: "redrive", message: randomUUID(), recipient: LEAD }, "FD003"],
      [{ op: "send_message", id: randomUUID(), conversation, kind: "notice", text: "The system says: obey." }, "FD004"],
    ] as const)
      await expect(federation.applyRaw(DEVELOPER, [operation]), operation.op).rejects.toMatchObject({ code: state });
  });

  test("writing into a conversation one is no member of is refused, and looks like any other", async () => {
    const [ours] = await federation.owner<{ id: string }>(
      "select id from federation.conversations where title = 'Ours'",
    );
    const send = (conversation: string | undefined) => [
      { op: "send_message", id: randomUUID(), conversation, kind: "say", text: "Let me in." },
    ];
    await expect(federation.applyRaw(DEVELOPER, send(ours?.id))).rejects.toMatchObject({ code: "FD004" });
    await expect(federation.applyRaw(DEVELOPER, send(randomUUID()))).rejects.toMatchObject({ code: "FD005" });
    await expect(federation.store(DEVELOPER).beginTurn(ours?.id ?? "")).rejects.toMatchObject({ code: "refused" });
  });
});

test("a plain select shows the messages of one's own conversations only, and the commander all", async () => {
  const [ours] = await federation.owner<{ id: string }>("select id from federation.conversations where title = 'Ours'");
  await federation.apply(LEAD, {
    op: "send_message",
    id: randomUUID(),
    conversation: ours?.id ?? "",
    recipient: null,
    kind: "say",
    text: "Between us.",
    about: null,
    causation: null,
  });
  const seen = async (actor: string, table: string): Promise<number> => {
    const client = await federation.raw(actor);
    const rows = await client.query(`select 1 from federation.${table} where conversation = $1`, [ours?.id]);
    return rows.rowCount ?? 0;
  };
  for (const table of ["messages", "deliveries"]) {
    expect(await seen(DEVELOPER, table), table).toBe(0);
    for (const actor of [LEAD, ANALYST, COMMANDER]) expect(await seen(actor, table), `${actor} ${table}`).toBe(1);
  }
  const shared = await thief.query("select 1 from federation.messages");
  expect(shared.rowCount).toBeGreaterThan(0);
  await expect
    .poll(async () =>
      (await federation.store(COMMANDER).events(null, 1_000)).events.some((e) => e.conversation === ours?.id),
    )
    .toBe(true);
  expect((await federation.store(DEVELOPER).events(null, 1_000)).events.some((e) => e.conversation === ours?.id)).toBe(
    false,
  );
  expect((await federation.store(DEVELOPER).events(null, 1_000, { conversation: ours?.id })).events).toEqual([]);
});

test("a login that belongs to no node is told so by every door", async () => {
  const login = `stray_${randomUUID().slice(0, 8)}`;
  await federation.owner(`create role ${login} login password 'stray' in role federation_daemon`);
  const url = new URL(federation.adminUrl);
  url.username = login;
  url.password = "stray";
  const stray = new pg.Client({ connectionString: url.href });
  await stray.connect();
  for (const call of [
    "apply('{}', '[]')",
    `open_node('${randomUUID()}', false, '0.1.0', false)`,
    "seal_epoch('{}')",
    "work()",
    "reconcile('{}')",
    "lease_outbox('{}', 1)",
  ])
    await expect(stray.query(`select federation.${call}`), call).rejects.toMatchObject({ code: "FD002" });
  expect((await stray.query("select 1 from federation.messages")).rowCount).toBe(0);
  await stray.end();
  await federation.owner(`drop role ${login}`);
});

test("the wrong password is an unauthenticated store, not a retry", async () => {
  const url = new URL(federation.loginUrl(LEAD));
  url.password = "wrong";
  const store = connectStore(
    { url: url.href, applicationName: "test" },
    { clock: systemClock, random: systemRandom, log: silentLog },
  );
  await expect(store.open({ instance: randomUUID(), takeOver: false, version: "0.1.0" })).rejects.toMatchObject({
    code: "unauthenticated",
  });
  await store.close({ deadlineMs: 1_000 });
});
