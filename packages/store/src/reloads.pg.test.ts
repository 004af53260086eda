import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Operation } from "@federation/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ANALYST,
  COMMANDER,
  DEVELOPER,
  type Federation,
  first,
  LEAD,
  startFederation,
} from "./testing/federation-fixture.ts";

/** Reloads on record: who may ask for one, what the node itself says of its end, and what becomes of silence. */
let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.drop());

const ask = (node: string, id: string = randomUUID()): Operation => ({ op: "ask_reload", id, node });
type Record = Extract<Operation, { readonly op: "record_reload" }>;
const end = (id: string, more: Partial<Record> = {}): Record => ({
  op: "record_reload",
  id,
  stage: null,
  reason: "",
  tookMs: 1_500,
  ...more,
});
async function asked(node: string, actor = node): Promise<string> {
  return first(await federation.apply(actor, ask(node))).id ?? "";
}
const of = async (id: string) =>
  (await federation.store(ANALYST).query("ListReloads", { reload: id, limit: 50 }, ANALYST)).reloads[0];
const eventsOf = async (id: string) =>
  await federation.owner<{ kind: string; actor: string | null; data: object }>(
    "select kind, actor, data from federation.events where subject = $1 order by id",
    [id],
  );
const late = (id: string) =>
  federation.owner("update federation.reloads set deadline = clock_timestamp() - interval '1 s' where id = $1", [id]);

describe("a reload", () => {
  test("that is asked for waits for its node alone, until the node says that it is done", async () => {
    const id = await asked(DEVELOPER);
    expect((await federation.store(DEVELOPER).work()).reload).toBe(id);
    expect((await federation.store(LEAD).work()).reload).toBeNull();
    expect(await of(id)).toMatchObject({ node: DEVELOPER, askedBy: DEVELOPER, state: "asked", tookMs: null });
    await federation.apply(DEVELOPER, end(id));
    expect((await federation.store(DEVELOPER).work()).reload).toBeNull();
    expect(await of(id)).toMatchObject({ state: "reloaded", stage: null, tookMs: 1_500 });
    expect(await eventsOf(id)).toEqual([
      { kind: "NodeReloadAsked", actor: DEVELOPER, data: { node: DEVELOPER } },
      { kind: "NodeReloaded", actor: DEVELOPER, data: { node: DEVELOPER, tookMs: 1_500 } },
    ]);
  });

  test("that failed is on record with its stage and reason", async () => {
    const id = await asked(DEVELOPER, COMMANDER);
    await federation.apply(DEVELOPER, end(id, { stage: "health", reason: "get_status was answered with an error" }));
    expect(await of(id)).toMatchObject({ askedBy: COMMANDER, state: "failed", stage: "health" });
    expect((await eventsOf(id)).at(-1)).toEqual({
      kind: "NodeReloadFailed",
      actor: DEVELOPER,
      data: { node: DEVELOPER, tookMs: 1_500, stage: "health", reason: "get_status was answered with an error" },
    });
  });

  test("of one's own node is anyone's to ask for but an observer's; another's is the commander's", async () => {
    await federation.addNode("watcher", "observer");
    for (const actor of [LEAD, DEVELOPER, ANALYST, COMMANDER]) await federation.apply(actor, end(await asked(actor)));
    for (const [actor, node, code] of [
      [LEAD, DEVELOPER, "forbidden"],
      [DEVELOPER, COMMANDER, "forbidden"],
      ["watcher", "watcher", "refused"],
      [COMMANDER, "nobody", "not_found"],
      [COMMANDER, "federation", "not_found"],
    ] as const)
      await expect(federation.apply(actor, ask(node)), `${actor} ${node}`).rejects.toMatchObject({ code });
    await federation.apply("watcher", end(await asked("watcher", COMMANDER)));
  });

  test("is one at a time: who asks meanwhile, or twenty at once, is told of the open one", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => federation.apply(i % 2 === 0 ? COMMANDER : LEAD, ask(LEAD))),
    );
    const ids = new Set(outcomes.map((outcome) => first(outcome).id));
    expect(ids.size).toBe(1);
    const [id = ""] = ids;
    await federation.apply(LEAD, end(id ?? ""));
    const next = await asked(LEAD);
    expect(next).not.toBe(id);
    await federation.apply(LEAD, end(next));
  });

  test("asked for again under its id is the same one; another's id is taken", async () => {
    const id = randomUUID();
    await federation.apply(LEAD, ask(LEAD, id));
    await federation.apply(LEAD, end(id));
    expect(first(await federation.apply(LEAD, ask(LEAD, id))).id).toBe(id);
    expect(await of(id)).toMatchObject({ state: "reloaded" });
    await expect(federation.apply(ANALYST, ask(ANALYST, id))).rejects.toMatchObject({ code: "conflict" });
    await expect(federation.apply(COMMANDER, ask(LEAD, id))).rejects.toMatchObject({ code: "conflict" });
  });

  test("that nobody asked for, by a signal or a changed file, gets its row when it has ended", async () => {
    const id = randomUUID();
    await federation.apply(ANALYST, end(id, { stage: "start", reason: "a syntax error", tookMs: 0 }));
    await federation.apply(ANALYST, end(id, { stage: "start", reason: "a syntax error", tookMs: 0 }));
    expect(await of(id)).toMatchObject({ node: ANALYST, askedBy: null, state: "failed", stage: "start" });
    expect((await eventsOf(id)).map((event) => event.kind)).toEqual(["NodeReloadFailed"]);
    const { reloads } = await federation.store(LEAD).query("ListReloads", { node: ANALYST, limit: 1 }, LEAD);
    expect(reloads.map((reload) => reload.id)).toEqual([id]);
  });
});

