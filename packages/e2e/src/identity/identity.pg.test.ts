/** Who may be in a session, for how long: at a daemon of its own, over its sockets, with the command line. */
import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type JoinNode, startJoinNode } from "../join/testing/join-node.ts";
import { until } from "../mesh/mesh-fixture.ts";
import { type Offer, openSession, type RawSession } from "./raw-session.ts";

const origin = "https://portal.example";
const issuedSchema = z.object({ token: z.object({ id: z.string() }), secret: z.string() });
let node: JoinNode;
let guest: string;
let guests = 0;
const sessions: RawSession[] = [];

beforeAll(async () => {
  node = await startJoinNode({ allowedOrigins: [origin] });
});
beforeEach(async () => {
  guest = `guest-${++guests}`;
  await node.federation("actor", "add", guest, "--role", "developer");
});
afterAll(async () => {
  await Promise.all(sessions.map((session) => session.leave()));
  await node?.close();
});

const open = async (offer: Offer): Promise<RawSession> => {
  const session = await openSession(node.port, offer);
  sessions.push(session);
  return session;
};
const issue = async (...words: readonly string[]) => {
  const { token, secret } = issuedSchema.parse(JSON.parse(await node.federation("token", "issue", ...words, "--json")));
  return { id: token.id, token: secret };
};
const online = async (actor: string): Promise<boolean> => {
  const [row] = await node.owner<{ online: boolean }>("select federation.is_online($1) as online", [actor]);
  return row?.online === true;
};
/** How long after `what` the session was closed, with which code. */
const closedAfter = async (session: RawSession, what: () => Promise<unknown>) => {
  const beganMs = performance.now();
  await what();
  const endedMs = performance.now();
  const { code, atMs } = await session.closed;
  return { code, afterBeginMs: Math.round(atMs - beganMs), afterEndMs: Math.round(atMs - endedMs) };
};

test("an external actor is hosted where its client connects: it acts as itself, and is online as long as it is there", async () => {
  const { token } = await issue(guest);
  expect(await online(guest)).toBe(false);
  const session = await open({ token });
  expect(await online(guest)).toBe(true);
  const said = await session.call("send_message", { to: "commander", text: "I have joined." });
  expect(said.isError, said.text).toBe(false);
  expect((await session.call("retire_actor", { name: guest })).text).toMatch(/^forbidden/);
  const senders = await node.owner("select sender from federation.messages where body = 'I have joined.'");
  expect(senders).toEqual([{ sender: guest }]);
  await session.leave();
  await until("it is away", async () => !(await online(guest)));
});

test("a message to an external actor that is away is there when it comes", async () => {
  await node.federation("send", guest, "Are you there?");
  const { token } = await issue(guest);
  const session = await open({ token });
  const { text } = await session.call("list_inbox", {});
  expect(text).toContain("Are you there?");
});

describe("a token", () => {
  test("that is revoked loses its sessions within a second, and opens no other; those of another token stay", async () => {
    const [first, second] = [await issue(guest), await issue(guest, "--label", "another")];
    const [session, other] = [await open(first), await open(second)];
    const closed = await closedAfter(session, async () => {
      await node.owner("update federation.credentials set revoked_at = clock_timestamp() where id = $1", [first.id]);
    });
    expect(closed.code).toBe(4401);
    expect(closed.afterEndMs).toBeLessThan(1_000);
    process.stdout.write(`a session is closed ${closed.afterEndMs} ms after its token was revoked\n`);
    await expect(open(first)).rejects.toThrow("refused with 401");
    const http = await fetch(`http://127.0.0.1:${node.port}/mcp`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${first.token}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
    });
    expect(http.status).toBe(401);
    // The actor goes on: its other token hosts it.
    expect((await other.call("send_message", { to: "commander", text: "Still here." })).isError).toBe(false);
  });

  test("is revoked by the command line, with the same end", async () => {
    const issued = await issue(guest);
    const session = await open(issued);
    const closed = await closedAfter(session, () => node.federation("token", "revoke", issued.id));
    expect(closed.code).toBe(4401);
    expect(closed.afterEndMs).toBeLessThan(1_000);
  });

  test("whose time is over loses its sessions within a second", async () => {
    const issued = await issue(guest);
    const session = await open(issued);
    const closed = await closedAfter(session, async () => {
      await node.owner(
        "update federation.credentials set expires_at = clock_timestamp() + interval '700 ms' where id = $1",
        [issued.id],
      );
    });
    expect(closed.code).toBe(4401);
    expect(closed.afterBeginMs).toBeGreaterThan(650);
    expect(closed.afterEndMs).toBeLessThan(1_700);
  });

  test("that may only read shows and does no more than that", async () => {
    const session = await open(await issue(guest, "--scopes", "read"));
    const tools = await session.tools();
    expect(tools).toContain("list_roster");
    for (const tool of ["send_message", "list_tokens", "issue_token"]) expect(tools).not.toContain(tool);
    const refused = await session.call("send_message", { to: "commander", text: "Hello." });
    expect(refused).toMatchObject({ isError: true, text: expect.stringMatching(/^forbidden: .*scope act/) });
  });

  test("is rotated by its own bearer: the next one opens sessions, the old one's are closed", async () => {
    const first = await issue(guest, "--scopes", "read,manage");
    const session = await open(first);
    const token = randomUUID();
    const sha256 = createHash("sha256").update(token).digest("hex");
    const wide = { sha256, scopes: ["read", "act", "manage"] };
    expect((await session.call("issue_token", wide)).text).toMatch(/^forbidden: .*act/);
    await session
      .call("issue_token", { sha256, scopes: ["read", "manage"], replaces: first.id })
      .catch(() => undefined);
    expect((await session.closed).code).toBe(4401);
    const next = await open({ token });
    const tokens = z.object({ tokens: z.array(z.object({ scopes: z.array(z.string()) })) });
    const listed = await next.call("list_tokens", {});
    expect(tokens.parse(JSON.parse(listed.text)).tokens).toEqual([{ scopes: ["read", "manage"] }]);
  });

  test("is rotated by the commander, and the old one lives on for the time of grace", async () => {
    const first = await issue(guest);
    const session = await open(first);
    const file = path.join(node.dir, `${guest}.next`);
    await node.federation("token", "rotate", first.id, "--grace-hours", "1", "--to", file);
    const next = await open({ token: (await readFile(file, "utf8")).trim() });
    for (const either of [session, next]) expect((await either.call("list_roster")).isError).toBe(false);
  });

  test("of another node's own actor opens nothing here", async () => {
    await node.owner(
      `insert into federation.actors (name, kind, role, persona) values ('other-node', 'agent', 'developer', '{"description": "Another."}') on conflict do nothing`,
    );
    await node.owner(
      "insert into federation.credentials (actor, token_sha256) values ('other-node', sha256('others-token')) on conflict do nothing",
    );
    await expect(open({ token: "others-token" })).rejects.toThrow("refused with 403");
  });

  test("that was revoked while the logic was away loses its sessions when there is logic again", async () => {
    const [kept, revoked] = [await issue(guest), await issue(guest)];
    const [session, other] = [await open(revoked), await open(kept)];
    const pid = await node.implPid();
    process.kill(pid, "SIGKILL");
    await node.owner("update federation.credentials set revoked_at = clock_timestamp() where id = $1", [revoked.id]);
    expect((await session.closed).code).toBe(4401);
    expect((await other.call("send_message", { to: "commander", text: "On I go." })).isError).toBe(false);
    expect(await node.implPid()).not.toBe(pid);
  });
});

