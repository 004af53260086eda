/** A page of the node itself, from its ticket to its end: over sockets, restarts and reloads of a real daemon. */
import { createHash, randomBytes } from "node:crypto";
import { control } from "@federation/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type JoinNode, startJoinNode } from "../join/testing/join-node.ts";
import { openSession, type RawSession } from "./raw-session.ts";

let node: JoinNode;
let origin: string;
const sessions: RawSession[] = [];
/** Every secret that was shown. */
const shown: string[] = [];

beforeAll(async () => {
  node = await startJoinNode();
  origin = `http://127.0.0.1:${node.port}`;
});
afterAll(async () => {
  await Promise.all(sessions.map((session) => session.leave()));
  await node?.close();
});

/** A tab: what it keeps for a reload, and the session it has open. */
interface Tab {
  current: string | undefined;
  next: string | undefined;
  session: RawSession;
}

const newSecret = (): string => {
  const secret = randomBytes(32).toString("base64url");
  shown.push(secret);
  return secret;
};
const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");
const kept = (session: RawSession): RawSession => {
  sessions.push(session);
  return session;
};

async function arrive(): Promise<Tab> {
  const answer = await node.federation("token", "ticket", "--origin", origin, "--minutes", "5", "--json");
  const { secret } = z.object({ secret: z.string() }).parse(JSON.parse(answer));
  shown.push(secret);
  return {
    current: undefined,
    next: undefined,
    session: kept(await openSession(node.port, { ticket: secret, origin })),
  };
}

async function renew(tab: Tab): Promise<string> {
  tab.next ??= newSecret();
  const { isError, text } = await tab.session.call("renew_page_session", { sha256: hashOf(tab.next) });
  if (isError) throw new Error(text);
  [tab.current, tab.next] = [tab.next, undefined];
  return control.RenewPageSession.response.parse(JSON.parse(text)).session.id;
}

async function comeBack(tab: Tab): Promise<void> {
  const resume = [tab.next, tab.current].filter((secret) => secret !== undefined);
  tab.session = kept(await openSession(node.port, { resume, origin }));
}

const status = async (tab: Tab): Promise<boolean> => !(await tab.session.call("get_status")).isError;
const closeCode = async (session: RawSession): Promise<number> => (await session.closed).code;

test("comes in by a ticket, and back after a lost socket, a restart, a crash and new logic, until it is ended", async () => {
  const tab = await arrive();
  const id = await renew(tab);
  const uses = async () => {
    await comeBack(tab);
    expect(await status(tab)).toBe(true);
    expect(await renew(tab)).toBe(id);
  };

  // A socket that is lost without a word is closed when the page is back.
  const lost = tab.session;
  await uses();
  expect(await closeCode(lost)).toBe(4401);

  await node.restart();
  await uses();
  await node.kill();
  await node.start();
  await uses();

  // New logic takes the session over as it is, and looks after it.
  await node.federation("reload");
  expect(await status(tab)).toBe(true);
  expect(await renew(tab)).toBe(id);
  const { text } = await tab.session.call("list_page_sessions", {});
  expect(control.ListPageSessions.response.parse(JSON.parse(text)).here).toBe(id);

  await node.federation("page", "end", id);
  expect(await closeCode(tab.session)).toBe(4401);
  await expect(comeBack(tab)).rejects.toThrow("refused with 4410");
  expect(await node.federation("page", "list", "--all")).toMatch(new RegExp(`${id} .*ended.* by its own actor`));
  expect(await node.federation("page", "list")).not.toContain(id);
});