describe("the end of a reload", () => {
  test("is said by the node itself alone, also by a stolen login", async () => {
    const id = await asked(DEVELOPER);
    for (const actor of [LEAD, COMMANDER, ANALYST])
      await expect(federation.apply(actor, end(id)), actor).rejects.toMatchObject({ code: "refused" });
    await expect(federation.applyRaw(LEAD, [end(id)], { as: DEVELOPER })).rejects.toMatchObject({ code: "FD004" });
    const thief = await federation.raw(LEAD);
    for (const sql of [
      "update federation.reloads set state = 'reloaded', closed_at = clock_timestamp()",
      "insert into federation.reloads (id, node, deadline) values (gen_random_uuid(), 'baby', clock_timestamp())",
      "delete from federation.reloads",
      `select federation.expire_reloads('${DEVELOPER}')`,
      `select federation.op_record_reload('${DEVELOPER}', '${JSON.stringify(end(id))}')`,
    ])
      await expect(thief.query(sql), sql).rejects.toMatchObject({ code: "42501" });
    await federation.store(LEAD).reconcile();
    expect(await of(id)).toMatchObject({ state: "asked" });
    await federation.apply(DEVELOPER, end(id));
  });

  test("is not the word of an external client for the node that hosts it", async () => {
    await federation.owner(
      `insert into federation.actors (name, kind, role, persona)
       select 'visitor', 'external', role, persona from federation.actors where name = $1`,
      [DEVELOPER],
    );
    await federation.owner(
      `with c as (insert into federation.credentials (actor, token_sha256)
         values ('visitor', sha256(convert_to(gen_random_uuid()::text, 'UTF8'))) returning id)
       insert into federation.hosting (actor, host, lease_until, credentials) select 'visitor', $1, clock_timestamp() + interval '1 hour', array[id] from c`,
      [DEVELOPER],
    );
    const as = (operation: Operation) =>
      federation
        .store(DEVELOPER)
        .apply({ callId: randomUUID(), command: "Test", operations: [operation], as: "visitor" });
    await expect(as(ask(DEVELOPER))).rejects.toMatchObject({ code: "forbidden" });
    await expect(as(end(randomUUID()))).rejects.toMatchObject({ code: "refused" });
  });

  test("is said once, and in words that are understood", async () => {
    const id = await asked(DEVELOPER);
    for (const more of [{ stage: "unknown" }, { tookMs: -1 }, { tookMs: null }, { id: null }])
      await expect(federation.applyRaw(DEVELOPER, [{ ...end(id), ...more }])).rejects.toMatchObject({ code: "FD001" });
    await federation.apply(DEVELOPER, end(id), end(id));
    await expect(
      federation.apply(DEVELOPER, end(id, { stage: "probation", reason: "it crashed" })),
    ).rejects.toMatchObject({ code: "conflict" });
    expect(await of(id)).toMatchObject({ state: "reloaded" });
  });
});

test("a reload that its node says nothing about is overdue, then expired; the word of the node still counts", async () => {
  const id = await asked(DEVELOPER, COMMANDER);
  await late(id);
  expect((await federation.store(DEVELOPER).work()).reload).toBeNull();
  expect(await federation.owner("select kind, owner from federation.overdue where subject = $1", [id])).toEqual([
    { kind: "reload", owner: DEVELOPER },
  ]);
  await Promise.all([LEAD, DEVELOPER, ANALYST].map((actor) => federation.store(actor).reconcile()));
  expect(await of(id)).toMatchObject({ state: "expired" });
  await federation.apply(DEVELOPER, end(id));
  expect(await of(id)).toMatchObject({ state: "reloaded" });
  expect((await eventsOf(id)).map((event) => event.kind)).toEqual([
    "NodeReloadAsked",
    "NodeReloadExpired",
    "NodeReloaded",
  ]);
});

test("who asks when the open one is too old gets a new one", async () => {
  const old = await asked(LEAD);
  await late(old);
  const id = await asked(LEAD);
  expect(id).not.toBe(old);
  expect(await of(old)).toMatchObject({ state: "expired" });
  await federation.apply(LEAD, end(id));
});

test("no login keeps another's calls waiting with a lock by name", async () => {
  const raw = await federation.raw(ANALYST);
  const names = [`reload of ${DEVELOPER}`, `approvals of ${LEAD}`];
  for (const name of names) await raw.query("select pg_advisory_lock(hashtextextended($1, 0))", [name]);
  const id = randomUUID();
  const done = Promise.all([
    asked(DEVELOPER, COMMANDER),
    federation.apply(
      LEAD,
      { op: "start_thread", id, title: "A question", members: [COMMANDER] },
      { op: "ask_approval", id, conversation: id, whom: COMMANDER, question: "May I?", dueInMs: 600_000 },
    ),
  ]);
  const ended = await Promise.race([done.then(() => "done"), setTimeout(3_000, "still waiting")]);
  for (const name of names) await raw.query("select pg_advisory_unlock(hashtextextended($1, 0))", [name]);
  const [reload] = await done;
  expect(ended).toBe("done");
  await federation.apply(DEVELOPER, end(reload));
});
