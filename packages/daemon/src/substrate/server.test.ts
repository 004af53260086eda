import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Attempt, openSession, type SessionClient, tryOpen } from "./testing/session-client.ts";
import { type FixtureSubstrate, startFixture, until } from "./testing/start-fixture.ts";

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

async function open(attempt: Omit<Attempt, "port"> = {}, at = node): Promise<SessionClient> {
  const client = await openSession({ port: at.port, ...attempt });
  clients.push(client);
  return client;
}

async function start(options: Parameters<typeof startFixture>[0]): Promise<FixtureSubstrate> {
  const substrate = await startFixture(options);
  own.push(substrate);
  return substrate;
}

describe("an upgrade", () => {
  const refusals: readonly (readonly [string, Omit<Attempt, "port">, number, RegExp])[] = [
    ["a foreign origin, whatever the token", { headers: { origin: "https://evil.example" } }, 403, /allowedOrigins/],
    ["the origin null", { headers: { origin: "null" } }, 403, /allowedOrigins/],
    [
      "an origin that only begins like an allowed one",
      { headers: { origin: "https://portal.example.evil" } },
      403,
      /./,
    ],
    ["a foreign host name", { headers: { host: "rebound.example:7400" } }, 403, /allowedHosts/],
    ["no token", { token: "" }, 401, /Authorization: Bearer/],
    ["an unknown token", { token: "bad.commander" }, 401, /unknown/],
    ["another scheme than Bearer", { token: "", headers: { authorization: "Basic Z29vZA==" } }, 401, /Bearer/],
    ["a token of 600 characters", { token: `good.${"x".repeat(600)}` }, 401, /Bearer/],
    ["a token in the query string", { path: "/mcp?token=good.commander" }, 400, /never taken from the address/],
    ["a token in the query string beside one in the header", { path: "/mcp?access_token=x" }, 400, /address/],
    ["another path", { path: "/else" }, 404, /\/mcp/],
    ["another subprotocol", { protocols: ["stomp"] }, 400, /subprotocol mcp/],
    ["an actor that may not be here", { token: "observer.x" }, 403, /Not at this node/],
    ["a token that cannot be checked", { token: "throw.x" }, 503, /try again later/],
  ];
  it.each(refusals)("is refused with %s", async (_what, attempt, status, says) => {
    const refused = await tryOpen({ port: node.port, ...attempt });
    expect(refused).toMatchObject({ status });
    expect("body" in refused ? refused.body : "").toMatch(says);
  });

  it("is accepted with an allowed origin, and without any origin", async () => {
    await open({ headers: { origin: "https://portal.example" } });
    const client = await open();
    expect(client.socket.protocol).toBe("mcp");
    expect(client.socket.extensions).toBe("");
  });

  it("is refused unseen for a while after twenty refused tokens, and is possible again", async () => {
    const guessed = await start({});
    const statusOf = async (token: string) => {
      const outcome = await tryOpen({ port: guessed.port, token });
      if ("status" in outcome) return outcome.status;
      outcome.socket.terminate();
      return 101;
    };
    await until("nothing is looked at", async () => {
      await Promise.all(Array.from({ length: 40 }, (_, guess) => statusOf(`bad.${guess}`)));
      return (await statusOf("good.commander")) === 429;
    });
    await until("a good token is looked at again", async () => (await statusOf("good.commander")) === 101);
  });

  it("is given up after five seconds when its headers do not end", async () => {
    const socket = connect(node.port, "127.0.0.1");
    const begun = performance.now();
    socket.write("GET /mcp HTTP/1.1\r\nHost: localhost\r\n");
    await new Promise((resolve) => socket.once("close", resolve).resume());
    expect(performance.now() - begun).toBeLessThan(8000);
  });

  it("is refused with 503 when impl does not come within five seconds", async () => {
    const late = await start({ mode: "waits for the database" });
    expect(await tryOpen({ port: late.port })).toMatchObject({ status: 503 });
  });

  it("is refused above the number of sessions of one actor, and of the node", async () => {
    const small = await start({ limits: { maxSessionsPerActor: 1, maxSessions: 2 } });
    await open({ token: "good.a" }, small);
    expect(await tryOpen({ port: small.port, token: "good.a" })).toMatchObject({ status: 503 });
    await open({ token: "good.b" }, small);
    expect(await tryOpen({ port: small.port, token: "good.c" })).toMatchObject({ status: 503 });
  });

  it("never puts a token into the log", async () => {
    await tryOpen({ port: node.port, token: "bad.s3cret" });
    await tryOpen({ port: node.port, path: "/mcp?token=s3cret" });
    await open({ token: "good.s3cret-actor" });
    expect(node.logged.join("")).not.toMatch(/good\.s3cret|bad\.s3cret|token=s3cret/);
  });
});

