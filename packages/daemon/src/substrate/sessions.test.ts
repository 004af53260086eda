import { callIdMetaKey as keyOfMcp } from "@federation/mcp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callIdMetaKey } from "./impl-protocol.ts";
import { openSession, toolErrorOf } from "./testing/session-client.ts";
import { type FixtureSubstrate, isAlive, startFixture, until } from "./testing/start-fixture.ts";

let node: FixtureSubstrate;
beforeEach(async () => {
  node = await startFixture();
});
afterEach(() => node.drain());

/** Kills the present impl and resolves once another one is ready. */
async function killImpl(): Promise<void> {
  const before = await implOf();
  process.kill(before.pid, "SIGKILL");
  await until("another impl is ready", async () => {
    const now = await implOf();
    return now.number > before.number && now.ready;
  });
}

async function implOf(): Promise<{ number: number; pid: number; ready: boolean }> {
  const body: unknown = await (await fetch(`${node.base}/readyz`)).json();
  const impl = typeof body === "object" && body !== null ? Reflect.get(body, "impl") : undefined;
  return { number: Number(impl?.number), pid: Number(impl?.pid), ready: impl?.ready === true };
}

describe("a session", () => {
  it("passes requests to impl and answers back, and waits for impl at start", async () => {
    const client = await openSession({ port: node.port });
    expect((await client.initialize()).result).toMatchObject({ implNumber: 1 });
    expect((await client.call("echo")).result).toMatchObject({ implNumber: 1, activated: 1 });
  });

  it("gives every tool call a call id, and leaves the caller's own alone", async () => {
    const client = await openSession({ port: node.port });
    const [first, second] = await Promise.all([client.call("echo", { progressToken: 5 }), client.call("echo")]);
    const metaOf = (answer: typeof first) => Reflect.get(Object(answer.result?.["params"]), "_meta");
    expect(metaOf(first)).toEqual({ progressToken: 5, "federation/callId": expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(metaOf(second)["federation/callId"]).not.toBe(metaOf(first)["federation/callId"]);
    const own = await client.call("echo", { "federation/callId": "mine" });
    expect(metaOf(own)).toEqual({ "federation/callId": "mine" });
  });

  it("names call ids as the MCP server in impl does", () => {
    expect(callIdMetaKey).toBe(keyOfMcp);
  });

  it("gets exactly one answer to a call during which impl was killed, under the same call id, on the same socket", async () => {
    const client = await openSession({ port: node.port });
    await client.initialize();
    const id = client.post("tools/call", { name: "hold first", _meta: { "federation/callId": "the-call" } });
    await client.call("echo");
    await killImpl();
    const answer = await client.answerTo(id);
    expect(answer.result).toMatchObject({ implNumber: 2, params: { _meta: { "federation/callId": "the-call" } } });
    await client.call("echo");
    expect(client.received.filter((message) => message.id === id)).toHaveLength(1);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it("is replayed to the next impl in order, and the client sees none of it", async () => {
    const client = await openSession({ port: node.port });
    await client.initialize();
    await client.answerTo(client.post("logging/setLevel", { level: "info" }));
    await client.answerTo(client.post("resources/subscribe", { uri: "federation://a" }));
    await client.answerTo(client.post("resources/subscribe", { uri: "federation://b" }));
    await client.answerTo(client.post("resources/unsubscribe", { uri: "federation://a" }));
    const received = client.received.length;
    await killImpl();
    const answer = await client.call("echo");
    expect(answer.result?.["history"]).toEqual([
      "open:credential-of-commander:resumed",
      "initialize",
      "notifications/initialized",
      "logging/setLevel",
      "resources/subscribe",
      "tools/call",
    ]);
    expect(client.received).toHaveLength(received + 1);
  });

  it("keeps calls that arrive while there is no impl, in order", async () => {
    const client = await openSession({ port: node.port });
    await client.initialize();
    const { pid } = await implOf();
    process.kill(pid, "SIGKILL");
    await until("impl is away", async () => !(await implOf()).ready);
    const answers = await Promise.all([client.call("echo"), client.call("echo"), client.call("echo")]);
    expect(answers.map((answer) => answer.id)).toEqual([2, 3, 4]);
    expect(answers.every((answer) => Reflect.get(Object(answer.result), "implNumber") === 2)).toBe(true);
  });

  it("survives four kills in a row with a call in flight at each", async () => {
    const client = await openSession({ port: node.port });
    await client.initialize();
    const ids: number[] = [];
    for (let round = 0; round < 4; round++) {
      ids.push(client.post("tools/call", { name: "echo" }), client.post("tools/list"));
      await killImpl();
    }
    await Promise.all(ids.map((id) => client.answerTo(id)));
    for (const id of ids) expect(client.received.filter((message) => message.id === id)).toHaveLength(1);
  });

  it("passes on one answer when impl gives two", async () => {
    const client = await openSession({ port: node.port });
    const answer = await client.call("double");
    await client.call("echo");
    expect(client.received.filter((message) => message.id === answer.id)).toHaveLength(1);
  });

  it("carries a request of impl to the client and its answer back, under an id of the substrate's", async () => {
    const client = await openSession({ port: node.port });
    const id = client.post("tools/call", { name: "ask" });
    const question = await client.message((message) => message.method === "elicitation/create");
    expect(question.id).toMatch(/^federation\//);
    client.send({ jsonrpc: "2.0", id: question.id, result: { action: "accept" } });
    expect((await client.answerTo(id)).result).toEqual({ answered: { action: "accept" } });
  });

  it("cancels a dead impl's request to the client, and keeps a late answer from the next impl", async () => {
    const client = await openSession({ port: node.port });
    await client.initialize();
    const id = client.post("tools/call", { name: "ask" });
    const asks = () => client.received.filter((message) => message.method === "elicitation/create");
    const question = await client.message((message) => message.method === "elicitation/create");
    await killImpl();
    const cancelled = await client.message((message) => message.method === "notifications/cancelled");
    expect(cancelled.params).toMatchObject({ requestId: question.id });
    client.send({ jsonrpc: "2.0", id: question.id, result: { action: "late" } });
    await until("the next impl asks again", () => asks().length === 2);
    expect(asks()[1]?.id).not.toBe(question.id);
    client.send({ jsonrpc: "2.0", id: asks()[1]?.id, result: { action: "accept" } });
    expect((await client.answerTo(id)).result).toEqual({ answered: { action: "accept" } });
  });

  it("does not send a cancelled call again", async () => {
    const client = await openSession({ port: node.port });
    await client.initialize();
    const id = client.post("tools/call", { name: "hold first" });
    client.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } });
    await client.call("echo");
    await killImpl();
    const answer = await client.call("echo");
    expect(answer.result?.["history"]).not.toContain("notifications/cancelled");
    expect(client.received.some((message) => message.id === id)).toBe(false);
  });

  it("refuses a second request under the id of an unanswered one", async () => {
    const client = await openSession({ port: node.port });
    client.send({ jsonrpc: "2.0", id: "x", method: "tools/call", params: { name: "hold" } });
    client.send({ jsonrpc: "2.0", id: "x", method: "tools/call", params: { name: "echo" } });
    expect((await client.answerTo("x")).error).toMatchObject({ code: -32600 });
  });

  it("is closed with 4401 when impl revokes it, and impl is told", async () => {
    const client = await openSession({ port: node.port });
    client.post("tools/call", { name: "revoke" });
    expect(await client.closed).toEqual({ code: 4401, reason: "revoked" });
  });

  it("is closed when its credential was revoked while there was no impl", async () => {
    const client = await openSession({ port: node.port, token: "good.revoked" });
    await client.initialize();
    await killImpl();
    expect((await client.closed).code).toBe(4401);
  });

  it("leaves no session behind in metrics when its client goes", async () => {
    const client = await openSession({ port: node.port });
    client.socket.terminate();
    await until("the session is gone", async () =>
      (await (await fetch(`${node.base}/metrics`)).text()).includes('federation_substrate_sessions{node="baby"} 0'),
    );
  });
});

describe("a call that kills impl", () => {
  it("is answered as failed after five impls, and the session goes on", async () => {
    const client = await openSession({ port: node.port });
    await client.initialize();
    const answer = await client.call("die", { "federation/callId": "poison" });
    expect(toolErrorOf(answer)).toMatchObject({ code: "internal", details: { callId: "poison" } });
    expect((await client.call("echo")).result).toMatchObject({ implNumber: 6 });
  });
});

describe("the end of a node", () => {
  it("refuses new calls, answers open ones, closes sockets with 1001 and ends impl", async () => {
    const client = await openSession({ port: node.port });
    const pid = Number((await client.call("hang in drain")).result?.["pid"]);
    const open = client.post("tools/call", { name: "hold", _meta: { "federation/callId": "open" } });
    const begun = performance.now();
    const drained = node.drain();
    const refused = await client.call("echo");
    expect(toolErrorOf(refused)).toMatchObject({ code: "unavailable", message: expect.stringContaining("leaving") });
    expect(toolErrorOf(await client.answerTo(open))).toMatchObject({
      code: "unavailable",
      details: { callId: "open" },
    });
    expect((await client.closed).code).toBe(1001);
    await drained;
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(isAlive(pid)).toBe(false);
  });
});
