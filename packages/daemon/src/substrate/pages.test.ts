import { request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ask, type HttpAttempt, initialize, standalone } from "./testing/http-client.ts";
import { type Attempt, openSession, type SessionClient, tryOpen } from "./testing/session-client.ts";
import { type FixtureSubstrate, startFixture, until } from "./testing/start-fixture.ts";

/** Browser pages at a node's port: whose are let through, and what they may show. */
let node: FixtureSubstrate;
const own: FixtureSubstrate[] = [];
const clients: SessionClient[] = [];
beforeAll(async () => {
  node = await startFixture();
  await until("the node is ready", async () => (await fetch(`${node.base}/readyz`)).ok);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  await Promise.all(own.splice(0).map((substrate) => substrate.drain()));
});
afterAll(() => node.drain());

const portal = { origin: "https://portal.example" };
const encoded = (text: string): string => Buffer.from(text).toString("base64url");
const ticket = (text: string): string => `fed.ticket.${encoded(text)}`;
const secret = (text: string): string => `fed.resume.${encoded(text)}`;

/** A request over HTTP with these headers besides. */
const listWith = (headers: HttpAttempt["headers"]) => {
  const list = standalone("tools/list");
  return { ...list, headers: { ...list.headers, ...headers } };
};

async function attempt(given: Omit<Attempt, "port">, at = node) {
  const opened = await tryOpen({ port: at.port, token: "", ...given });
  if ("socket" in opened) clients.push(opened);
  return opened;
}
/** The status of a refused upgrade, the code of a page that was turned away, or 101. */
async function outcome(given: Omit<Attempt, "port">, at = node): Promise<number> {
  const opened = await attempt(given, at);
  if ("status" in opened) return opened.status;
  const answered = opened.call("echo").then(
    () => 101,
    () => 0,
  );
  return await Promise.race([answered, opened.closed.then(({ code }) => code)]);
}

