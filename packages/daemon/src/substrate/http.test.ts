import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  ask,
  type HttpAttempt,
  initialize,
  openHttpSession,
  resumeHttpSession,
  standalone,
  statusAndSentence,
} from "./testing/http-client.ts";
import { openSession } from "./testing/session-client.ts";
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
const notification = { jsonrpc: "2.0", method: "notifications/initialized" };
const methodOf = (message: { readonly method?: string | undefined }) => message.method;

/** What impl knows of: sessions, and open listens. */
async function openAtImpl(at = node): Promise<unknown> {
  const answer = await ask({
    port: at.port,
    token: "good.onlooker",
    ...standalone("tools/call", { name: "what is open" }),
  });
  await answer.ended;
  return answer.messages[0]?.result;
}

describe("a session over HTTP", () => {
  it("begins with initialize, which gives it an id, and answers calls on streams of their own", async () => {
    const session = await openHttpSession(node.port);
    expect(session.initialized.result).toMatchObject({ implNumber: 1 });
    const answer = await session.post(7, "tools/call", { name: "echo" });
    expect(answer.headers["content-type"]).toBe("text/event-stream");
    expect((await answer.message((message) => message.id === 7)).result).toMatchObject({ implNumber: 1 });
    await answer.ended;
    expect(answer.events[0]).toMatchObject({ data: "", retry: "1000", id: expect.any(String) });
  });

  it("tells impl what it would be told over a socket", async () => {
    const session = await openHttpSession(node.port);
    expect((await session.call("echo")).result?.["history"]).toEqual([
      "open:credential-of-commander:new",
      "initialize",
      "notifications/initialized",
      "tools/call",
    ]);
  });

  it("is answered as JSON by a client that takes no stream, initialize too", async () => {
    const begun = await ask({ port: node.port, headers: onlyJson, body: initialize });
    await begun.ended;
    expect(begun.messages[0]?.id).toBe("init");
    const session = resumeHttpSession(node.port, String(begun.headers["mcp-session-id"]));
    const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "progress" } };
    const answer = await session.ask({ headers: onlyJson, body });
    await answer.ended;
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json"]);
    const listening = await session.listen();
    await listening.message((message) => message.method === "notifications/progress");
    listening.destroy();
  });

  it("is answered on a stream by a client that takes no JSON", async () => {
    const begun = await ask({ port: node.port, headers: { accept: "text/event-stream" }, body: initialize });
    expect(begun.headers["content-type"]).toBe("text/event-stream");
    expect((await begun.message((message) => message.id === "init")).result).toBeDefined();
  });

  it("gives no empty events to clients that agreed on a revision without them", async () => {
    const params = { ...initialize.params, protocolVersion: "2025-06-18" };
    const begun = await ask({ port: node.port, body: { ...initialize, params } });
    const session = resumeHttpSession(node.port, String(begun.headers["mcp-session-id"]));
    const answer = await session.post(1, "tools/list");
    await answer.ended;
    expect(answer.events).toHaveLength(1);
  });

  it("takes notifications and responses with 202", async () => {
    const session = await openHttpSession(node.port);
    const statuses = [notification, { jsonrpc: "2.0", id: "late", result: {} }].map(async (body) => {
      const answer = await session.ask({ body });
      return [answer.status, await answer.ended];
    });
    expect(await Promise.all(statuses)).toEqual([
      [202, ""],
      [202, ""],
    ]);
  });

  it("sends what belongs to a call down its stream, and everything else down the GET stream", async () => {
    const session = await openHttpSession(node.port);
    const listening = await session.listen();
    const call = await session.post(1, "tools/call", { name: "progress" });
    await session.call("tell");
    await listening.message((message) => message.method === "notifications/message");
    await call.ended;
    expect(call.messages.map(methodOf)).toEqual(["notifications/progress", "notifications/progress", undefined]);
    expect(listening.messages.map(methodOf)).toEqual(["notifications/message"]);
    listening.destroy();
  });

  it("keeps what belongs to no call until a GET stream is opened, the oldest first to go when it is too much", async () => {
    const narrow = await start({ limits: { maxKeptEvents: 3 } });
    const session = await openHttpSession(narrow.port);
    for (let i = 0; i < 5; i++) await session.call("tell");
    const listening = await session.listen();
    await until("what was kept has come", () => listening.messages.length === 3);
    await session.call("tell");
    await until("the next has come", () => listening.messages.length === 4);
    listening.destroy();
  });

  it("carries a question of impl down the stream of its call, and the posted answer back", async () => {
    const session = await openHttpSession(node.port);
    const call = await session.post(1, "tools/call", { name: "ask" });
    const question = await call.message((message) => message.method === "elicitation/create");
    const body = { jsonrpc: "2.0", id: question.id, result: { action: "accept" } };
    expect((await session.ask({ body })).status).toBe(202);
    expect((await call.message((message) => message.id === 1)).result).toEqual({ answered: { action: "accept" } });
  });

  it("goes on with a call whose client hung up, and gives the answer to whoever comes back with its event id", async () => {
    const session = await openHttpSession(node.port);
    const call = await session.post(1, "tools/call", { name: "ask" });
    const question = await call.message((message) => message.method === "elicitation/create");
    const seen = call.events.at(-1)?.id;
    call.destroy();
    await call.ended;
    await session.ask({ body: { jsonrpc: "2.0", id: question.id, result: { action: "accept" } } });
    const resumed = await session.listen(seen);
    expect((await resumed.message((message) => message.id === 1)).result).toEqual({ answered: { action: "accept" } });
    await resumed.ended;
    const again = await session.listen(call.events[0]?.id);
    await again.ended;
    expect(again.messages.map((message) => message.method ?? message.id)).toEqual(["elicitation/create", 1]);
  });

  it("says under which call id to ask again when the answer is not kept any more", async () => {
    const narrow = await start({ limits: { maxKeptEvents: 2 } });
    const session = await openHttpSession(narrow.port);
    const meta = { "federation/callId": "mine" };
    const call = await session.post("c", "tools/call", { name: "slow", _meta: meta });
    await until("the stream was begun", () => call.events.length > 0);
    call.destroy();
    for (let i = 0; i < 6; i++) await session.call("tell");
    await session.call("slow");
    await session.call("slow");
    const resumed = await session.listen(call.events[0]?.id);
    const answer = await resumed.message((message) => message.id === "c");
    expect(JSON.stringify(answer.result)).toContain("mine");
    await resumed.ended;
  });

  it("goes on with a broken GET stream behind the last event, on one stream only", async () => {
    const session = await openHttpSession(node.port);
    const first = await session.listen();
    await session.call("tell");
    await first.message((message) => message.method === "notifications/message");
    const seen = first.events.at(-1)?.id;
    first.destroy();
    await first.ended;
    await session.call("tell");
    await session.call("tell");
    const second = await session.listen(seen);
    await until("both have come", () => second.messages.length === 2);
    const third = await session.listen();
    await session.call("tell");
    await third.message((message) => message.method === "notifications/message");
    expect(second.messages).toHaveLength(2);
    expect(third.messages).toHaveLength(1);
    for (const stream of [second, third]) stream.destroy();
  });

  it("ends the oldest of too many GET streams", async () => {
    const narrow = await start({ limits: { maxStreams: 2 } });
    const session = await openHttpSession(narrow.port);
    const streams = [await session.listen(), await session.listen(), await session.listen()];
    await streams[0]?.ended;
    for (const stream of streams) stream.destroy();
  });

  it("ends the stream of a cancelled call", async () => {
    const session = await openHttpSession(node.port);
    const held = await session.post(1, "tools/call", { name: "hold" });
    const asJson = session.ask({
      headers: onlyJson,
      body: { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "hold" } },
    });
    await session.call("echo");
    for (const requestId of [1, 2]) {
      await session.ask({ body: { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } } });
    }
    await held.ended;
    expect(held.messages).toEqual([]);
    expect((await statusAndSentence(await asJson)).sentence).toContain("cancelled");
  });

  it("is over for good when its client deletes it", async () => {
    const session = await openHttpSession(node.port);
    const listening = await session.listen();
    expect((await session.ask({ method: "DELETE" })).status).toBe(200);
    await listening.ended;
    for (const method of ["POST", "GET", "DELETE"]) {
      const answer = await session.ask({ method, ...(method === "POST" ? { body: notification } : {}) });
      expect(answer.status).toBe(404);
    }
  });

  it("is unknown to every other actor, while it is open and afterwards", async () => {
    const session = await openHttpSession(node.port);
    const stranger = resumeHttpSession(node.port, session.id, "good.stranger");
    for (const method of ["GET", "DELETE"]) expect((await stranger.ask({ method })).status).toBe(404);
    expect(await statusAndSentence(await stranger.post(1, "tools/list"))).toMatchObject({ status: 404, code: -32001 });
    expect((await session.call("echo")).result).toBeDefined();
    await session.ask({ method: "DELETE" });
    expect((await stranger.ask({ body: notification })).status).toBe(404);
  });

  it("goes on under another token of its actor", async () => {
    const session = await openHttpSession(node.port, "good.rotates.1");
    const rotated = resumeHttpSession(node.port, session.id, "good.rotates.2");
    const history = ["initialize", "notifications/initialized", "tools/call"];
    expect((await rotated.call("echo")).result).toMatchObject({
      history: ["open:credential-of-rotates.2:new", ...history],
    });
  });

  it("is ended when it is idle, and its id brings it back", async () => {
    const hasty = await start({ limits: { idleMs: 80 } });
    const session = await openHttpSession(hasty.port);
    await until("it is ended", () => hasty.logged.some((line) => line.includes("A session ended")));
    expect((await session.call("echo")).result).toMatchObject({
      shown: "one",
      history: ["open:credential-of-commander:new", "initialize", "notifications/initialized", "tools/call"],
    });
  });

  it("is not idle while somebody listens, or while a call is under way", async () => {
    const hasty = await start({ limits: { idleMs: 80 } });
    const [listener, caller] = [await openHttpSession(hasty.port), await openHttpSession(hasty.port)];
    const streams = [await listener.listen(), await caller.post(1, "tools/call", { name: "hold" })];
    const idle = await openHttpSession(hasty.port, "good.idler");
    await until("an idle one is ended", () =>
      hasty.logged.some((line) => /A session ended.*idler|idler.*A session ended/.test(line)),
    );
    expect(hasty.logged.filter((line) => line.includes("A session ended"))).toHaveLength(1);
    expect(idle.id).not.toBe(listener.id);
    for (const stream of streams) stream.destroy();
  });

  it("makes room for another when nobody uses it, and is refused when all are in use", async () => {
    const small = await start({ limits: { maxSessionsPerActor: 2 } });
    const [first, second] = [await openHttpSession(small.port), await openHttpSession(small.port)];
    const listening = await second.listen();
    const third = await openHttpSession(small.port);
    const alsoListening = await third.listen();
    expect(await statusAndSentence(await first.ask({ body: notification }))).toMatchObject({ status: 503 });
    listening.destroy();
    await listening.ended;
    await until("there is room", async () => (await first.ask({ body: notification })).status === 202);
    alsoListening.destroy();
  });

  it("is taken up once when several requests come back at the same time", async () => {
    const hasty = await start({ limits: { idleMs: 80 } });
    const session = await openHttpSession(hasty.port);
    await until("it is ended", () => hasty.logged.some((line) => line.includes("A session ended")));
    const answers = await Promise.all(["a", "b", "c"].map((id) => session.post(id, "tools/call", { name: "echo" })));
    for (const [index, id] of ["a", "b", "c"].entries()) {
      const answer = await answers[index]?.message((message) => message.id === id);
      const history = answer?.result?.["history"];
      expect(Array.isArray(history) ? history.filter((what) => what === "initialize") : []).toHaveLength(1);
    }
  });

  it("is closed when its credential is revoked, and its token is refused at once", async () => {
    const session = await openHttpSession(node.port, "good.leaver");
    const listening = await session.listen();
    const answer = await session.ask({
      headers: onlyJson,
      body: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "revoke my token" } },
    });
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toContain("Bearer");
    await listening.ended;
    expect((await session.ask({ body: notification })).status).toBe(401);
    expect((await ask({ port: node.port, token: "good.leaver", ...standalone("tools/list") })).status).toBe(401);
  });

  it("is not begun by an initialize that impl refuses", async () => {
    const body = { ...initialize, params: { ...initialize.params, protocolVersion: "refuse me" } };
    const answer = await ask({ port: node.port, body });
    expect((await statusAndSentence(answer)).code).toBe(-32602);
    expect(answer.headers["mcp-session-id"]).toBeUndefined();
  });
});

