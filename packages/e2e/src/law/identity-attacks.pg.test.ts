/** What a stolen token, a guessed name or a taken-over daemon gets of others' identities: at the gate, and past it. */
import { createHash, randomUUID } from "node:crypto";
import { control, controlEntries, type ScopeName, scopeOf, toolName } from "@federation/core";
import { tokenSha256 } from "@federation/store";
import {
  ANALYST,
  COMMANDER,
  DEVELOPER,
  type Federation,
  LEAD,
  startFederation,
  startMission,
} from "@federation/store/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Claimed, type Doors, openDoors } from "./testing/doors.ts";

/** `GUEST` is hosted by the developer's daemon, `OTHER` by the analyst's, `AWAY` by none. */
const [GUEST, OTHER, AWAY] = ["guest", "other", "away"] as const;
let federation: Federation;
let doors: Doors;
const tokens = new Map<string, { readonly id: string; readonly sha256: string }>();
/** A page that the commander has open, and the name its session knows it by. */
const page = { id: "", credential: "" };
const newHash = (): string => createHash("sha256").update(randomUUID()).digest("hex");
const bearer = (actor: string): string =>
  `bearer:${tokens.get(actor)?.sha256 ?? tokenSha256(federation.credentials(actor).token)}`;

beforeAll(async () => {
  federation = await startFederation();
  doors = openDoors(federation);
  for (const name of [GUEST, OTHER, AWAY]) {
    const token = { id: randomUUID(), sha256: newHash() };
    tokens.set(name, token);
    expect(await doors.call(COMMANDER, "add_actor", { name, role: "developer" })()).toBe("done");
    expect(await doors.call(COMMANDER, "issue_token", { ...token, actor: name })()).toBe("done");
  }
  await federation.store(DEVELOPER).hostActor(bearer(GUEST), 60_000);
  await federation.store(ANALYST).hostActor(bearer(OTHER), 60_000);
  const [ticket, origin] = [newHash(), "https://portal.example"];
  const claimed = { credential: bearer(COMMANDER) };
  expect(await doors.call(COMMANDER, "issue_ticket", { sha256: ticket, origin }, claimed)()).toBe("done");
  page.credential = (await federation.store(COMMANDER).redeemTicket(ticket, origin))?.credential ?? "";
  expect(await doors.call(COMMANDER, "renew_page_session", { sha256: newHash() }, page)()).toBe("done");
  const { sessions } = await federation.store(COMMANDER).listPages({ live: true, limit: 1 }, COMMANDER, "");
  page.id = sessions[0]?.id ?? "";
});
afterAll(async () => {
  await doors.close();
  await federation.drop();
});

/** All rows that say who may speak for whom. */
const rows = async () => ({
  actors: await federation.owner("select name, kind, role, retired_at from federation.actors order by name"),
  tokens: await federation.owner(
    "select id, actor, scopes, expires_at, revoked_at, replaced_by from federation.credentials order by id",
  ),
  tickets: await federation.owner("select * from federation.tickets order by token_sha256"),
  pages: await federation.owner("select * from federation.page_sessions order by id"),
  secrets: await federation.owner("select * from federation.page_secrets order by sha256"),
  hosting: await federation.owner("select actor, host, credentials from federation.hosting order by actor"),
});

const issue = (actor: string, over: object = {}) => ({
  op: "issue_token",
  id: randomUUID(),
  actor,
  sha256: newHash(),
  label: "",
  scopes: ["read", "act"],
  expiresInMs: 60_000,
  replaces: null,
  graceMs: 0,
  ...over,
});

interface IdentityAttack {
  readonly what: string;
  /** The tool call at a node's gate, and the operation past it. */
  readonly tool: () => readonly [node: string, name: string, request: object, claimed?: Claimed];
  readonly sql: () => readonly [node: string, operation: object, context?: object];
  readonly gate: string;
  readonly database: string;
}

