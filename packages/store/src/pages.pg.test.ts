import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDER, type Federation, startFederation } from "./testing/federation-fixture.ts";
import { newSecret, type Pages, PORTAL, pagesOf } from "./testing/pages.ts";

/** How a page stays let in: the secrets it makes, one after the other, and what an older one means. */
let federation: Federation;
let pages: Pages;
beforeAll(async () => {
  federation = await startFederation();
  pages = pagesOf(federation);
});
afterAll(async () => {
  await Promise.all(connections.map((client) => client.end()));
  await federation.drop();
});

const connections: pg.Client[] = [];
/** One of the owner's, for what holds a lock. */
async function ownersConnection(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: federation.adminUrl });
  connections.push(client);
  await client.connect();
  return client;
}

const secrets = (): readonly [string, string, string, string] => [newSecret(), newSecret(), newSecret(), newSecret()];
const theft = "a secret was shown that had been replaced";
const twoPlaces = "it was renewed from two places";

describe("a page", () => {
  test("begins under its ticket, and comes back as the same actor by the secret it made", async () => {
    const [a] = secrets();
    const page = await pages.begin(a);
    expect(page).toMatchObject({ actor: COMMANDER, origin: PORTAL, state: "live", reason: "" });
    expect(Date.parse(page.expiresAt) - Date.parse(page.usedAt)).toBe(12 * 3_600_000);
    const principal = await federation.store(COMMANDER).liveCredentials([page.credential]);
    const credential = await pages.back(a);
    expect(credential).toMatch(/^page:[0-9a-f-]{36}$/);
    const [back] = await federation.store(COMMANDER).liveCredentials([credential ?? ""]);
    expect({ ...back, credential: page.credential }).toEqual(principal[0]);
  });

  test("comes back as often as it likes by one secret, each time to one place", async () => {
    const [a] = secrets();
    const page = await pages.begin(a);
    const returns: string[] = [page.credential];
    for (let n = 0; n < 4; n++) returns.push((await pages.back(a)) ?? "none");
    expect(new Set(returns).size).toBe(5);
    expect(await Promise.all(returns.map(pages.isLive))).toEqual([false, false, false, false, true]);
    expect(await pages.find(page.id)).toMatchObject({ state: "live" });
  });

  test("renews as often as it likes, and comes back by the last of them", async () => {
    const [a, b, c, d] = secrets();
    const page = await pages.begin(a);
    for (const next of [b, c]) await pages.renew(page.credential, next);
    const back = (await pages.back(c)) ?? "none";
    await pages.renew(back, d);
    expect(await pages.isLive((await pages.back(d)) ?? "none")).toBe(true);
    expect(await pages.find(page.id)).toMatchObject({ state: "live" });
  });

  test("that says the same renewal again changes nothing by it", async () => {
    const [a, b] = secrets();
    const page = await pages.begin(a);
    await pages.renew(page.credential, a);
    await pages.renew(page.credential, b);
    await pages.renew(page.credential, b);
    expect(await pages.back(a)).toBeDefined();
    expect(await pages.back(b)).toBeDefined();
  });

  test("never has a secret again that it had before, or that another has", async () => {
    const [a, b, c] = secrets();
    const page = await pages.begin(a);
    await pages.begin(c);
    await pages.renew(page.credential, b);
    for (const known of [a, c]) expect(await pages.refusal(pages.renew(page.credential, known))).toBe("conflict");
    expect(await pages.refusal(pages.begin(a))).toBe("conflict");
    expect(await pages.back(b)).toBeDefined();
  });
});

