import { randomUUID } from "node:crypto";
import type { Operation } from "@federation/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tokenSha256 } from "./admin.ts";
import { addExternal, asToken, hashOf, newToken, type TestToken } from "./testing/external-actors.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";

let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.drop());

const who = (token: TestToken) => federation.store(LEAD).authenticate(token.sha256);
const list = (actor: string, request: { actor?: string; live?: boolean } = {}) =>
  federation.store(actor).query("ListTokens", { live: true, ...request }, actor);
const own = (actor: string): string => `bearer:${tokenSha256(federation.credentials(actor).token)}`;

/** An external actor hosted at a node, and its calls there. */
async function hosted(host: string, scopes: Parameters<typeof addExternal>[3]) {
  const name = `guest-${randomUUID().slice(0, 8)}`;
  const token = await addExternal(federation, name, "developer", scopes);
  await federation.store(host).hostActor(token.credential, 60_000);
  const apply = (...operations: readonly Operation[]) =>
    federation.store(host).apply({ callId: randomUUID(), command: "Test", operations, as: name });
  return { name, token, apply };
}

describe("a token", () => {
  test("opens sessions of its actor, with its scopes, until it is revoked", async () => {
    const issued = newToken(DEVELOPER, { scopes: ["read"] });
    await federation.apply(DEVELOPER, issued);
    const token = asToken(issued);
    const principal = {
      actor: DEVELOPER,
      role: "developer",
      kind: "agent",
      scopes: ["read"],
      credential: token.credential,
    };
    expect(await who(token)).toEqual(principal);
    expect(await federation.store(LEAD).liveCredentials([token.credential, `bearer:${hashOf("x")}`, "?"])).toEqual([
      principal,
    ]);
    await federation.apply(DEVELOPER, { op: "revoke_token", id: token.id });
    await federation.apply(DEVELOPER, { op: "revoke_token", id: token.id });
    expect(await who(token)).toBeUndefined();
    expect(await federation.store(LEAD).liveCredentials([token.credential])).toEqual([]);
  });

  test("ends at its time", async () => {
    const issued = newToken(DEVELOPER, { expiresInMs: 1_000 });
    await federation.apply(DEVELOPER, issued);
    expect(await who(asToken(issued))).toBeDefined();
    await expect.poll(() => who(asToken(issued)), { timeout: 5_000 }).toBeUndefined();
    const { tokens } = await list(DEVELOPER, { live: false });
    expect(tokens.find((t) => t.id === issued.id)).toMatchObject({ state: "expired", revokedAt: null });
  });

  test("issued twice under one id is one token, and another's id or hash is taken", async () => {
    const issued = newToken(DEVELOPER);
    await federation.apply(DEVELOPER, issued);
    await federation.apply(DEVELOPER, issued);
    expect((await list(DEVELOPER)).tokens.filter((t) => t.id === issued.id)).toHaveLength(1);
    for (const over of [{ id: issued.id }, { sha256: issued.sha256 }])
      await expect(federation.apply(DEVELOPER, newToken(DEVELOPER, over))).rejects.toMatchObject({ code: "conflict" });
  });

  test("takes the place of another, which lives on for the time of grace and is replaced once", async () => {
    const [first, second, third] = [newToken(ANALYST), newToken(ANALYST), newToken(ANALYST)];
    await federation.apply(ANALYST, first);
    await federation.apply(ANALYST, { ...second, replaces: first.id, graceMs: 60_000 });
    expect(await who(asToken(first))).toBeDefined();
    const again = federation.apply(ANALYST, { ...third, replaces: first.id });
    await expect(again).rejects.toMatchObject({ code: "conflict" });
    await federation.apply(ANALYST, { ...third, replaces: second.id });
    expect(await who(asToken(second))).toBeUndefined();
    const { tokens } = await list(ANALYST, { live: false });
    expect(tokens.map((t) => [t.id, t.state, t.replacedBy]).slice(0, 3)).toEqual([
      [third.id, "live", null],
      [second.id, "revoked", third.id],
      [first.id, "live", second.id],
    ]);
    const grace = Date.parse(tokens[2]?.expiresAt ?? "") - Date.now();
    expect(grace).toBeLessThan(61_000);
  });

  test("is one of at most twenty that an actor has", async () => {
    const name = `many-${randomUUID().slice(0, 8)}`;
    const first = await addExternal(federation, name);
    for (let n = 1; n < 20; n++) await federation.apply(COMMANDER, newToken(name));
    await expect(federation.apply(COMMANDER, newToken(name))).rejects.toMatchObject({ code: "limit_exceeded" });
    await federation.apply(COMMANDER, newToken(name, { replaces: first.id }));
    const parallel = await Promise.allSettled([1, 2, 3].map(() => federation.apply(COMMANDER, newToken(name))));
    expect(parallel.filter((p) => p.status === "fulfilled")).toEqual([]);
  });

  test.each([
    ["no SHA-256", { sha256: "abc" }],
    ["a scope that there is not", { scopes: ["root"] }],
    ["no scope", { scopes: [] }],
    ["an end too far away", { expiresInMs: 401 * 86_400_000 }],
    ["too long a grace", { graceMs: 8 * 86_400_000 }],
    ["a label without end", { label: "x".repeat(101) }],
  ])("with %s is refused", async (_, over) => {
    const operation = { ...newToken(DEVELOPER), ...over };
    await expect(federation.applyRaw(DEVELOPER, [operation])).rejects.toMatchObject({ code: "FD001" });
  });
});

