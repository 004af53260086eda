import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tokenSha256 } from "./admin.ts";
import { asToken, hashOf, hostedGuest, newToken } from "./testing/external-actors.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { newSecret, type Pages, PORTAL, pagesOf } from "./testing/pages.ts";

/** Whose page it is, and where and how long it is let in. */
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
      expect(await idsOf(list(LEAD))).not.toContain(page.id);
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
    const guest = await hostedGuest(federation, DEVELOPER);
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
    const guest = await hostedGuest(federation, DEVELOPER);
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
    const guest = await hostedGuest(federation, DEVELOPER);
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
    const guest = await hostedGuest(federation, DEVELOPER);
    const secret = newSecret();
    const page = await pages.begin(secret, { at: DEVELOPER, as: guest.name, under: guest.token.credential });
    await federation.apply(COMMANDER, { op: "retire_actor", name: guest.name });
    expect(await pages.back(secret, { at: DEVELOPER })).toBeUndefined();
    expect(await pages.find(page.id)).toMatchObject({ state: "ended", reason: "its token has ended" });
  });
});
