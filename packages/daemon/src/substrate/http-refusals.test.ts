import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  ask,
  type HttpAttempt,
  initialize,
  openHttpSession,
  standalone,
  statusAndSentence,
} from "./testing/http-client.ts";
import { type FixtureSubstrate, startFixture, until } from "./testing/start-fixture.ts";

let node: FixtureSubstrate;
const own: FixtureSubstrate[] = [];
beforeAll(async () => {
  node = await startFixture();
  await until("the node is ready", async () => (await fetch(`${node.base}/readyz`)).ok);
});
afterEach(async () => {
  await Promise.all(own.splice(0).map((substrate) => substrate.drain()));
});
afterAll(() => node.drain());

async function start(options: Parameters<typeof startFixture>[0]): Promise<FixtureSubstrate> {
  const substrate = await startFixture(options);
  own.push(substrate);
  await until("the node is ready", async () => (await fetch(`${substrate.base}/readyz`)).ok);
  return substrate;
}

const onlyJson = { accept: "application/json" };

describe("refusals", () => {
  const list = standalone("tools/list");
  const toolCall = standalone("tools/call", { name: "echo" });
  const meta = (given: Record<string, unknown>) => ({
    ...list,
    body: { jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta: given } },
  });
  const version = "io.modelcontextprotocol/protocolVersion";
  const capabilities = "io.modelcontextprotocol/clientCapabilities";
  const of = (attempt: typeof list, headers: HttpAttempt["headers"]) => ({
    ...attempt,
    headers: { ...attempt.headers, ...headers },
  });

  const cases: readonly (readonly [string, Omit<HttpAttempt, "port">, number, number, RegExp])[] = [
    ["no token", { ...list, token: "" }, 401, -32000, /Authorization: Bearer/],
    ["an unknown token", { ...list, token: "bad.x" }, 401, -32000, /unknown/],
    ["another scheme", of(list, { authorization: "Basic Z29vZA==" }), 401, -32000, /Bearer/],
    ["a token of 600 characters", { ...list, token: `good.${"x".repeat(600)}` }, 401, -32000, /Bearer/],
    ["an actor that may not be here", { ...list, token: "observer.x" }, 403, -32000, /Not at this node/],
    ["a token in the address", { ...list, path: "/mcp?token=x" }, 400, -32600, /never taken from the address/],
    ["a ticket in the address", { ...list, path: "/mcp?ticket=x" }, 400, -32600, /address/],
    ["a foreign origin", of(list, { origin: "https://evil.example" }), 403, -32000, /allowedOrigins/],
    ["the origin null", of(list, { origin: "null" }), 403, -32000, /allowedOrigins/],
    ["a foreign host name", of(list, { host: "rebound.example" }), 403, -32000, /allowedHosts/],
    ["a method that is none of MCP's", { method: "PUT", body: "{}" }, 405, -32000, /GET, POST, DELETE/],
    ["a content type of forms", of(list, { "content-type": "text/plain" }), 415, -32000, /application\/json/],
    ["no content type", of(list, { "content-type": undefined }), 415, -32000, /application\/json/],
    ["a compressed body", of(list, { "content-encoding": "gzip" }), 415, -32000, /content encoding/],
    ["a client that takes neither form", of(list, { accept: "text/html" }), 406, -32000, /Accept/],
    ["a GET that takes no stream", { method: "GET", headers: onlyJson }, 406, -32000, /text\/event-stream/],
    ["a listen that takes no stream", of(standalone("subscriptions/listen"), onlyJson), 406, -32000, /event-stream/],
    ["a body over 1 MiB", { ...list, body: "x".repeat(1024 * 1024 + 1) }, 413, -32029, /1048576/],
    ["a body that is not JSON", { body: "{" }, 400, -32700, /Not JSON/],
    ["an empty body", { body: "" }, 400, -32700, /Not JSON/],
    ["a batch", { body: [{ jsonrpc: "2.0", id: 1, method: "ping" }] }, 400, -32600, /Batches/],
    ["no JSON-RPC", { body: { id: 7 } }, 400, -32600, /JSON-RPC/],
    [
      "depth",
      { body: `{"jsonrpc":"2.0","id":1,"method":"x","params":${'{"a":'.repeat(200)}1${"}".repeat(200)}}` },
      400,
      -32600,
      /Nested/,
    ],
    ["no session id", { body: { jsonrpc: "2.0", id: 1, method: "tools/list" } }, 400, -32600, /initialize/],
    ["no session id on GET", { method: "GET" }, 400, -32600, /initialize/],
    ["an id that is none", { method: "GET", headers: { "mcp-session-id": "1" } }, 404, -32001, /no such session/],
    [
      "an id of 5,000 characters",
      { method: "GET", headers: { "mcp-session-id": "a".repeat(5000) } },
      404,
      -32001,
      /session/,
    ],
    [
      "an id with nothing behind it",
      { method: "GET", headers: { "mcp-session-id": crypto.randomUUID() } },
      404,
      -32001,
      /session/,
    ],
    [
      "a version that has no sessions",
      { body: initialize, headers: { "mcp-protocol-version": "1999-01-01" } },
      400,
      -32600,
      /2025-11-25/,
    ],
    [
      "an initialize under a later version",
      { body: initialize, headers: { "mcp-protocol-version": "2026-07-28" } },
      400,
      -32020,
      /initialize/,
    ],
    ["a second initialize", { body: initialize, headers: { "mcp-session-id": "x" } }, 400, -32600, /once/],
    ["no _meta", { ...list, body: { jsonrpc: "2.0", id: 1, method: "tools/list" } }, 400, -32602, /_meta/],
    ["no version in _meta", meta({ [capabilities]: {} }), 400, -32602, /protocolVersion/],
    ["no capabilities in _meta", meta({ [version]: "2026-07-28" }), 400, -32602, /clientCapabilities/],
    ["a version in _meta that is no text", meta({ [version]: 1, [capabilities]: {} }), 400, -32602, /string/],
    ["no version header", of(list, { "mcp-protocol-version": undefined }), 400, -32020, /MCP-Protocol-Version/],
    ["another version in the header", of(list, { "mcp-protocol-version": "2025-11-25" }), 400, -32020, /differ/],
    ["no method header", of(list, { "mcp-method": undefined }), 400, -32020, /Mcp-Method/],
    ["another method in the header", of(list, { "mcp-method": "TOOLS/LIST" }), 400, -32020, /Mcp-Method/],
    ["no name header", of(toolCall, { "mcp-name": undefined }), 400, -32020, /Mcp-Name/],
    ["another name in the header", of(toolCall, { "mcp-name": "other" }), 400, -32020, /Mcp-Name/],
    ["a name header that is no Base64", of(toolCall, { "mcp-name": "=?base64?%%%?=" }), 400, -32020, /Base64/],
    ["a response", { headers: list.headers, body: { jsonrpc: "2.0", id: 1, result: {} } }, 400, -32600, /responses/],
  ];
  it.each(cases)("a request with %s is answered with one sentence", async (_what, attempt, status, code, says) => {
    const answer = await ask({ port: node.port, ...attempt });
    expect(await statusAndSentence(answer)).toEqual({ status, code, sentence: expect.stringMatching(says) });
    expect((await answer.ended).length).toBeLessThan(400);
    expect(answer.headers["www-authenticate"] !== undefined).toBe(status === 401);
  });

  it("a name may be encoded, and headers may have spaces around their values", async () => {
    const encoded = `=?base64?${Buffer.from("echo").toString("base64")}?=`;
    for (const name of [encoded, "  echo  "]) {
      expect((await ask({ port: node.port, ...of(toolCall, { "mcp-name": name }) })).status).toBe(200);
    }
  });

  it("too many calls under way of one actor are refused with 429, of others answered", async () => {
    const narrow = await start({ limits: { maxCallsPerActor: 2 } });
    const held = [1, 2].map(() => ask({ port: narrow.port, ...standalone("subscriptions/listen") }));
    const streams = await Promise.all(held);
    expect((await ask({ port: narrow.port, ...list })).status).toBe(429);
    expect((await ask({ port: narrow.port, token: "good.other", ...list })).status).toBe(200);
    for (const stream of streams) stream.destroy();
    await until("there is room again", async () => (await ask({ port: narrow.port, ...list })).status === 200);
  });

  it("more than the rate is refused with 429, by credential and by session", async () => {
    const slow = await start({ limits: { burst: 5, perSecond: 1 } });
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async () => (await ask({ port: slow.port, ...list })).status),
    );
    expect(statuses.filter((status) => status === 429)).toHaveLength(3);
    const session = await openHttpSession(slow.port, "good.other");
    const answers = await Promise.all(Array.from({ length: 8 }, (_, id) => session.post(id, "tools/list")));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(4);
    expect(refused[0]?.headers["retry-after"]).toBe("1");
    expect((await ask({ port: slow.port, token: "good.third", ...list })).status).toBe(200);
  });

  it("is 503 while no impl comes, after as long as a call waits", async () => {
    const late = await startFixture({ mode: "waits for the database", limits: { waitMs: 50 } });
    own.push(late);
    expect((await ask({ port: late.port, ...list })).status).toBe(503);
  });

  it("guessing tokens does not shut out who was let in before", async () => {
    const guessed = await start({});
    expect((await ask({ port: guessed.port, ...list })).status).toBe(200);
    await until("guesses are refused unseen", async () => {
      const guesses = Array.from({ length: 40 }, (_, guess) =>
        ask({ port: guessed.port, ...list, token: `bad.${guess}` }),
      );
      return (await Promise.all(guesses)).some((answer) => answer.status === 429);
    });
    expect((await ask({ port: guessed.port, ...list })).status).toBe(200);
  });

  it("no token and no ticket is ever in the log", async () => {
    await ask({ port: node.port, ...list, token: "bad.s3cret" });
    await ask({ port: node.port, ...list, path: "/mcp?token=s3cret" });
    await openHttpSession(node.port, "good.s3cret-actor");
    expect(node.logged.join("")).not.toMatch(/good\.s3cret|bad\.s3cret|token=s3cret/);
  });
});

describe("a page", () => {
  const origin = "https://portal.example";

  it("of an allowed origin may ask, send what MCP needs and read the session id; of another origin not even ask", async () => {
    const headers = {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,mcp-param-city,x-evil",
    };
    const preflight = await ask({ port: node.port, method: "OPTIONS", token: "", headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers["access-control-allow-origin"]).toBe(origin);
    expect(preflight.headers["access-control-allow-headers"]).toContain("mcp-session-id");
    expect(preflight.headers["access-control-allow-headers"]).toContain("mcp-param-city");
    expect(preflight.headers["access-control-allow-headers"]).not.toContain("evil");
    const begun = await ask({ port: node.port, headers: { origin }, body: initialize });
    expect(begun.headers["access-control-expose-headers"]).toContain("Mcp-Session-Id");
    const foreign = await ask({
      port: node.port,
      method: "OPTIONS",
      headers: { ...headers, origin: "https://evil.example" },
    });
    expect(foreign.status).toBe(403);
    expect(foreign.headers["access-control-allow-origin"]).toBeUndefined();
  });
});
