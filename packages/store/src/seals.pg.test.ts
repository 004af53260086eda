import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";

let federation: Federation;
let owner: pg.Client;
beforeAll(async () => {
  federation = await found();
  owner = new pg.Client({ connectionString: federation.adminUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await federation.drop();
});

/** Verdicts wait 50 ms for others before they are sealed. */
const found = () =>
  startFederation({ parameters: (shipped) => ({ ...shipped, audit: { ...shipped.audit, sealWithinMs: 100 } }) });

const record = (actor: string, action = "vote", mesh = federation) =>
  mesh.apply(actor, {
    op: "record_verdict",
    conversation: null,
    action,
    allowed: false,
    article: "one-ballot",
    reason: "your ballot is cast, and a ballot is final",
    lawful: "say what you think instead",
    charterVersion: 0,
  });
const audit = (mesh = federation) => mesh.store(COMMANDER).query("AuditVerdicts", {}, COMMANDER);
const seals = async (mesh = federation) =>
  await mesh.owner<{ n: string; verdicts: number }>("select n, verdicts from federation.verdict_seals order by n");

/** Seals until nothing is left. A transaction anywhere on the server may hold that up for a moment. */
async function sealed(mesh = federation): Promise<void> {
  const giveUpMs = performance.now() + 20_000;
  for (;;) {
    await mesh.store(LEAD).reconcile();
    const { unsealed } = await audit(mesh);
    if (unsealed === 0) return;
    if (performance.now() > giveUpMs) throw new Error(`${unsealed} verdicts are still not sealed`);
    await sleep(10);
  }
}

/** Those not sealed yet have waited long enough for others. */
const aged = (mesh = federation) =>
  mesh.owner(
    `update federation.verdicts v set at = at - interval '1 s'
     where (v.xact, v.id) > coalesce((select row(upto_xact, upto_id) from federation.verdict_seals order by n desc limit 1), row('0'::xid8, 0::bigint))`,
  );

test("verdicts are sealed into a chain that anybody can compute again", async () => {
  for (const actor of [LEAD, DEVELOPER, ANALYST]) await record(actor);
  await sealed();
  await record(COMMANDER, "veto");
  await sealed();
  const made = await seals();
  expect(made.length).toBeGreaterThanOrEqual(2);
  expect(made.reduce((sum, s) => sum + s.verdicts, 0)).toBe(4);
  const rows = await federation.owner<{ n: string; header: string; rows: Buffer; sha256: Buffer }>(
    `select s.n, s.sha256, jsonb_build_array(s.n, s.upto_xact::text, s.upto_id, s.verdicts,
         to_char(s.sealed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))::text as header,
       (select string_agg(federation.verdict_bytes(v), '' order by v.xact, v.id) from federation.verdicts v
         where (v.xact, v.id) <= (s.upto_xact, s.upto_id) and not exists (select 1 from federation.verdict_seals b
           where b.n < s.n and (v.xact, v.id) <= (b.upto_xact, b.upto_id))) as rows
     from federation.verdict_seals s order by s.n`,
  );
  let before: Buffer = Buffer.alloc(0);
  for (const row of rows) {
    before = createHash("sha256").update(before).update(`${row.header}\n`).update(row.rows).digest();
    expect(before.toString("hex"), `seal ${row.n}`).toBe(row.sha256.toString("hex"));
  }
  expect(await audit()).toEqual({
    seals: rows.length,
    sealed: 4,
    unsealed: 0,
    ok: true,
    brokenAt: null,
    head: before.toString("hex"),
  });
});

describe("what was tampered with below a seal is found", () => {
  beforeAll(async () => {
    for (let i = 0; i < 3; i++) {
      for (const actor of [LEAD, DEVELOPER]) await record(actor);
      await sealed();
    }
  });

  const second = "(select id from federation.verdicts order by xact, id offset 1 limit 1)";
  const middle = "(select n from federation.verdict_seals order by n offset 1 limit 1)";
  test.each([
    ["a reason changed", `update federation.verdicts set reason = 'well' where id = ${second}`],
    [
      "a refusal made a permission",
      `update federation.verdicts set allowed = true, article = null where id = ${second}`,
    ],
    ["an actor changed", `update federation.verdicts set actor = '${ANALYST}' where id = ${second}`],
    ["an action changed", `update federation.verdicts set action = 'say' where id = ${second}`],
    ["an article changed", `update federation.verdicts set article = 'budgets' where id = ${second}`],
    ["what was lawful changed", `update federation.verdicts set lawful = '' where id = ${second}`],
    ["its charter version changed", `update federation.verdicts set charter_version = 5 where id = ${second}`],
    [
      "its time changed by a microsecond",
      `update federation.verdicts set at = at + interval '1 us' where id = ${second}`,
    ],
    [
      "its place in the log changed",
      `update federation.verdicts set xact = (select max(xact) from federation.verdicts) where id = ${second}`,
    ],
    ["a verdict removed", `delete from federation.verdicts where id = ${second}`],
    [
      "the first verdict removed",
      "delete from federation.verdicts where id = (select id from federation.verdicts order by xact, id limit 1)",
    ],
    [
      "the last sealed verdict removed",
      "delete from federation.verdicts where id = (select max(id) from federation.verdicts)",
    ],
    ["all verdicts removed", "delete from federation.verdicts"],
    [
      "a verdict put in",
      `insert into federation.verdicts (actor, action, allowed, reason, lawful, charter_version, xact)
       select actor, 'veto', true, '', '', 0, xact from federation.verdicts where id = ${second}`,
    ],
    [
      "a verdict put in before all",
      `insert into federation.verdicts (actor, action, allowed, reason, lawful, charter_version, xact)
       values ('${LEAD}', 'veto', true, '', '', 0, '3')`,
    ],
    [
      "two verdicts' ids exchanged",
      `update federation.verdicts set reason = case when id = ${second} then 'a' else 'b' end
       where id in (select id from federation.verdicts order by xact, id limit 2)`,
    ],
    ["a seal's hash changed", `update federation.verdict_seals set sha256 = sha256('x') where n = ${middle}`],
    [
      "the last seal's hash changed",
      "update federation.verdict_seals set sha256 = sha256('x') where n = (select max(n) from federation.verdict_seals)",
    ],
    [
      "a seal's time changed",
      `update federation.verdict_seals set sealed_at = sealed_at + interval '1 s' where n = ${middle}`,
    ],
    ["a seal's count changed", `update federation.verdict_seals set verdicts = verdicts + 1 where n = ${middle}`],
    ["a seal that ends earlier", `update federation.verdict_seals set upto_id = upto_id - 1 where n = ${middle}`],
    ["a seal removed", `delete from federation.verdict_seals where n = ${middle}`],
    ["the first seal removed", "delete from federation.verdict_seals where n = 1"],
    [
      "the first seal and its verdicts removed",
      `with gone as (delete from federation.verdict_seals where n = 1 returning upto_xact, upto_id)
       delete from federation.verdicts v using gone where (v.xact, v.id) <= (gone.upto_xact, gone.upto_id)`,
    ],
    ["the seals numbered anew", "update federation.verdict_seals set n = n + 1000"],
  ])("%s", async (_, tamper) => {
    await owner.query("begin");
    try {
      const done = await owner.query(tamper);
      expect(done.rowCount).toBeGreaterThan(0);
      const { rows } = await owner.query<{ a: { ok: boolean; brokenAt: number } }>(
        "select federation.audit_verdicts() as a",
      );
      expect(rows[0]?.a).toMatchObject({ ok: false, brokenAt: expect.any(Number) });
    } finally {
      await owner.query("rollback");
    }
    expect((await audit()).ok).toBe(true);
  });

  test("and the first seal that does not come out is named", async () => {
    await owner.query("begin");
    await owner.query(
      `update federation.verdicts v set reason = 'well' from federation.verdict_seals s
       where s.n = ${middle} and v.xact = s.upto_xact and v.id = s.upto_id`,
    );
    const { rows } = await owner.query<{ a: { brokenAt: number } }>("select federation.audit_verdicts() as a");
    await owner.query("rollback");
    expect(rows[0]?.a.brokenAt).toBe(2);
  });
});

test("a verdict that is committed late comes after the seal, and is not left out", async () => {
  const late = new pg.Client({ connectionString: federation.adminUrl });
  await late.connect();
  await late.query("begin");
  await late.query(
    `insert into federation.verdicts (actor, action, allowed, reason, lawful, charter_version)
     values ('${LEAD}', 'late', true, '', '', 0)`,
  );
  const before = await audit();
  await record(DEVELOPER, "early");
  await aged();
  for (let i = 0; i < 3; i++) expect(await federation.store(LEAD).reconcile()).toEqual([]);
  // It began before the other and may still come: neither is sealed.
  expect(await audit()).toMatchObject({ sealed: before.sealed, unsealed: before.unsealed + 1 });
  await late.query("commit");
  await late.end();
  await sealed();
  expect(await audit()).toMatchObject({ ok: true, sealed: before.sealed + before.unsealed + 2 });
});

test("sealers at the same time make one chain, and a verdict is in one seal", async () => {
  const nodes = [LEAD, DEVELOPER, ANALYST, COMMANDER];
  const before = await audit();
  const writing = Promise.all(
    nodes.map(async (actor) => {
      for (let i = 0; i < 25; i++) await record(actor, `at-once-${i}`);
    }),
  );
  let done = false;
  const sealing = Promise.all(
    nodes.map(async (actor) => {
      while (!done) await federation.store(actor).reconcile();
    }),
  );
  await writing;
  done = true;
  await sealing;
  await sealed();
  const after = await audit();
  expect(after).toMatchObject({ ok: true, sealed: before.sealed + before.unsealed + 100 });
  expect((await seals()).map((s) => Number(s.n))).toEqual(Array.from({ length: after.seals }, (_, i) => i + 1));
});

test("who finds another sealer at work goes on without waiting", async () => {
  const other = new pg.Client({ connectionString: federation.adminUrl });
  await other.connect();
  await other.query("begin");
  await other.query("select 1 from federation.meta where key = 'lock_seals' for update");
  await record(LEAD);
  await aged();
  const before = await audit();
  await federation.store(LEAD).reconcile();
  expect(await audit()).toEqual(before);
  await other.query("rollback");
  await other.end();
  await sealed();
});

test("a seal covers a thousand verdicts at most", async () => {
  await owner.query(
    `insert into federation.verdicts (actor, action, allowed, reason, lawful, charter_version)
     select '${LEAD}', 'many', true, '', '', 0 from generate_series(1, 2500)`,
  );
  const before = (await seals()).length;
  await sealed();
  expect((await seals()).slice(before).map((s) => s.verdicts)).toEqual([1_000, 1_000, 500]);
  expect((await audit()).ok).toBe(true);
});

test("few verdicts wait for others, for half the time that the charter gives them", async () => {
  const patient = await startFederation();
  await record(LEAD, "vote", patient);
  await patient.logSettled();
  await patient.store(LEAD).reconcile();
  expect(await audit(patient)).toMatchObject({ seals: 0, unsealed: 1, ok: true, head: null });
  await patient.owner("update federation.verdicts set at = at - interval '16 s'");
  await sealed(patient);
  expect(await audit(patient)).toMatchObject({ seals: 1, sealed: 1, ok: true });
  await patient.drop();
});

test("on a restored copy the chain goes on behind what it has, although the server counts from elsewhere", async () => {
  const copy = await found();
  await copy.owner("insert into federation.meta (key, value) values ('verdict_xact_base', '900000000000')");
  for (const actor of [LEAD, DEVELOPER]) await record(actor, "vote", copy);
  await sealed(copy);
  // As a dump of that server has it here: its transactions had great numbers, and this one is another.
  await copy.owner("delete from federation.meta where key = 'verdict_xact_base'");
  await copy.owner("update federation.meta set value = 'elsewhere' where key = 'fingerprint'");
  await copy.connect(ANALYST).open({ instance: randomUUID(), takeOver: true, version: "0.1.0" });
  await record(LEAD, "vote", copy);
  await sealed(copy);
  expect(await audit(copy)).toMatchObject({ ok: true, sealed: 3, unsealed: 0 });
  await copy.drop();
});

test("a daemon's login writes neither verdicts nor seals, and seals only through the reconciler", async () => {
  const thief = await federation.raw(DEVELOPER);
  for (const sql of [
    "insert into federation.verdicts (actor, action, allowed, reason, lawful, charter_version) values ('baby', 'x', true, '', '', 0)",
    "update federation.verdicts set reason = 'well'",
    "delete from federation.verdicts",
    "truncate federation.verdicts",
    "insert into federation.verdict_seals (n, upto_xact, upto_id, verdicts, sha256) values (99, '9', 9, 1, sha256('x'))",
    "update federation.verdict_seals set sha256 = sha256('x')",
    "delete from federation.verdict_seals",
    "select federation.seal_verdicts()",
  ])
    await expect(thief.query(sql), sql).rejects.toMatchObject({ code: "42501" });
  const { rows } = await thief.query("select federation.audit_verdicts() as a");
  expect(rows[0]).toMatchObject({ a: { ok: true } });
});

test("a chain of ten thousand verdicts is audited within a second or so", async () => {
  await owner.query(
    `insert into federation.verdicts (actor, action, allowed, reason, lawful, charter_version)
     select '${LEAD}', 'many', true, '', '', 0 from generate_series(1, 10000)`,
  );
  await sealed();
  const startedMs = performance.now();
  expect(await audit()).toMatchObject({ ok: true });
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});