test("who is retired is out at once", async () => {
  const session = await open(await issue(guest));
  await node.federation("actor", "retire", guest);
  expect((await session.closed).code).toBe(4401);
  expect(await online(guest)).toBe(false);
});

test("the newest host wins: the sessions at the one before are closed with 4409", async () => {
  const { token } = await issue(guest);
  const session = await open({ token });
  await node.owner(
    `insert into federation.actors (name, kind, role, persona) values ('elsewhere', 'agent', 'developer', '{"description": "Another."}')`,
  );
  await node.owner("insert into federation.nodes (actor, login) values ('elsewhere', 'elsewhere')");
  await node.owner(
    "update federation.hosting set host = 'elsewhere', lease_until = clock_timestamp() + interval '1 min' where actor = $1",
    [guest],
  );
  expect((await session.closed).code).toBe(4409);
  const back = await open({ token });
  expect((await back.call("send_message", { to: "commander", text: "I am back." })).isError).toBe(false);
  await node.owner("delete from federation.nodes where actor = 'elsewhere'");
});

test("a reload of the logic leaves its host to an external actor, and the watch over its token goes on", async () => {
  const issued = await issue(guest);
  const session = await open(issued);
  const hostedSince = async () => {
    const rows = await node.owner("select host, since from federation.hosting where actor = $1", [guest]);
    return rows[0];
  };
  const before = await hostedSince();
  await node.federation("reload");
  // Longer than the old logic's hosting would outlast its sessions, were it to end it.
  await sleep(4_000);
  expect(await hostedSince()).toEqual(before);
  expect(await online(guest)).toBe(true);
  expect((await session.call("send_message", { to: "commander", text: "As before." })).isError).toBe(false);
  const closed = await closedAfter(session, () => node.federation("token", "revoke", issued.id));
  expect(closed.code).toBe(4401);
  expect(closed.afterEndMs).toBeLessThan(1_000);
});

describe("a ticket", () => {
  const ticket = async (of: string) => {
    const answer = await node.federation("token", "ticket", "--origin", of, "--json");
    return z.object({ secret: z.string() }).parse(JSON.parse(answer)).secret;
  };

  test("opens one session, of the page it was made for", async () => {
    const secret = await ticket(origin);
    await expect(open({ ticket: secret, origin: "https://evil.example" })).rejects.toThrow("refused with 403");
    const session = await open({ ticket: secret, origin });
    expect((await session.call("get_status")).isError).toBe(false);
    await expect(open({ ticket: secret, origin })).rejects.toThrow("refused with 4410");
  });

  test("of another page opens nothing", async () => {
    await expect(open({ ticket: await ticket("https://other.example"), origin })).rejects.toThrow("refused with 4410");
  });
});

test("no token that was issued is in the log of the daemon or in a table", async () => {
  const { token } = await issue(guest);
  await (await open({ token })).leave();
  expect(await node.logged()).not.toContain(token);
  const tables = await node.owner<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'federation'",
  );
  for (const { name } of tables) {
    const held = await node.owner(`select 1 from federation.${name} t where t::text like '%' || $1 || '%'`, [token]);
    expect(held, name).toEqual([]);
  }
});