describe("the node's own page", () => {
  /** Some page at an address of this machine, at another port than the node's or at the same. */
  const at = (name: string, port: number | string) => ({ origin: `http://${name}:${port}` });
  const host = (name: string, port: number | string = node.port) => ({ host: `${name}:${port}` });

  it.each(["127.0.0.1", "localhost", "[::1]", "127.0.0.9"])(
    "is let through under the name %s, unlisted",
    async (name) => {
      const headers = { ...at(name, node.port), ...host(name) };
      expect(await outcome({ headers, protocols: ["mcp", secret("page.ann")] })).toBe(101);
      const answer = await ask({ port: node.port, ...listWith(headers) });
      expect(answer.status).toBe(200);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
      expect((await ask({ port: node.port, method: "GET", path: "/readyz", token: "", headers })).status).toBe(200);
    },
  );

  it("is no other page of this machine, whatever it carries", async () => {
    const others = [
      [at("127.0.0.1", node.port + 1), host("127.0.0.1")],
      [at("localhost", node.port), host("127.0.0.1")],
      [at("127.0.0.1", node.port), host("localhost")],
      [at("[::1]", node.port), host("127.0.0.1")],
      [{ origin: `https://127.0.0.1:${node.port}` }, host("127.0.0.1")],
      [{ origin: `ws://127.0.0.1:${node.port}` }, host("127.0.0.1")],
      [{ origin: "http://127.0.0.1" }, host("127.0.0.1")],
      [{ origin: `http://127.0.0.1:${node.port}/` }, host("127.0.0.1")],
      [{ origin: `http://127.0.0.1:${node.port}.evil.example` }, host("127.0.0.1")],
      [{ origin: `http://x@127.0.0.1:${node.port}` }, host("127.0.0.1")],
      [{ origin: `HTTP://LOCALHOST:${node.port}` }, host("localhost")],
      [{ origin: "null" }, host("127.0.0.1")],
      [{ origin: "" }, host("127.0.0.1")],
    ] as const;
    for (const [origin, name] of others) {
      const headers = { ...origin, ...name };
      const what = JSON.stringify(headers);
      expect(await outcome({ headers, protocols: ["mcp", secret("page.ann")] }), what).toBe(403);
      expect(await outcome({ headers, token: "good.ann" }), what).toBe(403);
      const answer = await ask({ port: node.port, ...listWith(headers) });
      expect([answer.status, answer.headers["access-control-allow-origin"]], what).toEqual([403, undefined]);
    }
  });

  it("is none under a name that was rebound to this machine", async () => {
    const headers = { ...at("rebound.example", node.port), ...host("rebound.example") };
    expect(await outcome({ headers, protocols: ["mcp", secret("page.ann")] })).toBe(403);
    expect((await ask({ port: node.port, ...listWith(headers) })).status).toBe(403);
  });

  it("is at port 80 when neither origin nor host name one", async () => {
    for (const [origin, name, status] of [
      ["http://localhost", "localhost", 101],
      ["http://localhost", "localhost:80", 101],
      ["http://localhost:80", "localhost:80", 403],
      ["http://localhost", "localhost:443", 403],
    ] as const) {
      const headers = { origin, host: name };
      expect(await outcome({ headers, protocols: ["mcp", secret("page.ann")] }), JSON.stringify(headers)).toBe(status);
    }
  });

  it("is not known under a further name of the node: who is in front of it there may speak TLS", async () => {
    const far = await startFixture({
      listen: { allowedHosts: ["mesh.example"], allowedOrigins: ["https://mesh.example"] },
    });
    own.push(far);
    await until("the node is ready", async () => (await fetch(`${far.base}/readyz`)).ok);
    const statusOf = (origin: string) =>
      outcome({ headers: { origin, host: "mesh.example" }, protocols: ["mcp", secret("page.ann")] }, far);
    expect(await statusOf("http://mesh.example")).toBe(403);
    expect(await statusOf("https://mesh.example")).toBe(101);
  });

  it("without a credential gets what anybody gets", async () => {
    const headers = { ...at("127.0.0.1", node.port), ...host("127.0.0.1") };
    expect(await outcome({ headers })).toBe(401);
    const form = { "content-type": "application/x-www-form-urlencoded" };
    for (const given of [
      { ...listWith(headers), token: "" },
      { method: "POST", token: "", headers: { ...headers, ...form }, body: "a=b" },
      { method: "POST", token: "", headers: form, body: "a=b" },
      { method: "GET", token: "", headers: { accept: "text/event-stream" } },
      { method: "DELETE", token: "", headers },
    ])
      expect([401, 415]).toContain((await ask({ port: node.port, ...given })).status);
  });
});

describe("a ticket", () => {
  it("opens one session, of the page it was made for, and is not told back", async () => {
    const given = { headers: portal, protocols: ["mcp", ticket("once.visitor")] };
    const client = await openSession({ port: node.port, token: "", ...given });
    clients.push(client);
    expect(client.socket.protocol).toBe("mcp");
    expect((await client.call("echo")).result?.["history"]).toEqual(["open:ticket-of-visitor:new", "tools/call"]);
    expect(await outcome(given)).toBe(4410);
  });

  it("and what else a page may show is refused by a close code of its own: a page sees no status", async () => {
    for (const protocols of [
      ["mcp", ticket("good.a")],
      ["mcp", secret("bad.a")],
      ["mcp", secret("bad.a"), secret("bad.b")],
    ]) {
      const opened = await attempt({ headers: portal, protocols });
      if ("status" in opened) throw new Error(`refused with ${opened.status}`);
      opened.post("tools/list");
      expect(await opened.closed).toEqual({ code: 4410, reason: "This page is let in no more; take a new ticket." });
      expect(opened.received).toEqual([]);
    }
    const metrics = await (await fetch(`${node.base}/metrics`)).text();
    expect(metrics).toMatch(/federation_substrate_upgrades_total\{status="401",node="baby"\} [1-9]/);
  });
});