describe("a message", () => {
  it.each([
    ["that is not JSON", "{", -32700],
    ["that is a batch", JSON.stringify(Array(10_000).fill({ jsonrpc: "2.0", id: 1, method: "ping" })), -32600],
    ["that is not JSON-RPC", '{"id":7,"hello":1}', -32600],
    [
      "nested 2,000 levels deep",
      `{"jsonrpc":"2.0","id":1,"method":"x","params":${'{"a":'.repeat(2000)}1${"}".repeat(2000)}}`,
      -32600,
    ],
    [
      "nested half a million levels deep",
      `{"jsonrpc":"2.0","id":1,"params":${"[".repeat(500_000)}${"]".repeat(500_000)}}`,
      -32600,
    ],
    ["with a field that JSON-RPC does not know", '{"jsonrpc":"2.0","id":1,"method":"x","actor":"lead"}', -32600],
  ])("%s is answered with an error without any of its text", async (_what, text, code) => {
    const client = await open();
    client.send(text);
    const answer = await client.message((message) => message.error !== undefined);
    expect(answer.error?.code).toBe(code);
    expect(JSON.stringify(answer).length).toBeLessThan(200);
  });

  it("of a malformed kind costs the session at the third", async () => {
    const client = await open();
    for (let i = 0; i < 3; i++) client.send("nonsense");
    expect((await client.closed).code).toBe(1008);
    expect(client.received).toHaveLength(3);
  });

  it("over 1 MiB closes the session with 1009", async () => {
    const client = await open();
    client.send({ jsonrpc: "2.0", id: 1, method: "x", params: { text: "x".repeat(1024 * 1024) } });
    expect((await client.closed).code).toBe(1009);
  });

  it("just below 1 MiB passes, whatever its text", async () => {
    const client = await open();
    const text = `\u0000\ud800 ${"é".repeat(500_000)}`;
    const id = client.post("tools/call", { name: "echo", text });
    const params = Object((await client.answerTo(id)).result?.["params"]);
    expect(Reflect.get(params, "text") === text).toBe(true);
  });

  it("in binary is refused", async () => {
    const client = await open();
    client.socket.send(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}'), { binary: true });
    expect((await client.message((message) => message.error !== undefined)).error?.code).toBe(-32600);
  });

  it("over the rate is answered with an error, and far over it costs the session", async () => {
    const slow = await start({ limits: { burst: 5, perSecond: 1, maxExcess: 20 } });
    const client = await open({}, slow);
    const ids = Array.from({ length: 10 }, () => client.post("tools/list"));
    const answers = await Promise.all(ids.map((id) => client.answerTo(id)));
    expect(answers.filter((answer) => answer.error?.code === -32029)).toHaveLength(5);
    for (let i = 0; i < 30; i++) client.post("tools/list");
    expect((await client.closed).code).toBe(1008);
  });

  it("is refused when too many before it are unanswered", async () => {
    const narrow = await start({ limits: { maxOpen: 2 } });
    const client = await open({}, narrow);
    for (let i = 0; i < 2; i++) client.post("tools/call", { name: "hold" });
    expect((await client.call("echo")).error?.code).toBe(-32029);
  });

  it("is answered with an error when no impl comes back in time", async () => {
    const impatient = await start({ limits: { waitMs: 40 } });
    const client = await open({}, impatient);
    const answer = await client.call("die", { "federation/callId": "c" });
    expect(answer.result).toMatchObject({
      isError: true,
      _meta: { "federation/error": { code: "unavailable", details: { callId: "c" } } },
    });
    expect(JSON.stringify(answer.result)).toContain("away");
  });
});

