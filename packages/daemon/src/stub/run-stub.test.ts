import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isRequest } from "../substrate/json-rpc.ts";
import { type HandFedNode, startHandFedNode } from "./testing/hand-fed-node.ts";
import { type StubHost, startHost } from "./testing/host.ts";

let node: HandFedNode;
const hosts: StubHost[] = [];

beforeEach(async () => {
  node = await startHandFedNode();
});
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.remove()));
  await node.close();
});

/** The machine may be busy with other things. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 10_000 });

function start(options: { readonly token?: string; readonly waitMs?: number } = {}): StubHost {
  const host = startHost({ url: node.url, ...options });
  hosts.push(host);
  return host;
}

const toolCall = (callId?: string) => ({
  name: "send_message",
  ...(callId === undefined ? {} : { _meta: { "federation/callId": callId } }),
});
const methods = (connection: number) =>
  node.heard
    .filter((it) => it.connection === connection)
    .map((it) => ("method" in it.message ? it.message.method : ""));
const leaving = (message: string) => ({
  result: {
    isError: true,
    content: [{ type: "text", text: message }],
    _meta: { "federation/error": { code: "unavailable", message, details: { node: "away", leaving: true } } },
  },
});
const heardOf = async (method: string, times = 1) =>
  eventually(() => node.heard.filter((it) => "method" in it.message && it.message.method === method).length).toBe(
    times,
  );

describe("a host's conversation", () => {
  it("goes on over a lost connection: begun again for the new one, calls in flight repeated under their call id", async () => {
    const host = start();
    host.request(0, "initialize", { protocolVersion: "2025-11-25" });
    await host.answerTo(0);
    host.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
    host.request(1, "resources/subscribe", { uri: "federation://inbox" });
    await host.answerTo(1);
    node.answer = () => undefined;
    host.request(2, "tools/call", toolCall());
    await heardOf("tools/call");
    node.answer = ({ connection }) => ({ result: { connection } });
    node.cut();
    expect((await host.answerTo(2)).result).toEqual({ connection: 2 });
    expect(methods(2)).toEqual(["initialize", "notifications/initialized", "resources/subscribe", "tools/call"]);
    const calls = node.heard.flatMap(({ message }) =>
      isRequest(message) && message.method === "tools/call" ? [JSON.stringify(message)] : [],
    );
    expect(new Set(calls).size).toBe(1);
    expect(calls[0]).toContain('"federation/callId"');
    expect(host.received.filter((it) => it.method === undefined).map((it) => it.id)).toEqual([0, 1, 2]);
    expect(host.said).toEqual([
      "The node is away. The connection was lost. Calls wait for it.",
      expect.stringMatching(/^The node is here; it was away for [\d.]+ s\.$/),
    ]);
  });

  it("passes what the node asks of the host, and the answer back", async () => {
    const host = start();
    host.request(1, "tools/list");
    await host.answerTo(1);
    node.say({ jsonrpc: "2.0", id: "federation/1", method: "elicitation/create", params: {} });
    const asked = await host.message((it) => it.method === "elicitation/create");
    host.write(`${JSON.stringify({ jsonrpc: "2.0", id: asked.id, result: { action: "accept" } })}\n`);
    await eventually(() => node.heard.at(-1)?.message).toMatchObject({
      id: "federation/1",
      result: { action: "accept" },
    });
  });

  it("asks again what a leaving node answered in the stead of its logic", async () => {
    const host = start();
    node.answer = () => leaving("The node is leaving.");
    host.request(1, "tools/call", toolCall());
    await heardOf("tools/call");
    node.answer = ({ connection }) => ({ result: { connection } });
    node.dismiss(1001);
    expect((await host.answerTo(1)).result).toEqual({ connection: 2 });
  });

  it("is dialled anew when the node does not take the session up again", async () => {
    const host = start();
    host.request(0, "initialize", {});
    await host.answerTo(0);
    node.answer = ({ connection }) =>
      connection === 2 ? { error: { code: -32602, message: "no" } } : { result: { connection } };
    node.cut();
    host.request(1, "tools/list");
    expect((await host.answerTo(1)).result).toEqual({ connection: 3 });
  });
});

describe("a node that is away", () => {
  it("at the start gets the calls when it comes", async () => {
    const { port } = node;
    await node.close();
    const host = start();
    host.request(1, "initialize", {});
    await eventually(() => host.said).toHaveLength(1);
    node = await startHandFedNode(port);
    expect((await host.answerTo(1)).result).toEqual({ connection: 1 });
  });

  it("too long is told to the caller: since when, why, and the call id; later all goes on", async () => {
    const { port } = node;
    await node.close();
    const begun = new Date().toISOString();
    const host = start({ waitMs: 100 });
    host.request(1, "tools/call", toolCall("mine"));
    host.request(2, "tools/list");
    const { result } = await host.answerTo(1);
    expect(result).toMatchObject({ isError: true, _meta: { "federation/error": { code: "unavailable" } } });
    const text = JSON.stringify(result?.["content"]);
    expect(text).toMatch(/away since \d{4}-\d\d-\d\dT[\d:.]+Z\. No node answers at ws:.*mine/);
    expect((/since (\S+Z)/.exec(text)?.[1] ?? "") >= begun).toBe(true);
    expect((await host.answerTo(2)).error).toMatchObject({
      code: -32010,
      message: expect.stringContaining("away since"),
    });
    node = await startHandFedNode(port);
    await eventually(() => host.said).toHaveLength(2);
    host.request(3, "tools/list");
    expect((await host.answerTo(3)).result).toEqual({ connection: 1 });
    expect(node.heard).toHaveLength(1);
  });

  it("is asked for its address at every dial", async () => {
    const host = start();
    host.request(1, "tools/list");
    await host.answerTo(1);
    const other = await startHandFedNode();
    host.setUrl(other.url);
    await node.close();
    host.request(2, "tools/list");
    await host.answerTo(2);
    expect(other.heard).toHaveLength(1);
    await other.close();
  });

  it("answers with 503 for a while, and is not hammered", async () => {
    let attempts = 0;
    node.refuse = () => (++attempts <= 3 ? 503 : undefined);
    const host = start();
    host.request(1, "tools/list");
    expect((await host.answerTo(1)).result).toEqual({ connection: 1 });
    expect(attempts).toBe(4);
  });
});

describe("a token", () => {
  it.each([
    ["is refused", 401, /does not know this token.*Put one into .*token/],
    ["is not let in", 403, /does not let this token in/],
  ] as const)(
    "that %s is told to every call at once, and tried again when its file changes",
    async (_, status, says) => {
      let attempts = 0;
      node.refuse = (token) => {
        attempts++;
        return token === "good" ? undefined : status;
      };
      const host = start({ token: "secret-but-wrong" });
      host.request(1, "initialize", {});
      expect((await host.answerTo(1)).error?.message).toMatch(says);
      host.request(2, "tools/call", toolCall("mine"));
      expect(JSON.stringify((await host.answerTo(2)).result)).toMatch(says);
      expect(attempts).toBe(1);
      host.setToken("good");
      await eventually(() => node.connections()).toBe(1);
      host.request(3, "initialize", {});
      expect((await host.answerTo(3)).result).toEqual({ connection: 1 });
      expect(JSON.stringify([host.received, host.said])).not.toContain("secret-but-wrong");
    },
  );

  it("that is not there yet is waited for", async () => {
    const host = start({ token: "" });
    host.request(1, "tools/list");
    expect((await host.answerTo(1)).error?.message).toContain("the secret's file is empty");
    host.setToken("good");
    await eventually(() => node.connections()).toBe(1);
  });

  it("that was revoked answers what was in flight, and one that took its place goes on with the session", async () => {
    const host = start();
    host.request(0, "initialize", {});
    await host.answerTo(0);
    node.answer = ({ message }) =>
      "method" in message && message.method === "tools/call" ? undefined : { result: {} };
    node.refuse = (token) => (token === "good" ? 401 : undefined);
    host.request(1, "tools/call", toolCall());
    await heardOf("tools/call");
    node.dismiss(4401);
    expect(JSON.stringify((await host.answerTo(1)).result)).toContain("revoked this token");
    host.setToken("rotated");
    await eventually(() => methods(2)).toEqual(["initialize"]);
  });

  it("that was rotated while the connection stood is used for the next one", async () => {
    const tokens: string[] = [];
    node.refuse = (token) => {
      tokens.push(token);
      return undefined;
    };
    const host = start();
    host.request(1, "tools/list");
    await host.answerTo(1);
    host.setToken("rotated");
    node.cut();
    host.request(2, "tools/list");
    await host.answerTo(2);
    expect(tokens).toEqual(["good", "rotated"]);
  });

  it("whose actor is connected at another node stays there until the host asks something", async () => {
    const host = start();
    host.request(1, "tools/list");
    await host.answerTo(1);
    node.dismiss(4409);
    await eventually(() => host.said).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(node.connections()).toBe(1);
    host.request(2, "tools/list");
    expect((await host.answerTo(2)).result).toEqual({ connection: 2 });
  });
});

describe("the pipe", () => {
  it("ends when the host ends it, after the calls in flight were answered", async () => {
    const host = start();
    const held: (() => void)[] = [];
    node.answer = ({ message }) => {
      if (isRequest(message)) held.push(() => node.say({ jsonrpc: "2.0", id: message.id, result: { late: true } }));
      return undefined;
    };
    host.request(1, "tools/call", toolCall());
    await eventually(() => held).toHaveLength(1);
    host.leave();
    expect(await host.endedWithin(100)).toBe(false);
    held[0]?.();
    expect(await host.endedWithin(1800)).toBe(true);
    expect((await host.answerTo(1)).result).toEqual({ late: true });
  });

  it("ends within two seconds when they are not answered, and says so to them", async () => {
    const host = start();
    node.answer = () => undefined;
    host.request(1, "tools/call", toolCall("mine"));
    host.request(2, "subscriptions/listen");
    await heardOf("tools/call");
    host.leave();
    expect(await host.endedWithin(4000)).toBe(true);
    expect(JSON.stringify((await host.answerTo(1)).result)).toContain("mine");
  });

  it.each(["host", "signal"] as const)(
    "ends at once by the %s when nothing is in flight, though a stream is open",
    async (by) => {
      const host = start();
      node.answer = () => undefined;
      host.request(1, "subscriptions/listen");
      await heardOf("subscriptions/listen");
      if (by === "host") host.leave();
      else host.interrupt();
      expect(await host.endedWithin(1800)).toBe(true);
    },
  );

  it("answers each malformed line, skips blank ones, and goes on", async () => {
    const host = start();
    host.write('no JSON\n\r\n  \n[]\n{"jsonrpc":"2.0","id":5}\n{"jsonrpc":"1.0","id":"x","method":"m"}\n');
    host.request(1, "tools/list");
    await host.answerTo(1);
    const answers = host.received.slice(0, 4).map((it) => [it.id, it.error?.code]);
    expect(answers).toEqual([
      [null, -32700],
      [null, -32600],
      [5, -32600],
      ["x", -32600],
    ]);
    expect(node.heard).toHaveLength(1);
  });

  it("answers a line that is too long under its id, or under none when it is far too long, and goes on", async () => {
    const host = start();
    const long = (id: number, bytes: number) => host.request(id, "tools/call", { name: "x".repeat(bytes) });
    long(1, 2 * 1024 * 1024);
    expect((await host.answerTo(1)).error).toMatchObject({
      code: -32600,
      message: expect.stringContaining("longer than"),
    });
    long(2, 17 * 1024 * 1024);
    await host.message((it) => it.id === null);
    host.request(3, "tools/list");
    await host.answerTo(3);
    expect(node.heard).toHaveLength(1);
  });

  it("reads a flood no faster than the node takes it", async () => {
    const host = start();
    host.request(1, "tools/list");
    await host.answerTo(1);
    for (let n = 0; n < 2000; n++) host.write('{"jsonrpc":"2.0","method":"notifications/progress"}\n');
    await eventually(() => node.heard.length).toBeGreaterThanOrEqual(300);
    const begun = performance.now();
    const before = node.heard.length;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const perSecond = ((node.heard.length - before) * 1000) / (performance.now() - begun);
    expect(perSecond).toBeLessThan(200);
  });

  it("takes nothing more from the node while the host does not read", async () => {
    const host = start();
    host.request(1, "tools/list");
    await host.answerTo(1);
    host.output.pause();
    const notification = { jsonrpc: "2.0", method: "notifications/message", params: { data: "x".repeat(500_000) } };
    for (let n = 0; n < 100; n++) node.say(notification);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const held = host.output.readableLength + host.output.writableLength;
    expect(held).toBeLessThan(25_000_000);
    host.output.resume();
    await eventually(() => host.received.length).toBe(101);
  });
});