describe("whose tokens", () => {
  test("one issues: one's own, and as the commander those of external actors", async () => {
    await addExternal(federation, "visitor");
    await federation.apply(COMMANDER, newToken("visitor"));
    const voice = { code: "refused", details: { article: "one-voice" } };
    for (const actor of [LEAD, COMMANDER, "visitor"])
      await expect(federation.apply(DEVELOPER, newToken(actor))).rejects.toMatchObject(voice);
    await expect(federation.apply(COMMANDER, newToken(DEVELOPER))).rejects.toMatchObject(voice);
    await expect(federation.apply(DEVELOPER, newToken("nobody-there"))).rejects.toMatchObject(voice);
    await expect(federation.apply(COMMANDER, newToken("nobody-there"))).rejects.toMatchObject({ code: "not_found" });
  });

  test("one revokes: one's own, and as the commander any; another's is as if it were not there", async () => {
    const token = newToken(ANALYST);
    await federation.apply(ANALYST, token);
    for (const actor of [LEAD, DEVELOPER])
      await expect(federation.apply(actor, { op: "revoke_token", id: token.id })).rejects.toMatchObject({
        code: "not_found",
      });
    expect(await who(asToken(token))).toBeDefined();
    await federation.apply(COMMANDER, { op: "revoke_token", id: token.id });
    expect(await who(asToken(token))).toBeUndefined();
  });

  test("one replaces: those of the same actor alone", async () => {
    const token = newToken(ANALYST);
    await federation.apply(ANALYST, token);
    const theft = federation.apply(DEVELOPER, newToken(DEVELOPER, { replaces: token.id }));
    await expect(theft).rejects.toMatchObject({ code: "not_found" });
    expect(await who(asToken(token))).toBeDefined();
  });

  test("one sees: one's own, and as the commander all; never the token or its hash", async () => {
    const token = newToken(ANALYST, { label: "the second laptop" });
    await federation.apply(ANALYST, token);
    const seen = await list(ANALYST);
    expect(seen.tokens.every((t) => t.actor === ANALYST)).toBe(true);
    expect(seen.tokens[0]).toMatchObject({ label: "the second laptop", issuedBy: ANALYST, scopes: ["read", "act"] });
    expect(JSON.stringify(seen)).not.toContain(token.sha256);
    for (const actor of ["all", ANALYST, COMMANDER])
      await expect(list(DEVELOPER, { actor })).rejects.toMatchObject({ code: "forbidden" });
    const all = await list(COMMANDER, { actor: "all" });
    expect(new Set(all.tokens.map((t) => t.actor)).size).toBeGreaterThan(3);
    expect((await list(COMMANDER, { actor: ANALYST })).tokens).toEqual(seen.tokens);
  });

  test("an external actor issues, rotates and sees its own through its host, with no scope that its own lack", async () => {
    const guest = await hosted(LEAD, ["read", "manage"]);
    const next = newToken(guest.name, { scopes: ["read", "manage"], replaces: guest.token.id, graceMs: 60_000 });
    const wide = newToken(guest.name, { scopes: ["read", "act"] });
    await expect(guest.apply(wide)).rejects.toMatchObject({ code: "refused", details: { article: "one-voice" } });
    await guest.apply(next);
    const query = (as: string) => federation.store(LEAD).query("ListTokens", { actor: guest.name, live: true }, as);
    expect((await query(guest.name)).tokens.map((t) => t.id)).toEqual([next.id, guest.token.id]);
    await expect(query(LEAD)).rejects.toMatchObject({ code: "forbidden" });
    // Its host speaks for it, and for nobody else.
    await expect(guest.apply(newToken(LEAD))).rejects.toMatchObject({ code: "refused" });
    await expect(
      federation.store(DEVELOPER).query("ListTokens", { actor: guest.name, live: true }, guest.name),
    ).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("a ticket", () => {
  const issue = async (actor: string, origin: string | null = null, credential = own(actor)) => {
    const sha256 = hashOf(randomUUID());
    const outcome = await federation.apply(actor, { op: "issue_ticket", sha256, origin, credential });
    return { sha256, expiresAt: outcome.results[0]?.expiresAt ?? "" };
  };
  const redeem = (at: string, sha256: string, origin: string | null = null) =>
    federation.store(at).redeemTicket(sha256, origin);

  test("opens one session of its issuer, and lives as long as the token it was issued under", async () => {
    const token = newToken(DEVELOPER);
    await federation.apply(DEVELOPER, token);
    const { sha256, expiresAt } = await issue(DEVELOPER, null, asToken(token).credential);
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(60_500);
    const credential = `ticket:${sha256}`;
    expect(await federation.store(DEVELOPER).liveCredentials([credential])).toEqual([]);
    const principal = await redeem(DEVELOPER, sha256);
    expect(principal).toEqual({ actor: DEVELOPER, role: "developer", kind: "agent", scopes: token.scopes, credential });
    expect(await redeem(DEVELOPER, sha256)).toBeUndefined();
    expect(await federation.store(DEVELOPER).liveCredentials([credential])).toEqual([principal]);
    await federation.apply(DEVELOPER, { op: "revoke_token", id: token.id });
    expect(await federation.store(DEVELOPER).liveCredentials([credential])).toEqual([]);
  });

  test("of twenty uses at once one succeeds", async () => {
    const { sha256 } = await issue(DEVELOPER);
    const used = await Promise.all(Array.from({ length: 20 }, () => redeem(DEVELOPER, sha256)));
    expect(used.filter((u) => u !== undefined)).toHaveLength(1);
  });

  test("is for one origin, or for a client without any; another origin does not use it up", async () => {
    const { sha256 } = await issue(DEVELOPER, "https://portal.example");
    for (const origin of [null, "https://evil.example", "http://portal.example", "https://portal.example:444"])
      expect(await redeem(DEVELOPER, sha256, origin)).toBeUndefined();
    expect(await redeem(DEVELOPER, sha256, "https://portal.example")).toBeDefined();
    const bare = await issue(DEVELOPER);
    expect(await redeem(DEVELOPER, bare.sha256, "https://portal.example")).toBeUndefined();
    expect(await redeem(DEVELOPER, bare.sha256)).toBeDefined();
  });

  test("is no good at another's daemon, after a minute, or when its token has ended", async () => {
    const { sha256 } = await issue(DEVELOPER);
    expect(await redeem(LEAD, sha256)).toBeUndefined();
    await federation.owner(
      "update federation.tickets set expires_at = clock_timestamp() where token_sha256 = decode($1, 'hex')",
      [sha256],
    );
    expect(await redeem(DEVELOPER, sha256)).toBeUndefined();
    const token = newToken(DEVELOPER);
    await federation.apply(DEVELOPER, token);
    const late = await issue(DEVELOPER, null, asToken(token).credential);
    await federation.apply(DEVELOPER, { op: "revoke_token", id: token.id });
    expect(await redeem(DEVELOPER, late.sha256)).toBeUndefined();
  });

  test("is issued under a live token of one's own", async () => {
    for (const credential of [own(LEAD), `bearer:${hashOf("unknown")}`, "?", `ticket:${hashOf("unused")}`])
      await expect(issue(DEVELOPER, null, credential)).rejects.toMatchObject({ code: "refused" });
  });

  test("waits with at most nineteen others", async () => {
    for (let n = 0; n < 20; n++) await issue(ANALYST);
    await expect(issue(ANALYST)).rejects.toMatchObject({ code: "limit_exceeded" });
    await federation.owner("update federation.tickets set expires_at = clock_timestamp() - interval '1 s'");
    await issue(ANALYST);
    const rows = await federation.owner<{ n: number }>(
      "select count(*)::int as n from federation.tickets t join federation.credentials c on c.id = t.credential where c.actor = $1",
      [ANALYST],
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  test("of a daemon that was taken over from opens nothing", async () => {
    const store = await federation.addNode("left-behind", "developer");
    const sha256 = hashOf(randomUUID());
    await federation.apply("left-behind", { op: "issue_ticket", sha256, origin: null, credential: own("left-behind") });
    const next = federation.connect("left-behind");
    await next.open({ instance: randomUUID(), takeOver: true, version: "0.1.0" });
    await expect(store.redeemTicket(sha256, null)).rejects.toMatchObject({ code: "fenced" });
    expect(await next.redeemTicket(sha256, null)).toBeDefined();
  });
});

test("no event, outcome or refusal holds a secret or its hash", async () => {
  const token = newToken(DEVELOPER);
  const ticket = hashOf(randomUUID());
  await federation.apply(DEVELOPER, token);
  const credential = asToken(token).credential;
  await federation.apply(DEVELOPER, { op: "issue_ticket", sha256: ticket, origin: null, credential });
  await federation.apply(DEVELOPER, { op: "revoke_token", id: token.id });
  const refused = await federation.apply(DEVELOPER, { ...token, id: randomUUID() }).catch((e: unknown) => e);
  await federation.logSettled();
  const events = await federation.owner("select * from federation.events");
  const outcomes = await federation.owner("select * from federation.call_outcomes");
  const kinds = events.map((e) => e["kind"]);
  expect(kinds).toEqual(expect.arrayContaining(["TokenIssued", "TokenRevoked", "TicketIssued"]));
  for (const secret of [token.sha256, ticket])
    expect(JSON.stringify([events, outcomes, String(refused), refused])).not.toContain(secret);
});