const attacks: readonly IdentityAttack[] = [
  {
    what: "an agent adds an actor of its own",
    tool: () => [LEAD, "add_actor", { name: "puppet", role: "developer" }],
    sql: () => [LEAD, { op: "add_actor", name: "puppet", role: "developer", description: "" }],
    gate: "forbidden",
    database: "FD003 one-voice",
  },
  {
    what: "an agent that says it is the commander adds an actor",
    tool: () => [LEAD, "add_actor", { name: "puppet", role: "developer" }, { role: "commander" }],
    sql: () => [LEAD, { op: "add_actor", name: "puppet", role: "developer", description: "" }, { as: COMMANDER }],
    gate: "forbidden one-voice",
    database: "FD004 one-voice",
  },
  {
    what: "an external actor retires another",
    tool: () => [DEVELOPER, "retire_actor", { name: OTHER }, { actor: GUEST }],
    sql: () => [DEVELOPER, { op: "retire_actor", name: OTHER }, { as: GUEST }],
    gate: "forbidden",
    database: "FD003 one-voice",
  },
  {
    what: "a token for another, by an agent",
    tool: () => [LEAD, "issue_token", { actor: COMMANDER, sha256: newHash() }],
    sql: () => [LEAD, issue(COMMANDER)],
    gate: "refused one-voice",
    database: "FD004 one-voice",
  },
  {
    what: "a token for an external actor, by the daemon that hosts it, in its own name",
    tool: () => [DEVELOPER, "issue_token", { actor: GUEST, sha256: newHash() }],
    sql: () => [DEVELOPER, issue(GUEST)],
    gate: "refused one-voice",
    database: "FD004 one-voice",
  },
  {
    what: "a token for an agent, by an external actor",
    tool: () => [DEVELOPER, "issue_token", { actor: DEVELOPER, sha256: newHash() }, { actor: GUEST }],
    sql: () => [DEVELOPER, issue(DEVELOPER), { as: GUEST }],
    gate: "refused one-voice",
    database: "FD004 one-voice",
  },
  {
    what: "a token for an external actor that another daemon hosts",
    tool: () => [DEVELOPER, "issue_token", { sha256: newHash() }, { actor: OTHER }],
    sql: () => [DEVELOPER, issue(OTHER), { as: OTHER }],
    gate: "refused one-voice",
    database: "FD004 one-voice",
  },
  {
    what: "a token that may do more than the one it is issued under",
    tool: () => [
      DEVELOPER,
      "issue_token",
      { sha256: newHash(), scopes: ["read", "act", "manage"] },
      { actor: GUEST, scopes: ["manage"] },
    ],
    sql: () => [DEVELOPER, issue(GUEST, { scopes: ["read", "act", "manage"] }), { as: GUEST }],
    gate: "forbidden",
    database: "FD004 one-voice",
  },
  {
    what: "the end of another's token",
    tool: () => [LEAD, "revoke_token", { token: tokens.get(GUEST)?.id }],
    sql: () => [LEAD, { op: "revoke_token", id: tokens.get(GUEST)?.id }],
    gate: "not_found",
    database: "FD005",
  },
  {
    what: "another's token replaced by one's own",
    tool: () => [LEAD, "issue_token", { sha256: newHash(), replaces: tokens.get(GUEST)?.id }],
    sql: () => [LEAD, issue(LEAD, { replaces: tokens.get(GUEST)?.id })],
    gate: "not_found",
    database: "FD005",
  },
  {
    what: "a ticket under another's token",
    tool: () => [LEAD, "issue_ticket", { sha256: newHash() }, { credential: bearer(COMMANDER) }],
    sql: () => [LEAD, { op: "issue_ticket", sha256: newHash(), origin: null, credential: bearer(COMMANDER) }],
    gate: "refused one-voice",
    database: "FD004 one-voice",
  },
  {
    what: "a secret of one's own for the page of another",
    tool: () => [LEAD, "renew_page_session", { sha256: newHash() }, { credential: page.credential }],
    sql: () => [LEAD, { op: "renew_page_session", sha256: newHash(), credential: page.credential }],
    gate: "refused one-voice",
    database: "FD004 one-voice",
  },
  {
    what: "a page that comes back without ever having had a ticket",
    tool: () => [LEAD, "renew_page_session", { sha256: newHash() }, { credential: bearer(LEAD) }],
    sql: () => [LEAD, { op: "renew_page_session", sha256: newHash(), credential: bearer(LEAD) }],
    gate: "refused one-voice",
    database: "FD004 one-voice",
  },
  {
    what: "the end of another's page",
    tool: () => [LEAD, "end_page_session", { session: page.id }],
    sql: () => [LEAD, { op: "end_page_session", id: page.id }],
    gate: "not_found",
    database: "FD005",
  },
  {
    what: "another's tokens listed",
    tool: () => [LEAD, "list_tokens", { actor: "all" }],
    sql: () => [LEAD, { op: "list_tokens", actor: COMMANDER }],
    gate: "forbidden",
    database: "FD001",
  },
  {
    what: "words in the name of an external actor that is not connected here",
    tool: () => [DEVELOPER, "send_message", { to: LEAD, text: "It is me." }, { actor: AWAY }],
    sql: () => [DEVELOPER, { op: "start_thread", id: randomUUID(), title: "It is me.", members: [LEAD] }, { as: AWAY }],
    gate: "refused one-voice",
    database: "FD004 one-voice",
  },
  {
    what: "an order in the name of the commander, by an external actor's host",
    tool: () => [DEVELOPER, "pause_node", { node: LEAD, reason: "No." }, { actor: COMMANDER }],
    sql: () => [DEVELOPER, { op: "pause_node", node: LEAD, reason: "No." }, { as: COMMANDER }],
    gate: "refused one-voice",
    database: "FD004 one-voice",
  },
];