describe("a client that does not read", () => {
  it("loses its session instead of filling the node's memory", async () => {
    const client = await open();
    client.socket.pause();
    for (let i = 0; i < 3; i++) client.post("tools/call", { name: "flood" });
    await until("it is dropped", () => node.logged.some((line) => line.includes("does not read")));
  });
});

describe("a session whose client is gone without a word", () => {
  it("is dropped after two keep-alives", async () => {
    const watchful = await start({ limits: { keepAliveMs: 100 } });
    const client = await open({}, watchful);
    client.socket.pause();
    await until("it is dropped", () => watchful.logged.some((line) => line.includes("A session ended")));
  });
});

describe("health", () => {
  it("says at /healthz that the substrate lives, with or without impl", async () => {
    const late = await start({ mode: "dies at start" });
    const response = await fetch(`${late.base}/healthz`);
    expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
  });

  it("says at /readyz that the node is ready, and each part of it", async () => {
    const response = await fetch(`${node.base}/readyz`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      ready: true,
      node: "baby",
      reasons: [],
      impl: { number: 1, ready: true },
      database: { state: "up" },
      model: { state: "none" },
    });
  });

  it("says at /readyz what a node waits for", async () => {
    const late = await start({ mode: "waits for the database" });
    await until("the reason is known", async () => (await readyz(late)).text.includes("does not answer"));
    const { status, text } = await readyz(late);
    expect(status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({
      ready: false,
      reasons: ["Impl is starting.", "The database does not answer."],
      database: { state: "down" },
    });
  });

  it("says at /readyz what a running node lacks", async () => {
    const poor = await start({});
    const client = await open({}, poor);
    await client.call("unready");
    expect(await readyz(poor)).toMatchObject({ status: 503, text: expect.stringContaining("No broker answers.") });
  });

  it("tells nothing to a page of another origin", async () => {
    const response = await fetch(`${node.base}/readyz`, { headers: { origin: "https://evil.example" } });
    expect(response.status).toBe(403);
    expect(await response.text()).not.toContain("baby");
  });

  it("knows no other path and no other method", async () => {
    expect((await fetch(`${node.base}/`)).status).toBe(404);
    expect((await fetch(`${node.base}/healthz`, { method: "POST" })).status).toBe(405);
  });
});

describe("metrics", () => {
  it("hold the substrate's and impl's, each family once", async () => {
    const response = await fetch(`${node.base}/metrics`);
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const text = await response.text();
    expect(text).toContain('federation_substrate_impl_up{node="baby"} 1');
    expect(text).toContain("fixture_calls 7");
    expect(text).toMatch(/federation_substrate_upgrades_total\{status="403",node="baby"\} [1-9]/);
    const families = text.split("\n").filter((line) => line.startsWith("# TYPE"));
    expect(new Set(families).size).toBe(families.length);
    expect(text).not.toMatch(/\n\n\n/);
  });

  it("come without impl, and when impl does not answer", async () => {
    const away = await start({ mode: "dies at start" });
    expect(await (await fetch(`${away.base}/metrics`)).text()).toContain('impl_up{node="baby"} 0');
    const silent = await start({ mode: "silent metrics" });
    await until("impl is ready", async () => (await readyz(silent)).status === 200);
    const begun = performance.now();
    expect(await (await fetch(`${silent.base}/metrics`)).text()).toContain('impl_up{node="baby"} 1');
    expect(performance.now() - begun).toBeLessThan(3000);
  });
});

async function readyz(at: FixtureSubstrate): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${at.base}/readyz`);
  return { status: response.status, text: await response.text() };
}