describe("an answer that never came", () => {
  let tab: Tab;
  beforeEach(async () => {
    tab = await arrive();
    await renew(tab);
  });

  test("to a renewal that came through: both secrets are shown, and the later one counts", async () => {
    tab.next = newSecret();
    await tab.session.call("renew_page_session", { sha256: hashOf(tab.next) });
    await tab.session.leave();
    await comeBack(tab);
    await renew(tab);
    await comeBack(tab);
    expect(await status(tab)).toBe(true);
  });

  test("to a renewal that never arrived: the secret before lets it in", async () => {
    tab.next = newSecret();
    await comeBack(tab);
    await renew(tab);
    await comeBack(tab);
    expect(await status(tab)).toBe(true);
  });

  test("to a return: it is shown again", async () => {
    for (let n = 0; n < 3; n++) await comeBack(tab);
    expect(await status(tab)).toBe(true);
  });
});

test("a secret that was copied lets a thief in until the page is back, and then the page is over for both", async () => {
  const tab = await arrive();
  const id = await renew(tab);
  const copy = { ...tab };
  await renew(tab);
  const thief = kept(await openSession(node.port, { resume: [copy.current ?? ""], origin }));
  expect(await closeCode(tab.session)).toBe(4401);
  await comeBack(tab);
  expect(await closeCode(thief)).toBe(4401);
  expect(await status(tab)).toBe(true);
  await expect(openSession(node.port, { resume: [copy.current ?? ""], origin })).rejects.toThrow("refused with 4410");
  expect(await closeCode(tab.session)).toBe(4401);
  await expect(comeBack(tab)).rejects.toThrow("refused with 4410");
  const listed = await node.federation("page", "list", "--all");
  expect(listed).toMatch(new RegExp(`${id} .*ended.* a secret was shown that had been replaced`));
  expect(await node.federation("events")).toContain("a secret was shown that had been replaced");
});

test("two tabs with one secret, that both go on as pages do, are out both", async () => {
  const tab = await arrive();
  await renew(tab);
  await comeBack(tab);
  const twin: Tab = { ...tab };
  await renew(tab);
  await comeBack(twin);
  await expect(renew(twin)).rejects.toThrow(/^refused: .*two places/);
  expect(await closeCode(twin.session)).toBe(4401);
  for (const each of [tab, twin]) await expect(comeBack(each)).rejects.toThrow("refused with 4410");
});

test("the token it lives under ends it as it ends a ticket's session", async () => {
  const tab = await arrive();
  const id = await renew(tab);
  await comeBack(tab);
  const [token] = await node.owner<{ id: string }>(
    "insert into federation.credentials (actor, token_sha256) values ('commander', sha256('short')) returning id",
  );
  await node.owner("update federation.page_sessions set credential = $2 where id = $1", [id, token?.id]);
  expect(await status(tab)).toBe(true);
  await node.owner("update federation.credentials set revoked_at = clock_timestamp() where id = $1", [token?.id]);
  expect(await closeCode(tab.session)).toBe(4401);
  await expect(comeBack(tab)).rejects.toThrow("refused with 4410");
});

test("another page may not come in by what is this one's, nor by a token in the address", async () => {
  const tab = await arrive();
  await renew(tab);
  const resume = [tab.current ?? ""];
  for (const other of [
    "https://evil.example",
    `http://localhost:${node.port}`,
    `http://127.0.0.1:${node.port + 1}`,
    "null",
  ])
    await expect(openSession(node.port, { resume, origin: other })).rejects.toThrow("refused with 403");
  await expect(openSession(node.port, { resume })).rejects.toThrow("refused with 403");
  expect(await status(tab)).toBe(true);
});

test("no ticket and no secret is in the log of the daemon or in a table", async () => {
  expect(shown.length).toBeGreaterThan(15);
  const log = await node.logged();
  const tables = await node.owner<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'federation'",
  );
  for (const secret of shown)
    for (const form of [secret, Buffer.from(secret).toString("base64url")]) expect(log).not.toContain(form);
  for (const { name } of tables) {
    const held = await node.owner(
      `select 1 from federation.${name} t where exists (select 1 from unnest($1::text[]) s where t::text like '%' || s || '%')`,
      [shown],
    );
    expect(held, name).toEqual([]);
  }
});