describe("a page for which there is no room", () => {
  const offer = (text: string) => ({ headers: portal, protocols: ["mcp", ticket(text)] });
  async function small(limits: { readonly maxSessions?: number; readonly maxSessionsPerActor?: number }) {
    const crowded = await startFixture({ limits });
    own.push(crowded);
    await until("the node is ready", async () => (await fetch(`${crowded.base}/readyz`)).ok);
    return crowded;
  }

  it("at the node keeps its ticket: nobody is asked about it", async () => {
    const crowded = await small({ maxSessions: 1 });
    const first = await openSession({ port: crowded.port, token: "good.ann" });
    clients.push(first);
    expect(await outcome(offer("once.visitor"), crowded)).toBe(503);
    first.socket.terminate();
    await until("there is room", async () => (await outcome(offer("once.visitor"), crowded)) === 101);
  });

  it("among its actor's is told so by a close code of its own: its ticket is used, its secret is not", async () => {
    const crowded = await small({ maxSessionsPerActor: 1 });
    const first = await openSession({ port: crowded.port, token: "good.ann" });
    clients.push(first);
    const told = { code: 4429, reason: "This actor has too many sessions at this node." };
    const bySecret = { headers: portal, protocols: ["mcp", secret("page.ann")] };
    for (const given of [bySecret, offer("once.ann")]) {
      const opened = await attempt(given, crowded);
      if ("status" in opened) throw new Error(`refused with ${opened.status}`);
      expect(await opened.closed).toEqual(told);
      expect(opened.received).toEqual([]);
    }
    first.socket.terminate();
    await until("there is room", async () => (await outcome(bySecret, crowded)) === 101);
    expect(await outcome(offer("once.ann"), crowded)).toBe(4410);
  });
});

