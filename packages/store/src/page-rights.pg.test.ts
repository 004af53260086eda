import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tokenSha256 } from "./admin.ts";
import { addExternal, asToken, hashOf, newToken } from "./testing/external-actors.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { newSecret, type Pages, PORTAL, pagesOf } from "./testing/pages.ts";

/** Whose page it is, where and how long it is let in, who sees and who ends it. */
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
const issued = async (actor: string, over: Parameters<typeof newToken>[1] = {}) => {
  const token = newToken(actor, over);
  await federation.apply(actor, token);
  return asToken(token);
};
/** A guest with a token that manages, hosted at a node. */
async function guestAt(host: string) {
  const name = `guest-${randomUUID().slice(0, 8)}`;
  const token = await addExternal(federation, name, "developer", ["read", "act", "manage"]);
  await federation.store(host).hostActor(token.credential, 60_000);
  return { name, token };
}

describe("a page begins", () => {
  test("where a ticket of a page was used, and nowhere else", async () => {
    const bare = await pages.arrive({ origin: null });
    const bearer = `bearer:${tokenSha256(federation.credentials(COMMANDER).token)}`;
    const unused = hashOf(newSecret());
    await federation.apply(COMMANDER, { op: "issue_ticket", sha256: unused, origin: PORTAL, credential: bearer });
    for (const credential of [bearer, bare, `ticket:${unused}`, `page:${randomUUID()}`, "page:", "ticket:", "?", ""])
      expect(await pages.refusal(pages.renew(credential, newSecret())), credential).toBe("refused");
    const unnamed = { op: "renew_page_session", sha256: hashOf("x") };
    await expect(federation.applyRaw(COMMANDER, [unnamed])).rejects.toMatchObject({ code: "FD004" });
  });

  test("of its own actor's", async () => {
    const credential = await pages.arrive({ at: ANALYST });
    for (const at of [LEAD, COMMANDER])
      expect(await pages.refusal(pages.renew(credential, newSecret(), { at }))).toBe("refused");
    expect(await pages.renew(credential, newSecret(), { at: ANALYST })).toMatchObject({ actor: ANALYST });
  });

  test.each([["abc"], [null], [`${"0".repeat(63)}G`], [hashOf("x").toUpperCase()]])(
    "with a hash, and not with %j",
    async (sha256) => {
      const operation = { op: "renew_page_session", sha256, credential: await pages.arrive() };
      await expect(federation.applyRaw(COMMANDER, [operation])).rejects.toMatchObject({ code: "FD001" });
    },
  );

  test("at most twenty of one actor are live: the one used longest ago makes room", async () => {
    const twenty = [];
    for (let n = 0; n < 20; n++) twenty.push(await pages.begin(newSecret(), { at: DEVELOPER }));
    await pages.age(twenty[7]?.id ?? "", "1 hour");
    expect((await list(DEVELOPER)).sessions).toHaveLength(20);
    const next = await pages.begin(newSecret(), { at: DEVELOPER });
    const live = await idsOf(list(DEVELOPER));
    expect(live).toHaveLength(20);
    expect(live).toContain(next.id);
    expect(live).not.toContain(twenty[7]?.id);
    expect(await pages.endings(twenty[7]?.id ?? "")).toEqual([
      { actor: DEVELOPER, of: DEVELOPER, why: "it made room for a newer page" },
    ]);
    const more = Array.from({ length: 5 }, () => pages.begin(newSecret(), { at: DEVELOPER }));
    await Promise.all(more);
    expect(await idsOf(list(DEVELOPER))).toHaveLength(20);
  });
});