test.each(attacks)("$what: refused twice over, and nothing has changed", async ({ tool, sql, gate, database }) => {
  const before = await rows();
  const [node, name, request, claimed] = tool();
  const [login, operation, context] = sql();
  expect({
    gate: await doors.call(node, name, request, claimed)(),
    database: await doors.apply(login, operation, context)(),
  }).toEqual({ gate, database });
  expect(await rows()).toEqual(before);
});

describe("past the gate, with a stolen login", () => {
  test.each([
    ["reads tokens and tickets", "select * from federation.credentials", "42501"],
    ["reads tickets", "select * from federation.tickets", "42501"],
    ["reads what pages are called", "select * from federation.page_sessions", "42501"],
    ["reads the hashes of pages' secrets", "select * from federation.page_secrets", "42501"],
    ["asks for all pages as the commander", "select federation.list_pages('commander', null, true, 50)", "FD003"],
    ["asks for all pages as nobody", "select federation.list_pages(null, null, true, 50)", "FD003"],
    ["asks which page that is", "select federation.page_of('page:')", "42501"],
    ["hosts by writing the row", "update federation.hosting set host = 'aorus-3090'", "42501"],
    ["makes an actor by writing the row", "insert into federation.actors (name) values ('x')", "42501"],
    ["asks for all tokens as the commander", "select federation.list_tokens(null, 'commander', false)", "FD003"],
    ["asks for all tokens as nobody", "select federation.list_tokens(null, null, false)", "FD003"],
    ["asks for another's tokens as nobody", "select federation.list_tokens('guest', null, false)", "FD003"],
    ["asks for another's tokens", "select federation.list_tokens('guest', 'aorus-3090', false)", "FD003"],
    ["calls what is no door", "select federation.op_retire_actor('commander', '{\"name\": \"guest\"}')", "42501"],
    ["looks a token up by less than its hash", "select federation.token_of('bearer:')", "42501"],
  ])("a daemon that %s is refused", async (_, statement, state) => {
    expect(await doors.sql(DEVELOPER, statement)()).toBe(state);
  });

  test("hosts nobody without a live token of theirs", async () => {
    const before = await rows();
    const present = await federation.owner(
      "select generation, impl_epoch as epoch from federation.nodes where actor = $1",
      [DEVELOPER],
    );
    const host = (credential: string) =>
      doors.sql(DEVELOPER, "select federation.host_actor($1, $2, 60000)", [JSON.stringify(present[0]), credential])();
    for (const credential of [`bearer:${newHash()}`, bearer(LEAD), bearer(COMMANDER), OTHER, "bearer:", "ticket:"])
      expect(await host(credential)).toBe("FD002 one-voice");
    expect(await rows()).toEqual(before);
  });
});

