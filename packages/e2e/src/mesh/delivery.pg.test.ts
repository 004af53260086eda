import { encodeWakeUp } from "@federation/core";
import { actorQueue, broadcastTopic } from "@federation/transport";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Mesh, type MeshNode, reader, startMesh, until } from "./mesh-fixture.ts";

let mesh: Mesh;
let lea: MeshNode;
let dev: MeshNode;
let read: string[];
const reading = reader((text) => read.push(text));

beforeEach(async () => {
  mesh = await startMesh();
  read = [];
  lea = await mesh.add("lea", "lead");
  dev = await mesh.add("dev", "developer", reading);
});
afterEach(() => mesh.drop());

const send = (text: string, to = "dev", conversation?: string) =>
  lea.call("SendMessage", { to, text, ...(conversation === undefined ? {} : { conversation }) });
const outbox = async (): Promise<number> => (await lea.call("GetStatus")).outbox;
const deliveryOf = async (message: string, recipient = "dev") => {
  const { deliveries } = await lea.call("ShowMessage", { message });
  return deliveries.find((d) => d.recipient === recipient);
};
const acted = (message: string, recipient = "dev") =>
  until(`${recipient} has acted on ${message}`, async () => (await deliveryOf(message, recipient))?.actedAt != null);

test("a message climbs the whole ladder: stored, sent, received, read, acted", async () => {
  const { id } = await send("Please look at this.");
  await acted(id);
  await until("it is sent", async () => (await deliveryOf(id))?.sentAt != null);
  const delivery = await deliveryOf(id);
  for (const mark of ["storedAt", "sentAt", "receivedAt", "readAt", "actedAt"] as const)
    expect(delivery?.[mark], mark).toMatch(/^\d{4}-/);
  expect(delivery?.state).toBe("done");
  expect(read).toEqual(["Please look at this."]);
  expect(dev.counters).toMatchObject({ poll_rescues: 0, bad_frames: 0 });
  await until("the outbox is empty", async () => (await outbox()) === 0);
});

test("messages of a conversation are read in their order, several in one turn, none twice", async () => {
  const first = await send("0");
  for (let i = 1; i < 40; i++) await send(String(i), "dev", first.conversation);
  await until("all are read", () => read.length >= 40);
  expect(read).toEqual(Array.from({ length: 40 }, (_, i) => String(i)));
  const [{ turns } = { turns: 0 }] = await mesh.owner<{ turns: number }>(
    "select count(*)::int as turns from federation.turns where actor = 'dev'",
  );
  expect(turns).toBeLessThan(20);
});

test("two hundred messages through two relays: each is published once, and no row stays", async () => {
  const first = await send("0");
  await Promise.all(Array.from({ length: 199 }, (_, i) => send(String(i), "dev", first.conversation)));
  await until("all are read", () => read.length >= 200);
  await until("the outbox is empty", async () => (await outbox()) === 0);
  expect(lea.counters.published + dev.counters.published).toBe(200);
  expect(dev.counters).toMatchObject({ duplicate_frames: 0, delivered: 200 });
});

describe("without the broker", () => {
  test("messages arrive all the same, by the poll, and the outbox drains when it is back", async () => {
    await mesh.broker.stop();
    const sent = [await send("a"), await send("b")];
    for (const { id } of sent) await acted(id);
    expect(await outbox()).toBe(2);
    expect([...read].sort()).toEqual(["a", "b"]);
    await mesh.broker.start();
    await until("the outbox is empty", async () => (await outbox()) === 0);
    await until("the late frames are known for what they are", () => dev.counters.late_frames === 2);
    expect(dev.counters).toMatchObject({ poll_rescues: 0, delivered: 2 });
  });

  test("a broker that lost what it had receipted costs time only, and nothing is published a second time", async () => {
    await dev.stop();
    const { id } = await send("into the void");
    await until("it is receipted", async () => (await outbox()) === 0);
    await mesh.broker.stop();
    await mesh.broker.start();
    const back = await mesh.restart("dev", reading);
    await acted(id);
    await until("the loss is noticed", () => back.counters.poll_rescues === 1, 25_000);
    expect(lea.counters.published).toBe(1);
  });
});

test("who was away gets what was sent to all meanwhile", async () => {
  await dev.stop();
  const { id, recipients } = await send("To everyone.", "all");
  expect(recipients).toBe(1);
  await mesh.restart("dev", reading);
  await acted(id);
  expect(read).toEqual(["To everyone."]);
});

describe("a forged frame", () => {
  const unknown = "00000000-0000-4000-8000-00000000dead";
  test.each([
    ["garbage", "FOO", "bad_frames"],
    ["naming what does not exist", encodeWakeUp({ id: unknown, conv: unknown, seq: 7 }), "duplicate_frames"],
  ] as const)("%s is counted, acknowledged and without effect", async (_, body, counter) => {
    await mesh.forge("lea", actorQueue("dev"), body);
    await until("it is counted", () => dev.counters[counter] === 1);
    await until("it is acknowledged", () =>
      mesh.broker
        .current()
        .stats()
        .queues.every((q) => q.waiting === 0),
    );
    expect(read).toEqual([]);
  });

  test("naming another's message does not mark it as received", async () => {
    await dev.stop();
    const { id, conversation } = await send("Not for eve.");
    const eve = await mesh.add("eve", "developer");
    await mesh.forge("lea", actorQueue("eve"), encodeWakeUp({ id, conv: conversation, seq: 1 }));
    await until("eve has seen the frame", () => eve.counters.duplicate_frames === 1);
    expect((await deliveryOf(id))?.receivedAt).toBeNull();
  });

  test("a flood on the broadcast topic stops nothing", async () => {
    const body = encodeWakeUp({ id: unknown, conv: unknown, seq: 1 });
    for (let i = 0; i < 20; i++) await mesh.forge("lea", broadcastTopic, body);
    const { id } = await send("Still here?");
    await acted(id);
    expect(read).toEqual(["Still here?"]);
  });
});