describe("the secret that was replaced", () => {
  test("is good until the one in its place is used, also when that was never heard of", async () => {
    const [a, b] = secrets();
    const page = await pages.begin(a);
    await pages.renew(page.credential, b);
    for (let n = 0; n < 2; n++) expect(await pages.back(a)).toBeDefined();
    expect(await pages.back(b)).toBeDefined();
    expect(await pages.back(a)).toBeUndefined();
    expect(await pages.find(page.id)).toMatchObject({ state: "ended", reason: theft });
  });

  test("may be followed by the renewal that was asked for before, and by no other", async () => {
    const [a, b, c, d] = secrets();
    const page = await pages.begin(a);
    await pages.renew(page.credential, b);
    const caughtUp = (await pages.back(a)) ?? "none";
    await pages.renew(caughtUp, b);
    expect(await pages.renew(caughtUp, c)).toMatchObject({ state: "live" });
    const back = (await pages.back(b)) ?? "none";
    expect(await pages.renew(back, d)).toMatchObject({ id: page.id, state: "ended", reason: twoPlaces });
    expect(await pages.isLive(back)).toBe(false);
    for (const secret of [a, b, c, d]) expect(await pages.back(secret)).toBeUndefined();
    expect(await pages.endings(page.id)).toEqual([{ actor: null, of: COMMANDER, why: twoPlaces }]);
  });

  test("is an old one after two renewals, whether the page came back between them or not", async () => {
    const [a, b, c] = secrets();
    const page = await pages.begin(a);
    for (const next of [b, c]) await pages.renew(page.credential, next);
    expect(await pages.back(a)).toBeUndefined();
    expect(await pages.find(page.id)).toMatchObject({ state: "ended", reason: theft });
    expect(await pages.back([b, c])).toBeUndefined();
  });
});

describe("an answer that is lost", () => {
  test("of a renewal: the page shows both secrets, and is let in whether it had come through or not", async () => {
    const [a, b, c] = secrets();
    const page = await pages.begin(a);
    // Not come through.
    for (const shown of [
      [b, a],
      [a, b],
    ] as const)
      expect(await pages.back(shown)).toBeDefined();
    await pages.renew((await pages.back([b, a])) ?? "none", b);
    // Come through.
    for (const shown of [
      [b, a],
      [a, b],
    ] as const)
      expect(await pages.back(shown)).toBeDefined();
    await pages.renew((await pages.back([b, a])) ?? "none", b);
    await pages.renew((await pages.back([b, a])) ?? "none", c);
    expect(await pages.back([c, b])).toBeDefined();
    expect(await pages.find(page.id)).toMatchObject({ state: "live" });
  });

  test("of a return: it shows the same again", async () => {
    const [a, b] = secrets();
    const page = await pages.begin(a);
    await pages.renew(page.credential, b);
    for (let n = 0; n < 3; n++) expect(await pages.back([b, a])).toBeDefined();
    expect(await pages.find(page.id)).toMatchObject({ state: "live" });
  });

  test("of a renewal that comes late, after the page came back: it is refused, and changes nothing", async () => {
    const [a, b, c] = secrets();
    const page = await pages.begin(a);
    const before = (await pages.back([b, a])) ?? "none";
    const now = (await pages.back([b, a])) ?? "none";
    expect(await pages.refusal(pages.renew(before, b))).toBe("refused");
    expect(await pages.refusal(pages.renew(page.credential, b))).toBe("refused");
    await pages.renew(now, b);
    await pages.renew(now, c);
    expect(await pages.refusal(pages.renew(now, b))).toBe("conflict");
    expect(await pages.back([c, b])).toBeDefined();
  });
});

describe("a stolen secret", () => {
  test("that is an old one ends the page and all it has open, and says so once", async () => {
    const [a, b] = secrets();
    const page = await pages.begin(a);
    await pages.renew(page.credential, b);
    const open = (await pages.back(b)) ?? "none";
    expect(await pages.back([a, newSecret()])).toBeUndefined();
    expect(await pages.isLive(open)).toBe(false);
    for (const shown of [a, b, [b, a]]) expect(await pages.back(shown)).toBeUndefined();
    expect(await pages.endings(page.id)).toEqual([{ actor: null, of: COMMANDER, why: theft }]);
    expect(await pages.refusal(pages.renew(open, newSecret()))).toBe("refused");
  });

  test("that is still good puts the page out, and the thief when the page comes back", async () => {
    const [a, b, c] = secrets();
    const page = await pages.begin(a);
    await pages.renew(page.credential, b);
    const thief = (await pages.back(a)) ?? "none";
    expect(await pages.isLive(page.credential)).toBe(false);
    const back = (await pages.back(b)) ?? "none";
    expect(await pages.isLive(thief)).toBe(false);
    expect(await pages.refusal(pages.renew(thief, c))).toBe("refused");
    expect(await pages.isLive(back)).toBe(true);
    // The thief tries once more: now it is an old one.
    expect(await pages.back(a)).toBeUndefined();
    expect(await pages.isLive(back)).toBe(false);
  });

  test("that nobody knows ends nothing", async () => {
    const [a] = secrets();
    const page = await pages.begin(a);
    expect(await pages.back(newSecret())).toBeUndefined();
    expect(await pages.back([newSecret(), newSecret()])).toBeUndefined();
    expect(await pages.isLive(page.credential)).toBe(true);
  });

  test("of one page beside one of another opens neither", async () => {
    const [a, b] = secrets();
    const [one, other] = [await pages.begin(a), await pages.begin(b)];
    expect(await pages.back([a, b])).toBeUndefined();
    for (const page of [one, other]) expect(await pages.isLive(page.credential)).toBe(true);
  });
});

