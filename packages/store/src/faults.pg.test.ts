import { randomUUID } from "node:crypto";
import { type PostgresServer, startPostgres } from "@federation/testkit/postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ANALYST, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";

/** The server under this federation is its own: it is killed. It writes through, as a production server does. */
let server: PostgresServer;
let federation: Federation;
beforeAll(async () => {
  const version = process.env["FEDERATION_TEST_POSTGRES"] === "15" ? 15 : 18;
  server = await startPostgres({ durable: true, version });
  federation = await startFederation({ adminUrl: server.adminUrl });
});
afterAll(async () => {
  await federation.drop();
  await server.stop();
});

/** Sends `count` messages, eight at a time, and checks that each is there once and in one order. */
async function burst(count: number, during: (sent: () => number) => Promise<void>): Promise<void> {
  const conversation = randomUUID();
  await federation.apply(LEAD, { op: "start_thread", id: conversation, title: "Burst", members: [DEVELOPER, ANALYST] });
  let sent = 0;
  const waiting = Array.from({ length: count }, (_, i) => `${i}`);
  const lane = async (): Promise<void> => {
    for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) {
      await federation.apply(LEAD, {
        op: "send_message",
        id: randomUUID(),
        conversation,
        recipient: null,
        kind: "say",
        text,
        about: null,
        causation: null,
      });
      sent++;
    }
  };
  const lanes = Promise.all(Array.from({ length: 8 }, lane));
  await Promise.all([lanes, during(() => sent)]);
  const rows = await federation.owner<{ seq: string; body: string; recipients: string }>(
    `select m.seq, m.body, (select count(*) from federation.deliveries d where d.message = m.id) as recipients
     from federation.messages m where m.conversation = $1 order by m.seq`,
    [conversation],
  );
  expect(rows.map((row) => Number(row.seq))).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  expect(new Set(rows.map((row) => row.body)).size).toBe(count);
  expect(new Set(rows.map((row) => row.recipients))).toEqual(new Set(["2"]));
  const outbox = await federation.owner("select 1 from federation.outbox where conversation = $1", [conversation]);
  expect(outbox).toHaveLength(count * 3);
}

const retries = (): number => {
  const health = federation.store(LEAD).health();
  return health.state === "ready" ? Object.values(health.retries).reduce((a, b) => a + b, 0) : 0;
};

const until = async (reached: () => boolean): Promise<void> => {
  await expect.poll(reached, { timeout: 20_000, interval: 2 }).toBe(true);
};

test("connections that are killed during a burst lose no message and double none", async () => {
  const { login } = federation.credentials(LEAD);
  let killed = 0;
  await burst(200, async (sent) => {
    for (const part of [10, 40, 80, 120, 160]) {
      await until(() => sent() >= part);
      const rows = await federation.owner("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", [
        login,
      ]);
      killed += rows.length;
    }
  });
  expect(killed).toBeGreaterThanOrEqual(5);
  expect(retries()).toBeGreaterThan(0);
});

test("a server that crashes and comes back during a burst loses no message and doubles none", async () => {
  const before = retries();
  await burst(200, async (sent) => {
    await until(() => sent() >= 50);
    await server.restart("immediate");
    const at = sent();
    await until(() => sent() >= Math.min(200, at + 50));
    await server.kill();
    await server.restart();
  });
  expect(retries()).toBeGreaterThan(before);
});

test("while the server is away the store says so, gives up in time, and is ready again by itself", async () => {
  const store = federation.store(DEVELOPER);
  expect(store.health()).toMatchObject({ state: "ready", server: expect.stringMatching(/^PostgreSQL 1[58]/) });
  await server.kill();
  await expect(store.counts()).rejects.toMatchObject({ code: "unavailable" });
  expect(store.health()).toMatchObject({ state: "unavailable" });
  await server.restart();
  await expect.poll(() => store.counts().catch(() => undefined), { timeout: 10_000 }).toMatchObject({ actors: 4 });
  expect(store.health()).toMatchObject({ state: "ready" });
});

test("a listener whose connection is killed listens again and looks at once", async () => {
  const stop = new AbortController();
  let rang = 0;
  await federation.store(ANALYST).onOutbox(() => {
    rang++;
  }, stop.signal);
  // Once when listening begins: something may have been missed before.
  expect(rang).toBe(1);
  const conversation = randomUUID();
  const send = async () => {
    await federation.apply(LEAD, {
      op: "send_message",
      id: randomUUID(),
      conversation,
      recipient: null,
      kind: "say",
      text: "x",
      about: null,
      causation: null,
    });
  };
  await federation.apply(LEAD, { op: "start_thread", id: conversation, title: "T", members: [ANALYST] });
  await send();
  await expect.poll(() => rang, { timeout: 5_000 }).toBeGreaterThan(1);
  const beforeKill = rang;
  const killed = await federation.owner(
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = $1 and query like 'listen%'",
    [federation.credentials(ANALYST).login],
  );
  expect(killed).toHaveLength(1);
  await expect.poll(() => rang, { timeout: 5_000 }).toBeGreaterThan(beforeKill);
  const again = rang;
  await send();
  await expect.poll(() => rang, { timeout: 5_000 }).toBeGreaterThan(again);
  stop.abort();
  await expect
    .poll(
      () =>
        federation.owner("select 1 from pg_stat_activity where usename = $1 and query like 'listen%'", [
          federation.credentials(ANALYST).login,
        ]),
      { timeout: 5_000 },
    )
    .toEqual([]);
});

test("a store that is closed while a call is under way keeps its deadline", async () => {
  const store = federation.connect(ANALYST, { maxConnections: 1 });
  await store.open({ instance: randomUUID(), takeOver: true, version: "0.1.0" });
  const blocker = await federation.raw(LEAD);
  await blocker.query("begin");
  const conversation = randomUUID();
  const context = JSON.stringify({ generation: 1, epoch: 1, callId: "block", command: "Test" });
  await blocker.query("select federation.apply($1, $2)", [
    context,
    JSON.stringify([{ op: "start_thread", id: conversation, title: "Held", members: [] }]),
  ]);
  // Waits for the same id.
  const call = store
    .apply({
      callId: randomUUID(),
      command: "Test",
      operations: [{ op: "start_thread", id: conversation, title: "Held", members: [] }],
    })
    .catch((error: unknown) => error);
  await expect
    .poll(() => federation.owner("select 1 from pg_locks where locktype = 'advisory' and not granted"), {
      timeout: 5_000,
    })
    .toHaveLength(1);
  const startedMs = performance.now();
  await store.close({ deadlineMs: 300 });
  expect(performance.now() - startedMs).toBeLessThan(2_000);
  // The statement under way was cut, not left behind.
  expect(await call).toMatchObject({ code: "unavailable" });
  await blocker.query("rollback");
  await store.close({ deadlineMs: 300 });
  await expect(store.counts()).rejects.toMatchObject({ code: "unavailable" });
});