describe("a request of the 2026-07-28 era", () => {
  const call = (name: string, attempt: Omit<HttpAttempt, "port" | "body"> = {}, at = node) => {
    const { headers, body } = standalone("tools/call", { name });
    return ask({ port: at.port, ...attempt, headers: { ...headers, ...attempt.headers }, body });
  };

  it("stands alone and is answered as JSON", async () => {
    const answer = await call("echo");
    await answer.ended;
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json"]);
    expect(answer.headers["mcp-session-id"]).toBeUndefined();
    expect(answer.messages[0]?.result).toMatchObject({ implNumber: 1 });
  });

  it("is answered on a stream when there is something to say before", async () => {
    const answer = await call("progress");
    await answer.ended;
    expect(answer.headers["content-type"]).toBe("text/event-stream");
    expect(answer.messages.map(methodOf)).toEqual(["notifications/progress", "notifications/progress", undefined]);
    const plain = await call("progress", { headers: onlyJson });
    await plain.ended;
    expect(plain.messages.map(methodOf)).toEqual([undefined]);
  });

  it("is answered on a stream when it takes long", async () => {
    const hasty = await start({ limits: { streamAliveMs: 10 } });
    const answer = await call("slow", {}, hasty);
    expect(answer.headers["content-type"]).toBe("text/event-stream");
    expect(await answer.ended).toMatch(/^:\n/);
    expect(answer.messages[0]?.result).toBeDefined();
  });

  it("listens on a stream that stays open, and is over at impl when its client hangs up", async () => {
    const listening = await ask({ port: node.port, ...standalone("subscriptions/listen", { notifications: {} }, "l") });
    expect((await listening.message(() => true)).method).toBe("notifications/subscriptions/acknowledged");
    await (await call("change")).ended;
    const news = await listening.message((message) => message.method === "notifications/tools/list_changed");
    expect(JSON.stringify(news.params)).toContain('"l"');
    listening.destroy();
    await until("impl knows nothing of it", async () => JSON.stringify(await openAtImpl()).includes('"listens":0'));
  });

  it("is cancelled when its client hangs up before any answer", async () => {
    const known = await openAtImpl();
    const gone = new AbortController();
    const abandoned = call("hold", { signal: gone.signal }).catch(() => "hung up");
    await until("impl has it", async () => JSON.stringify(await openAtImpl()) !== JSON.stringify(known));
    gone.abort();
    expect(await abandoned).toBe("hung up");
    await until("impl knows nothing of it", async () => JSON.stringify(await openAtImpl()) === JSON.stringify(known));
  });

  it("of notifications is taken, and goes nowhere", async () => {
    const { headers } = standalone("notifications/cancelled");
    const body = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
    expect((await ask({ port: node.port, headers, body })).status).toBe(202);
  });

  it("for a method that impl does not know has status 404", async () => {
    const answer = await ask({ port: node.port, ...standalone("unknown/method") });
    expect(await statusAndSentence(answer)).toMatchObject({ status: 404, code: -32601 });
    expect(answer.messages[0]?.id).toBe(1);
  });
});

describe("a socket and a session over HTTP", () => {
  it("are counted together", async () => {
    const small = await start({ limits: { maxSessionsPerActor: 1 } });
    const socket = await openSession({ port: small.port });
    expect((await ask({ port: small.port, body: initialize })).status).toBe(503);
    socket.socket.terminate();
  });
});
