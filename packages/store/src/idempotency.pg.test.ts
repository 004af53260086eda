import { randomUUID } from "node:crypto";
import { startTcpProxy, type TcpProxy } from "@federation/testkit/tcp-proxy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ANALYST, DEVELOPER, type Federation, first, LEAD, startFederation } from "./testing/federation-fixture.ts";

let federation: Federation;
let proxy: TcpProxy;
beforeAll(async () => {
  federation = await startFederation();
  proxy = await startTcpProxy({ targetPort: Number(new URL(federation.adminUrl).port) });
});
afterAll(async () => {
  await proxy.close();
  await federation.drop();
});

async function thread(): Promise<string> {
  const id = randomUUID();
  await federation.apply(LEAD, { op: "start_thread", id, title: "Talk", members: [LEAD, DEVELOPER, ANALYST] });
  return id;
}

const message = (conversation: string, id: string = randomUUID(), text = "Hello.") =>
  ({ op: "send_message", id, conversation, recipient: null, kind: "say", text, about: null, causation: null }) as const;

const textsOf = async (conversation: string): Promise<readonly string[]> =>
  (await federation.store(LEAD).tail(conversation, 200)).map((m) => m.text);

test("a call id that comes twice has one effect, and both are told the same", async () => {
  const conversation = await thread();
  const store = federation.store(LEAD);
  const call = (text: string) =>
    store.apply({ callId: "twice", command: "SendMessage", operations: [message(conversation, undefined, text)] });
  const once = await call("once");
  const again = await call("twice");
  expect(once.replayed).toBe(false);
  expect(again).toEqual({ replayed: true, results: once.results });
  expect(await textsOf(conversation)).toEqual(["once"]);
});

test("a call id that comes twenty times at once has one effect, and all are told the same", async () => {
  const conversation = await thread();
  const store = federation.connect(LEAD, { maxConnections: 12 });
  // The same daemon on further connections.
  const { instance } = (
    await federation.owner<{ instance: string }>("select instance from federation.nodes where actor = $1", [LEAD])
  )[0] ?? { instance: "" };
  await store.open({ instance, takeOver: false, version: "0.1.0" });
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () =>
      store.apply({ callId: "burst", command: "SendMessage", operations: [message(conversation)] }),
    ),
  );
  expect(outcomes.filter((o) => !o.replayed)).toHaveLength(1);
  expect(new Set(outcomes.map((o) => JSON.stringify(o.results))).size).toBe(1);
  expect(await textsOf(conversation)).toHaveLength(1);
  // The earlier store is now of an older epoch.
  await federation.store(LEAD).open({ instance, takeOver: false, version: "0.1.0" });
});

test("a call id belongs to its command: another command under it is a conflict, and is not done", async () => {
  const conversation = await thread();
  const call = (command: string, text: string) =>
    federation
      .store(LEAD)
      .apply({ callId: "one-command", command, operations: [message(conversation, undefined, text)] });
  await call("SendMessage", "first");
  await expect(call("Remember", "second")).rejects.toMatchObject({ code: "conflict" });
  expect(await textsOf(conversation)).toEqual(["first"]);
});

test("two actors may use the same call id", async () => {
  const conversation = await thread();
  for (const actor of [LEAD, DEVELOPER])
    await federation
      .store(actor)
      .apply({ callId: "shared", command: "SendMessage", operations: [message(conversation)] });
  expect(await textsOf(conversation)).toHaveLength(2);
});

test("a call that was refused is not remembered as done", async () => {
  const conversation = await thread();
  const store = federation.store(LEAD);
  const call = (recipient: string) =>
    store.apply({
      callId: "refused-first",
      command: "SendMessage",
      operations: [message(conversation), { ...message(conversation), recipient }],
    });
  await expect(call("nobody")).rejects.toMatchObject({ code: "not_found" });
  expect(await textsOf(conversation)).toEqual([]);
  expect(await call(ANALYST)).toMatchObject({ replayed: false });
  expect(await textsOf(conversation)).toHaveLength(2);
});

test("the same message under another call id is the same message, also at the same time", async () => {
  const conversation = await thread();
  const id = randomUUID();
  const sent = await Promise.all(Array.from({ length: 8 }, () => federation.apply(LEAD, message(conversation, id))));
  expect(new Set(sent.map((o) => first(o).seq))).toEqual(new Set([1]));
  expect(sent.map((o) => first(o).recipients)).toEqual(sent.map(() => 2));
  await expect(federation.apply(DEVELOPER, message(conversation, id))).rejects.toMatchObject({ code: "conflict" });
  await expect(federation.apply(LEAD, message(await thread(), id))).rejects.toMatchObject({ code: "conflict" });
  expect(await textsOf(conversation)).toHaveLength(1);
});

test("a conversation's id is its maker's: a retry is the same one, another's is refused", async () => {
  const id = randomUUID();
  const start = (actor: string) =>
    federation.apply(actor, { op: "start_thread", id, title: "Mine", members: [LEAD, DEVELOPER] });
  await Promise.all([start(LEAD), start(LEAD), start(LEAD)]);
  await expect(start(DEVELOPER)).rejects.toMatchObject({ code: "conflict" });
  await expect(
    federation.apply(LEAD, { op: "start_mission", id, objective: "Theft", seed: 1, members: [], duties: [] }),
  ).rejects.toMatchObject({ code: "conflict" });
  const episode = { op: "remember", id, conversation: null, text: "A thing to remember.", source: "human" } as const;
  await federation.apply(LEAD, episode);
  await federation.apply(LEAD, episode);
  await expect(federation.apply(DEVELOPER, episode)).rejects.toMatchObject({ code: "conflict" });
});

test("a connection that is lost after the commit and before its answer costs a retry, not a second effect", async () => {
  const conversation = await thread();
  const store = federation.connect(ANALYST, { port: proxy.port, maxConnections: 1 });
  await store.open({ instance: randomUUID(), takeOver: true, version: "0.1.0" });
  for (let round = 0; round < 5; round++) {
    const text = `round ${round}`;
    // The request arrives; the answer does not.
    proxy.drop("toClient");
    const sending = store.apply({
      callId: randomUUID(),
      command: "SendMessage",
      operations: [message(conversation, undefined, text)],
    });
    await expect.poll(() => textsOf(conversation), { timeout: 10_000 }).toContain(text);
    proxy.resume();
    expect(await sending).toMatchObject({ replayed: true, results: [{ seq: round + 1, recipients: 2 }] });
  }
  expect(await textsOf(conversation)).toEqual([0, 1, 2, 3, 4].map((round) => `round ${round}`));
  const health = store.health();
  expect(
    health.state === "ready" ? Object.values(health.retries).reduce((a, b) => a + b, 0) : 0,
  ).toBeGreaterThanOrEqual(5);
});

test("a connection on which nothing comes any more is given up, and the call goes through on another", async () => {
  const conversation = await thread();
  const store = federation.connect(DEVELOPER, { port: proxy.port, maxConnections: 2, queryTimeoutMs: 500 });
  await store.open({ instance: randomUUID(), takeOver: true, version: "0.1.0" });
  proxy.drop("toClient");
  const sending = store.apply({ callId: randomUUID(), command: "SendMessage", operations: [message(conversation)] });
  await expect.poll(() => textsOf(conversation), { timeout: 10_000 }).toHaveLength(1);
  // Nobody resets the old connection; only new ones work.
  await expect.poll(() => store.health().state, { timeout: 5_000 }).toBe("unavailable");
  proxy.resume();
  expect(await sending).toMatchObject({ results: [{ seq: 1 }] });
  expect(await textsOf(conversation)).toHaveLength(1);
});