describe("a page comes back", () => {
  test("from the origin of its ticket: asking from another changes nothing", async () => {
    const [a, b] = [newSecret(), newSecret()];
    const page = await pages.begin(a);
    await pages.renew(page.credential, b);
    for (const secret of [a, b])
      for (const origin of [
        "https://evil.example",
        "http://portal.example",
        `${PORTAL}:444`,
        `${PORTAL}/`,
        "null",
        null,
      ])
        expect(await pages.back(secret, { origin }), String(origin)).toBeUndefined();
    expect(await pages.isLive(page.credential)).toBe(true);
    expect(await pages.back(b, { origin: PORTAL.toUpperCase() })).toBeDefined();
    // An old one from elsewhere neither.
    expect(await pages.back(a, { origin: "https://evil.example" })).toBeUndefined();
    expect(await pages.find(page.id)).toMatchObject({ state: "live" });
  });

  test("to its own actor's node: another one lets it in no more, and can end nothing by trying", async () => {
    const [a, b] = [newSecret(), newSecret()];
    const page = await pages.begin(a, { at: ANALYST });
    await pages.renew((await pages.back(a, { at: ANALYST })) ?? "none", b, { at: ANALYST });
    await pages.back(b, { at: ANALYST });
    for (const at of [LEAD, DEVELOPER, COMMANDER])
      for (const secret of [a, b]) expect(await pages.back(secret, { at }), at).toBeUndefined();
    expect(await pages.find(page.id)).toMatchObject({ state: "live" });
    expect(await pages.back(b, { at: ANALYST })).toBeDefined();
  });

  test("within twelve hours since it was used last", async () => {
    const [a, b] = [newSecret(), newSecret()];
    const page = await pages.begin(a);
    await pages.age(page.id, "11 hours 59 minutes");
    expect(await pages.isLive(page.credential)).toBe(true);
    const back = (await pages.back(a)) ?? "none";
    await pages.age(page.id, "11 hours 59 minutes");
    await pages.renew(back, b);
    await pages.age(page.id, "12 hours 1 second");
    expect(await pages.isLive(back)).toBe(false);
    // Neither is an old secret of any consequence then.
    for (const secret of [a, b]) expect(await pages.back(secret)).toBeUndefined();
    expect(await pages.refusal(pages.renew(back, newSecret()))).toBe("refused");
    expect(await pages.find(page.id)).toMatchObject({ state: "expired", reason: "" });
    expect(await pages.endings(page.id)).toEqual([]);
  });

  test("as long as its token lives", async () => {
    for (const over of [{ revoked: true }, { revoked: false }]) {
      const token = await issued(LEAD, over.revoked ? {} : { expiresInMs: 1_000 });
      const secret = newSecret();
      const page = await pages.begin(secret, { at: LEAD, under: token.credential });
      const open = (await pages.back(secret, { at: LEAD })) ?? "none";
      if (over.revoked) await federation.apply(LEAD, { op: "revoke_token", id: token.id });
      await expect.poll(() => pages.isLive(open), { timeout: 5_000 }).toBe(false);
      expect(await pages.back(secret, { at: LEAD })).toBeUndefined();
      expect(await pages.refusal(pages.renew(open, newSecret(), { at: LEAD }))).toBe("refused");
      expect(await pages.find(page.id)).toMatchObject({ state: "ended", reason: "its token has ended" });
    }
  });

  test("to no daemon that was taken over from", async () => {
    const old = await federation.addNode("left-behind", "developer");
    const secret = newSecret();
    const page = await pages.begin(secret, { at: "left-behind" });
    const next = federation.connect("left-behind");
    await next.open({ instance: randomUUID(), takeOver: true, version: "0.1.0" });
    await expect(old.redeemPageSecret([hashOf(secret)], PORTAL)).rejects.toMatchObject({ code: "fenced" });
    await expect(old.keepPages([page.credential])).rejects.toMatchObject({ code: "fenced" });
    expect(await next.redeemPageSecret([hashOf(secret)], PORTAL)).toBeDefined();
  });

  test("by one secret or two: none, and three, are no way to ask", async () => {
    for (const hashes of [[], [1, 2, 3].map((n) => hashOf(String(n)))])
      await expect(federation.store(COMMANDER).redeemPageSecret(hashes, PORTAL)).rejects.toMatchObject({
        code: "invalid_input",
      });
  });
});