describe("a page's secret", () => {
  it("lets it in, alone or beside another, in either order, and is not told back", async () => {
    for (const protocols of [
      ["mcp", secret("page.ann")],
      [secret("page.ann"), "mcp"],
      ["mcp", secret("bad.ann"), secret("page.ann")],
      ["mcp", secret("page.ann"), secret("bad.ann")],
    ]) {
      const client = await openSession({ port: node.port, token: "", headers: portal, protocols });
      clients.push(client);
      expect(client.socket.protocol).toBe("mcp");
      expect((await client.call("echo")).result?.["history"]).toEqual(["open:page-of-ann:new", "tools/call"]);
    }
  });

  it.each([
    ["no page", { headers: {}, protocols: ["mcp", secret("page.a")] }, 403],
    [
      "the page of another origin",
      { headers: { origin: "https://evil.example" }, protocols: ["mcp", secret("page.a")] },
      403,
    ],
    [
      "a token beside it",
      { headers: { ...portal, authorization: "Bearer good.a" }, protocols: ["mcp", secret("page.a")] },
      400,
    ],
    ["a ticket beside it", { headers: portal, protocols: ["mcp", secret("page.a"), ticket("once.a")] }, 400],
    ["it beside a ticket", { headers: portal, protocols: ["mcp", ticket("once.a"), secret("page.a")] }, 400],
    ["two tickets", { headers: portal, protocols: ["mcp", ticket("once.a"), ticket("once.b")] }, 400],
    [
      "three of them",
      { headers: portal, protocols: ["mcp", ...["a", "b", "c"].map((it) => secret(`page.${it}`))] },
      400,
    ],
    ["something else beside it", { headers: portal, protocols: ["mcp", secret("page.a"), "stomp"] }, 400],
    ["no subprotocol beside it", { headers: portal, protocols: [secret("page.a")] }, 400],
    ["nothing in it", { headers: portal, protocols: ["mcp", "fed.resume."] }, 400],
    ["a form that is none", { headers: portal, protocols: ["mcp", "fed.resume.e30"] }, 400],
    ["another prefix", { headers: portal, protocols: ["mcp", `fed.other.${encoded("page.a")}`] }, 400],
    ["600 characters", { headers: portal, protocols: ["mcp", secret(`page.${"x".repeat(600)}`)] }, 401],
    [
      "600 characters beside it",
      { headers: portal, protocols: ["mcp", secret("page.a"), secret("x".repeat(600))] },
      401,
    ],
    [
      "itself in the address",
      { headers: portal, path: "/mcp?resume=page.a", protocols: ["mcp", secret("page.a")] },
      400,
    ],
    ["itself as a token", { headers: { authorization: "Bearer page.a" } }, 401],
    ["a token in its place", { headers: portal, protocols: ["mcp", secret("good.a")] }, 4410],
    ["a ticket in its place", { headers: portal, protocols: ["mcp", secret("once.a")] }, 4410],
    ["itself in the place of a ticket", { headers: portal, protocols: ["mcp", ticket("page.a")] }, 4410],
  ])("is refused with %s", async (_what, given, status) => {
    expect(await outcome(given)).toBe(status);
  });

  it("twice in one offer is refused before it is looked at", async () => {
    const sentence = await new Promise((resolve, reject) => {
      const offer = ["mcp", secret("page.a"), secret("page.a")].join(", ");
      const headers = {
        ...portal,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": Buffer.alloc(16).toString("base64"),
        "sec-websocket-protocol": offer,
      };
      request({ port: node.port, path: "/mcp", headers }, (response) => void text(response).then(resolve, reject))
        .once("upgrade", () => resolve("it was let in"))
        .once("error", reject)
        .end();
    });
    expect(sentence).toContain("one or two fed.resume.SECRET");
  });

  it("is for a socket: over HTTP it lets nobody in", async () => {
    const offer = { "sec-websocket-protocol": `mcp, ${secret("page.a")}`, ...portal };
    for (const given of [
      { ...listWith(offer), token: "" },
      { body: initialize, headers: offer, token: "" },
      { ...listWith(portal), token: "page.a" },
      { ...listWith(portal), token: secret("page.a") },
    ])
      expect((await ask({ port: node.port, ...given })).status).toBe(401);
    expect((await ask({ port: node.port, ...standalone("tools/list"), path: "/mcp?secret=page.a" })).status).toBe(400);
  });

  it("is guessed as slowly as a token: two in one offer are two guesses", async () => {
    const guessed = await startFixture();
    own.push(guessed);
    await until("the node is ready", async () => (await fetch(`${guessed.base}/readyz`)).ok);
    const guess = (n: number) =>
      outcome({ headers: portal, protocols: ["mcp", secret(`bad.${n}`), secret(`worse.${n}`)] }, guessed);
    const codes: number[] = [];
    // While it is guessed, more may be: two a second, and this machine may be slow.
    while (codes.at(-1) !== 429 && codes.length < 500) codes.push(await guess(codes.length));
    expect(codes.slice(0, 10)).toEqual(Array(10).fill(4410));
    expect(codes.at(-1)).toBe(429);
    await until("one is looked at again", async () => {
      const opened = await outcome({ headers: portal, protocols: ["mcp", secret("page.ann")] }, guessed);
      return opened === 101;
    });
  });

  it("is never in the log, and neither is a ticket", async () => {
    for (const protocols of [
      ["mcp", ticket("bad.s3cret")],
      ["mcp", secret("page.s3cret")],
      ["mcp", secret("bad.s3cret"), secret("bad.s3crets")],
    ])
      await attempt({ headers: portal, protocols });
    await attempt({ headers: portal, path: "/mcp?resume=s3cret", protocols: ["mcp"] });
    const shown = ["s3cret", encoded("page.s3cret"), encoded("bad.s3cret"), "fed.ticket", "fed.resume"];
    for (const it of shown) expect(node.logged.join("").replaceAll('"actor":"s3cret"', "")).not.toContain(it);
  });
});
