import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tokenSha256 } from "./admin.ts";
import { hashOf, hostedGuest } from "./testing/external-actors.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { newSecret, type Pages, PORTAL, pagesOf } from "./testing/pages.ts";

/** What is on record of pages: who sees it and who ends one, how long it is kept, and what is never in it. */
let federation: Federation;
let pages: Pages;
beforeAll(async () => {
  federation = await startFederation();
  pages = pagesOf(federation);
});
afterAll(() => federation.drop());

const list = (at: string, as = at, live = true) => federation.store(at).listPages({ live, limit: 500 }, as, "?");
const idsOf = async (listed: ReturnType<typeof list>) => (await listed).sessions.map((session) => session.id);
const end = (by: string, page: string) => federation.apply(by, { op: "end_page_session", id: page });

describe("pages are listed", () => {
  test("for their own actor, and all for the commander, latest used first, with the one that asks", async () => {
    const [older, newer] = [
      await pages.begin(newSecret(), { at: ANALYST }),
      await pages.begin(newSecret(), { at: ANALYST }),
    ];
    await pages.begin(newSecret());
    await pages.age(older.id, "1 minute");
    const mine = await federation.store(ANALYST).listPages({ live: true, limit: 500 }, ANALYST, older.credential);
    const ids = mine.sessions.map((session) => session.id);
    expect(ids[0]).toBe(newer.id);
    expect(ids.indexOf(older.id)).toBeGreaterThan(0);
    expect(mine.sessions.every((session) => session.actor === ANALYST)).toBe(true);
    expect(mine.here).toBe(older.id);
    const all = await list(COMMANDER);
    expect(new Set(all.sessions.map((session) => session.actor)).size).toBeGreaterThan(1);
    expect(all.here).toBeNull();
    // Another's credential says nothing of where one is.
    expect((await federation.store(LEAD).listPages({ live: true, limit: 2 }, LEAD, older.credential)).here).toBeNull();
    expect(JSON.stringify(all)).not.toMatch(/[0-9a-f]{64}|page:|opening/);
  });

  test("for nobody else", async () => {
    const guest = await hostedGuest(federation, DEVELOPER);
    for (const as of [COMMANDER, ANALYST, guest.name, "nobody-there"])
      await expect(list(LEAD, as), as).rejects.toMatchObject({ code: "forbidden" });
    await expect(list(DEVELOPER, COMMANDER)).rejects.toMatchObject({ code: "forbidden" });
    expect((await list(DEVELOPER, guest.name)).sessions).toEqual([]);
  });

  test("while they live, and those that are over when asked for", async () => {
    const [idle, over] = [
      await pages.begin(newSecret(), { at: ANALYST }),
      await pages.begin(newSecret(), { at: ANALYST }),
    ];
    await pages.age(idle.id, "13 hours");
    await end(ANALYST, over.id);
    const live = await idsOf(list(ANALYST));
    for (const page of [idle, over]) expect(live).not.toContain(page.id);
    const states = (await list(ANALYST, ANALYST, false)).sessions.map(({ id, state }) => [id, state]);
    expect(states).toEqual(
      expect.arrayContaining([
        [idle.id, "expired"],
        [over.id, "ended"],
      ]),
    );
  });
});

describe("a page is ended", () => {
  test("by its own actor, and any by the commander; another's is as if it were not there", async () => {
    const [a, b] = [newSecret(), newSecret()];
    const [own, other] = [await pages.begin(a, { at: ANALYST }), await pages.begin(b, { at: ANALYST })];
    for (const actor of [LEAD, DEVELOPER])
      await expect(end(actor, own.id)).rejects.toMatchObject({ code: "not_found" });
    await expect(end(COMMANDER, randomUUID())).rejects.toMatchObject({ code: "not_found" });
    expect(await pages.isLive(own.credential)).toBe(true);
    await end(ANALYST, own.id);
    const open = (await pages.back(b, { at: ANALYST })) ?? "none";
    for (let n = 0; n < 2; n++) await end(COMMANDER, other.id);
    for (const credential of [own.credential, open]) expect(await pages.isLive(credential)).toBe(false);
    for (const secret of [a, b]) expect(await pages.back(secret, { at: ANALYST })).toBeUndefined();
    expect(await pages.endings(own.id)).toEqual([{ actor: ANALYST, of: ANALYST, why: "by its own actor" }]);
    expect(await pages.endings(other.id)).toEqual([{ actor: COMMANDER, of: ANALYST, why: "by the commander" }]);
  });
});