describe("a token with the scope", () => {
  const missing = (...scopes: readonly ScopeName[]) =>
    controlEntries.filter((entry) => !scopes.includes(scopeOf(entry)) && entry.roles.includes("commander"));

  test.each([[["read"]], [["act"]], [["manage"]], [["read", "act"]], [[]]] as const)(
    "%j is refused every call of another scope at the gate, and nothing has changed",
    async (scopes) => {
      const before = await rows();
      for (const { name } of missing(...scopes)) {
        const call = doors.call(COMMANDER, toolName(name), {}, { scopes });
        expect(await call(), name).toBe("forbidden");
      }
      expect(await rows()).toEqual(before);
    },
  );

  test("read reads, act acts", async () => {
    const claimed = (scopes: readonly ScopeName[]): Claimed => ({ actor: GUEST, scopes });
    expect(await doors.call(DEVELOPER, "list_roster", {}, claimed(["read"]))()).toBe("done");
    const message = { to: LEAD, text: "I am here." };
    expect(await doors.call(DEVELOPER, "send_message", message, claimed(["read"]))()).toBe("forbidden");
    expect(await doors.call(DEVELOPER, "send_message", message, claimed(["act"]))()).toBe("done");
  });

  test("read marks nothing as read", async () => {
    const before = await federation.owner("select * from federation.deliveries order by message, recipient");
    const mark = { markRead: true };
    expect(await doors.call(LEAD, "list_inbox", {}, { scopes: ["read"] })()).toBe("done");
    expect(await doors.call(LEAD, "list_inbox", mark, { scopes: ["read"] })()).toBe("forbidden");
    expect(await federation.owner("select * from federation.deliveries order by message, recipient")).toEqual(before);
    expect(await doors.call(LEAD, "list_inbox", mark, { scopes: ["read", "act"] })()).toBe("done");
  });

  test("manage is what every call of identity, signing keys, nodes and reloads needs, and no other", () => {
    const managed = controlEntries.filter((entry) => scopeOf(entry) === "manage").map((entry) => entry.name);
    expect(managed.toSorted()).toEqual(
      [
        ...(["AddActor", "IssueTicket", "IssueToken", "ListTokens", "RetireActor", "RevokeToken"] as const),
        ...(["AddSigningKey", "RevokeSigningKey"] as const),
        ...(["PauseNode", "ReloadNode", "ResumeNode"] as const),
      ].toSorted(),
    );
    expect(managed.every((name) => Object.hasOwn(control, name))).toBe(true);
  });
});

test("who is hosted sees nothing of its host's conversations", async () => {
  const mission = await startMission(federation);
  const private_ = randomUUID();
  const message = { id: randomUUID(), conversation: private_, recipient: LEAD } as const;
  await federation.apply(
    DEVELOPER,
    { op: "start_thread", id: private_, title: "Aside", members: [LEAD] },
    { op: "send_message", ...message, kind: "say", text: "Between us.", about: null, causation: null },
  );
  await federation.owner(
    "update federation.deliveries set state = 'dead', dead_at = clock_timestamp(), last_error = 'given up' where message = $1",
    [message.id],
  );
  const calls = [
    ["show_mission", { mission: mission.id }],
    ["report_mission", { mission: mission.id }],
    ["show_message", { message: message.id }],
  ] as const;
  for (const [tool, request] of calls) {
    expect(await doors.call(DEVELOPER, tool, request)(), tool).toBe("done");
    expect(await doors.call(DEVELOPER, tool, request, { actor: GUEST })(), tool).toBe("not_found");
    expect(await doors.call(COMMANDER, tool, request)(), tool).toBe("done");
  }
  const dead = async (as: string) =>
    (await federation.store(DEVELOPER).query("ListDeadLetters", { limit: 50 }, as)).deliveries.map((d) => d.message);
  expect(await dead(DEVELOPER)).toContain(message.id);
  expect(await dead(GUEST)).toEqual([]);
});

test("an external actor issues itself a token at its host, and its rotation ends the old one", async () => {
  const own = { id: randomUUID(), sha256: newHash() };
  expect(await doors.call(COMMANDER, "issue_token", { ...own, actor: GUEST, scopes: ["read", "manage"] })()).toBe(
    "done",
  );
  await federation.store(DEVELOPER).hostActor(`bearer:${own.sha256}`, 60_000);
  const narrow = { sha256: newHash(), scopes: ["read"], replaces: own.id };
  expect(await doors.call(DEVELOPER, "issue_token", narrow, { actor: GUEST })()).toBe("done");
  expect(await federation.store(LEAD).authenticate(own.sha256)).toBeUndefined();
  expect(await federation.store(LEAD).authenticate(narrow.sha256)).toMatchObject({ actor: GUEST, scopes: ["read"] });
});