describe("a page of an external actor", () => {
  test("is one as a ticket of it is: at the node that hosts it, under a token that manages", async () => {
    const guest = await guestAt(DEVELOPER);
    const visit = { at: DEVELOPER, as: guest.name, under: guest.token.credential };
    const [a, b, c] = [newSecret(), newSecret(), newSecret()];
    const page = await pages.begin(a, visit);
    expect(page).toMatchObject({ actor: guest.name, state: "live" });
    // It comes back where it likes; that node hosts it then, as one that was shown its token.
    const back = (await pages.back(a, { at: LEAD })) ?? "none";
    expect(await pages.refusal(pages.renew(back, b, { at: LEAD, as: guest.name }))).toBe("refused");
    await federation.store(LEAD).hostActor(back, 60_000);
    await pages.renew(back, b, { at: LEAD, as: guest.name });
    expect(await federation.store(LEAD).renewHosting([back], 60_000)).toEqual([guest.name]);
    expect(await pages.refusal(pages.renew(back, c, visit))).toBe("refused");
    expect((await federation.store(LEAD).listPages({ live: true, limit: 50 }, guest.name, back)).here).toBe(page.id);
  });

  test("of a token that does not manage is none", async () => {
    const guest = await guestAt(DEVELOPER);
    const narrow = newToken(guest.name);
    await federation.apply(COMMANDER, narrow);
    const under = asToken(narrow).credential;
    const credential = await pages.arrive({ at: DEVELOPER, as: guest.name, under });
    await federation.store(DEVELOPER).hostActor(credential, 60_000);
    await federation.apply(COMMANDER, { op: "revoke_token", id: guest.token.id });
    const renewal = pages.renew(credential, newSecret(), { at: DEVELOPER, as: guest.name });
    expect(await pages.refusal(renewal)).toBe("refused");
  });

  test("hosts nobody once it has ended, or came back elsewhere: to know what it is called is not to be shown it", async () => {
    const guest = await guestAt(DEVELOPER);
    const visit = { at: DEVELOPER, as: guest.name, under: guest.token.credential };
    const secret = newSecret();
    const page = await pages.begin(secret, visit);
    const first = (await pages.back(secret, { at: DEVELOPER })) ?? "none";
    const second = (await pages.back(secret, { at: LEAD })) ?? "none";
    const refused = { code: "unauthenticated" };
    for (const credential of [first, page.credential, `page:${page.id}`, page.id])
      await expect(federation.store(ANALYST).hostActor(credential, 60_000)).rejects.toMatchObject(refused);
    await federation.store(LEAD).hostActor(second, 60_000);
    await end(COMMANDER, page.id);
    await expect(federation.store(LEAD).hostActor(second, 60_000)).rejects.toMatchObject(refused);
    expect(await federation.store(LEAD).renewHosting([second], 60_000)).toEqual([]);
  });

  test("ends when it is retired", async () => {
    const guest = await guestAt(DEVELOPER);
    const secret = newSecret();
    const page = await pages.begin(secret, { at: DEVELOPER, as: guest.name, under: guest.token.credential });
    await federation.apply(COMMANDER, { op: "retire_actor", name: guest.name });
    expect(await pages.back(secret, { at: DEVELOPER })).toBeUndefined();
    expect(await pages.find(page.id)).toMatchObject({ state: "ended", reason: "its token has ended" });
  });
});

describe("pages are listed", () => {
  test("for their own actor, and all for the commander, latest used first, with the one that asks", async () => {
    const [older, newer] = [
      await pages.begin(newSecret(), { at: ANALYST }),
      await pages.begin(newSecret(), { at: ANALYST }),
    ];
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
    const guest = await guestAt(DEVELOPER);
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
    const guest = await guestAt(DEVELOPER);
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