describe("a page that is open", () => {
  test("is not away: its time goes on, written at most once a minute", async () => {
    const secret = newSecret();
    const page = await pages.begin(secret);
    const usedAt = async () => (await pages.find(page.id))?.usedAt;
    const begun = await usedAt();
    const keep = (at = COMMANDER) => federation.store(at).keepPages([page.credential, page.credential, "?", "page:x"]);
    await keep();
    expect(await usedAt()).toBe(begun);
    await pages.age(page.id, "2 minutes");
    const aged = await usedAt();
    await keep(LEAD);
    expect(await usedAt()).toBe(aged);
    await keep();
    expect(Date.parse((await usedAt()) ?? "")).toBeGreaterThan(Date.parse(begun ?? ""));
    // What it had open before it came back keeps nothing.
    await pages.back(secret);
    await pages.age(page.id, "2 minutes");
    const left = await usedAt();
    await keep();
    expect(await usedAt()).toBe(left);
  });

  test("for too long without anybody saying so is away", async () => {
    const page = await pages.begin(newSecret());
    await pages.age(page.id, "12 hours 1 second");
    await federation.store(COMMANDER).keepPages([page.credential]);
    expect(await pages.find(page.id)).toMatchObject({ state: "expired" });
  });

  test("of a guest is kept by the node that hosts it, and by no other", async () => {
    const guest = await hostedGuest(federation, DEVELOPER);
    const page = await pages.begin(newSecret(), { at: DEVELOPER, as: guest.name, under: guest.token.credential });
    await pages.age(page.id, "2 minutes");
    const aged = (await pages.find(page.id))?.usedAt;
    await federation.store(LEAD).keepPages([page.credential]);
    expect((await pages.find(page.id))?.usedAt).toBe(aged);
    await federation.store(DEVELOPER).keepPages([page.credential]);
    expect((await pages.find(page.id))?.usedAt).not.toBe(aged);
  });
});

describe("what is kept", () => {
  test("of a page that is over is gone after thirty days, its secrets and its ticket with it", async () => {
    const [a, b, c] = [newSecret(), newSecret(), newSecret()];
    const [idle, over, late] = [await pages.begin(a), await pages.begin(b), await pages.begin(c)];
    await end(COMMANDER, over.id);
    await pages.age(idle.id, "30 days 1 second");
    await pages.age(late.id, "29 days");
    await federation.owner(
      "update federation.page_sessions set ended_at = ended_at - interval '30 days 1 second' where id = $1",
      [over.id],
    );
    await pages.begin(newSecret(), { at: LEAD });
    const kept = await federation.owner<{ id: string }>("select id from federation.page_sessions where id = any ($1)", [
      [idle.id, over.id, late.id],
    ]);
    expect(kept).toEqual([{ id: late.id }]);
    const left = await federation.owner(
      `select 1 from federation.page_secrets where sha256 = any ($1) union all select 1 from federation.tickets where 'ticket:' || encode(token_sha256, 'hex') = any ($2)`,
      [[a, b].map((secret) => Buffer.from(hashOf(secret), "hex")), [idle.credential, over.credential]],
    );
    expect(left).toEqual([]);
    expect(await pages.isLive(over.credential)).toBe(false);
  });

  test("of a page that renews on and on is a hundred secrets", async () => {
    const first = newSecret();
    const page = await pages.begin(first);
    for (let n = 0; n < 105; n++) await pages.renew(page.credential, newSecret());
    const [row] = await federation.owner<{ n: number }>(
      "select count(*)::int as n from federation.page_secrets where session = $1",
      [page.id],
    );
    expect(row?.n).toBe(100);
    // What is older still lets nobody in.
    expect(await pages.back(first)).toBeUndefined();
  });
});

test("a ticket is good for as long as was said, from ten seconds to a quarter of an hour", async () => {
  const credential = `bearer:${tokenSha256(federation.credentials(LEAD).token)}`;
  const issue = (lastsMs: unknown) =>
    federation.applyRaw(LEAD, [
      { op: "issue_ticket", sha256: hashOf(newSecret()), origin: PORTAL, credential, lastsMs },
    ]);
  for (const lastsMs of [9_999, 900_001, -1, 0]) await expect(issue(lastsMs)).rejects.toMatchObject({ code: "FD001" });
  const until = async (lastsMs?: number) => {
    const sha256 = hashOf(newSecret());
    const ticket = { op: "issue_ticket", sha256, origin: PORTAL, credential, ...(lastsMs && { lastsMs }) } as const;
    const outcome = await federation.apply(LEAD, ticket);
    return Math.round((Date.parse(outcome.results[0]?.expiresAt ?? "") - Date.now()) / 1_000);
  };
  expect(Math.abs((await until()) - 60)).toBeLessThanOrEqual(2);
  expect(Math.abs((await until(900_000)) - 900)).toBeLessThanOrEqual(2);
  expect(Math.abs((await until(10_000)) - 10)).toBeLessThanOrEqual(2);
});

test("no event, outcome or refusal holds a secret, its hash or the name of a credential", async () => {
  const [a, b] = [newSecret(), newSecret()];
  const page = await pages.begin(a);
  const back = (await pages.back(a)) ?? "none";
  await pages.renew(back, b);
  await pages.back(b);
  const refused = await pages.renew(back, b).catch((error: unknown) => error);
  await pages.back(a);
  await federation.logSettled();
  const events = await federation.owner("select * from federation.events");
  const kinds = events.filter((event) => event["subject"] === page.id).map((event) => event["kind"]);
  // Renewals make none.
  expect(kinds).toEqual(["PageSessionBegun", "PageSessionEnded"]);
  const outcomes = await federation.owner("select * from federation.call_outcomes");
  const told = JSON.stringify([events, outcomes, String(refused), refused]);
  for (const secret of [a, b, hashOf(a), hashOf(b), back, back.slice(5), page.credential])
    expect(told).not.toContain(secret);
});