/** A tab that was duplicated has the secrets of the first: they go on as two pages would that know of each other nothing. */
describe("two tabs with one secret", () => {
  test("are never in side by side: the later one is in, and the first one's renewal is refused", async () => {
    const [a, b] = secrets();
    await pages.begin(a);
    const [first, second] = [(await pages.back(a)) ?? "none", (await pages.back(a)) ?? "none"];
    expect(await Promise.all([first, second].map(pages.isLive))).toEqual([false, true]);
    expect(await pages.refusal(pages.renew(first, b))).toBe("refused");
    expect(await pages.renew(second, b)).toMatchObject({ state: "live" });
  });

  test("end when both renew: who rotates first wins, and the other is taken for a thief", async () => {
    const [a, b, c] = secrets();
    const page = await pages.begin(a);
    await pages.renew((await pages.back(a)) ?? "none", b);
    const second = (await pages.back(a)) ?? "none";
    expect(await pages.renew(second, c)).toMatchObject({ id: page.id, state: "ended", reason: twoPlaces });
    expect(await pages.back([b, a])).toBeUndefined();
  });

  test("at the same moment are decided one after the other: of twenty returns one is live", async () => {
    const [a, b] = secrets();
    const page = await pages.begin(a);
    await pages.renew(page.credential, b);
    const returns = await Promise.all(Array.from({ length: 20 }, (_, n) => pages.back(n % 2 === 0 ? b : [b, a])));
    const live = await Promise.all(returns.map((credential) => pages.isLive(credential ?? "none")));
    expect(returns).not.toContain(undefined);
    expect(live.filter(Boolean)).toHaveLength(1);
  });

  test("at the same moment, one with the secret that the other one's return makes an old one, are in the order of the lock", async () => {
    const holder = await ownersConnection();
    const waiting = async () => {
      const [row] = await federation.owner<{ n: number }>(
        "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return row?.n;
    };
    for (const newerFirst of [true, false]) {
      const [a, b] = secrets();
      const page = await pages.begin(a);
      await pages.renew(page.credential, b);
      await holder.query("begin");
      await holder.query("select 1 from federation.page_sessions where id = $1 for update", [page.id]);
      const one = pages.back(newerFirst ? b : a);
      await expect.poll(waiting).toBe(1);
      const other = pages.back(newerFirst ? a : b);
      await expect.poll(waiting).toBe(2);
      await holder.query("commit");
      const [first, second] = [await one, await other];
      expect(first).toBeDefined();
      expect(second === undefined).toBe(newerFirst);
      expect(await pages.isLive(first ?? "none")).toBe(false);
      expect(await pages.find(page.id)).toMatchObject({ state: newerFirst ? "ended" : "live" });
    }
  });

  test("that renew at the same moment from one place have one current secret between them", async () => {
    const [a] = secrets();
    await pages.begin(a);
    const credential = (await pages.back(a)) ?? "none";
    const next = Array.from({ length: 10 }, newSecret);
    await Promise.all(next.map((secret) => pages.renew(credential, secret)));
    const rows = await federation.owner<{ state: string; n: number }>(
      `select s.state, count(*)::int as n from federation.page_secrets s join federation.page_sessions p on p.id = s.session
       where 'page:' || p.opening = $1 group by s.state order by s.state`,
      [credential],
    );
    expect(rows).toEqual([
      { state: "current", n: 1 },
      { state: "replaced", n: 1 },
      { state: "spent", n: 9 },
    ]);
  });

  test("begin one page, when both renew under one ticket at the same moment", async () => {
    const credential = await pages.arrive();
    const begun = await Promise.all([newSecret(), newSecret()].map((secret) => pages.renew(credential, secret)));
    expect(new Set(begun.map((page) => page.id)).size).toBe(1);
  });
});
