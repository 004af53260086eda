import { logInRaw, openRawStomp, type RawFrame, type RawStomp } from "@federation/testkit/raw-stomp";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { connectBrokerLink } from "../link/connect-broker-link.ts";
import { silentLog } from "../testing/silent-log.ts";
import { passcodeSha256 } from "./accounts.ts";
import { type EmbeddedBroker, type EmbeddedBrokerOptions, startEmbeddedBroker } from "./embedded-broker.ts";

const own = "/queue/federation.baby";
const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startBroker(options: Partial<EmbeddedBrokerOptions> = {}): Promise<EmbeddedBroker> {
  const accounts = ["baby", "aorus-3090"].map((login) => ({ login, passcodeSha256: passcodeSha256("secret") }));
  const broker = await startEmbeddedBroker({ tcpPort: 0, accounts, log: silentLog, ...options });
  cleanups.push(() => broker.close());
  return broker;
}

async function login(broker: EmbeddedBroker, actor = "baby"): Promise<RawStomp> {
  const client = await logInRaw(broker.tcpPort, actor, "secret");
  cleanups.push(() => client.destroy());
  return client;
}

async function send(client: RawStomp, ...bodies: readonly string[]): Promise<void> {
  for (const body of bodies) client.send("SEND", { destination: own, receipt: body }, body);
  for (const body of bodies) expect((await client.next(2_000))?.headers["receipt-id"]).toBe(body);
}

async function messages(client: RawStomp, count: number): Promise<RawFrame[]> {
  const frames: RawFrame[] = [];
  for (let left = count; left > 0; left -= 1) {
    const frame = await client.next(2_000);
    if (frame === undefined) break;
    frames.push(frame);
  }
  return frames;
}

const bodies = (frames: readonly RawFrame[]) => frames.map(({ body }) => body);

/** A round trip that shows the broker has done all that was sent before. */
async function settle(client: RawStomp): Promise<void> {
  client.send("BEGIN", { transaction: "settle", receipt: "settled" });
  expect((await client.next(2_000))?.headers["receipt-id"]).toBe("settled");
  client.send("ABORT", { transaction: "settle" });
}

describe("acknowledging", () => {
  test("auto: a delivered message is gone", async () => {
    const broker = await startBroker();
    const first = await login(broker);
    first.send("SUBSCRIBE", { id: "1", destination: own });
    await send(await login(broker, "aorus-3090"), "a");
    expect(bodies(await messages(first, 1))).toEqual(["a"]);
    first.destroy();
    await expect.poll(() => broker.stats().queues).toEqual([]);
  });

  test("client: an ACK covers all before it", async () => {
    const broker = await startBroker();
    const first = await login(broker);
    first.send("SUBSCRIBE", { id: "1", destination: own, ack: "client" });
    await send(await login(broker, "aorus-3090"), "a", "b", "c");
    const [, second] = await messages(first, 3);
    first.send("ACK", { id: second?.headers["ack"] ?? "" });
    await settle(first);
    first.destroy();
    const next = await login(broker);
    next.send("SUBSCRIBE", { id: "1", destination: own });
    expect(bodies(await messages(next, 1))).toEqual(["c"]);
  });

  test("client-individual: an ACK covers one", async () => {
    const broker = await startBroker();
    const first = await login(broker);
    first.send("SUBSCRIBE", { id: "1", destination: own, ack: "client-individual" });
    await send(await login(broker, "aorus-3090"), "a", "b", "c");
    const [, second] = await messages(first, 3);
    first.send("ACK", { id: second?.headers["ack"] ?? "" });
    await settle(first);
    first.destroy();
    const next = await login(broker);
    next.send("SUBSCRIBE", { id: "1", destination: own });
    const again = await messages(next, 2);
    expect(bodies(again)).toEqual(["a", "c"]);
    expect(again.every(({ headers }) => headers["redelivered"] === "true")).toBe(true);
  });

  test("an unknown or repeated ACK id is passed over", async () => {
    const broker = await startBroker();
    const client = await login(broker);
    client.send("ACK", { id: "nothing", receipt: "r" });
    expect((await client.next(2_000))?.command).toBe("RECEIPT");
  });

  test("an ACK in a transaction counts at COMMIT, and not after ABORT", async () => {
    const broker = await startBroker();
    const client = await login(broker);
    client.send("SUBSCRIBE", { id: "1", destination: own, ack: "client-individual" });
    await send(await login(broker, "aorus-3090"), "a", "b");
    const [a, b] = await messages(client, 2);
    for (const [transaction, end, frame] of [
      ["t1", "COMMIT", a],
      ["t2", "ABORT", b],
    ] as const) {
      client.send("BEGIN", { transaction });
      client.send("ACK", { id: frame?.headers["ack"] ?? "", transaction });
      client.send(end, { transaction });
    }
    await settle(client);
    client.destroy();
    const next = await login(broker);
    next.send("SUBSCRIBE", { id: "1", destination: own });
    expect(bodies(await messages(next, 1))).toEqual(["b"]);
  });
});

describe("order", () => {
  test("what a lost consumer held comes before what waited, also for a second consumer", async () => {
    const broker = await startBroker();
    const first = await login(broker);
    const subscription = { id: "1", destination: own, ack: "client-individual", "activemq.prefetchSize": "2" };
    first.send("SUBSCRIBE", subscription);
    await send(await login(broker, "aorus-3090"), "a", "b", "c", "d");
    expect(bodies(await messages(first, 2))).toEqual(["a", "b"]);
    const second = await login(broker);
    first.destroy();
    await expect.poll(() => broker.stats().queues).toMatchObject([{ waiting: 4 }]);
    second.send("SUBSCRIBE", { ...subscription, "activemq.prefetchSize": "10" });
    const frames = await messages(second, 4);
    expect(bodies(frames)).toEqual(["a", "b", "c", "d"]);
    expect(frames.map(({ headers }) => headers["redelivered"])).toEqual(["true", "true", undefined, undefined]);
  });

  test("two consumers share a queue by turns", async () => {
    const broker = await startBroker();
    const clients = [await login(broker), await login(broker)];
    for (const client of clients) {
      client.send("SUBSCRIBE", { id: "1", destination: own, receipt: "r" });
      await client.next(2_000);
    }
    await send(await login(broker, "aorus-3090"), "a", "b", "c", "d");
    const [first, second] = clients;
    if (first === undefined || second === undefined) throw new Error("two clients");
    expect(bodies(await messages(first, 2))).toEqual(["a", "c"]);
    expect(bodies(await messages(second, 2))).toEqual(["b", "d"]);
  });
});

describe("limits", () => {
  test("a queue over its limit loses its oldest, and says so", async () => {
    const broker = await startBroker({ limits: { maxQueueFrames: 3 } });
    await send(await login(broker, "aorus-3090"), "a", "b", "c", "d", "e");
    expect(broker.stats()).toMatchObject({ dropped: 2, queues: [{ destination: own, waiting: 3 }] });
    const client = await login(broker);
    client.send("SUBSCRIBE", { id: "1", destination: own });
    expect(bodies(await messages(client, 3))).toEqual(["c", "d", "e"]);
  });

  test("all queues together keep within their bytes", async () => {
    const broker = await startBroker({ limits: { maxTotalBytes: 10 } });
    await send(await login(broker, "aorus-3090"), "aaaa", "bbbb", "cccc");
    expect(broker.stats()).toMatchObject({ dropped: 1, waitingBytes: 8 });
  });

  test("names of actors that do not exist cannot fill the broker", async () => {
    const broker = await startBroker({ limits: { maxQueues: 2 } });
    const client = await login(broker);
    for (const actor of ["one", "two", "three"])
      client.send("SEND", { destination: `/queue/federation.${actor}` }, "x");
    expect((await client.next(2_000))?.command).toBe("ERROR");
  });

  test("a login has a bounded number of connections, and so have all together", async () => {
    const broker = await startBroker({ limits: { maxConnectionsPerLogin: 1, maxConnections: 2 } });
    await login(broker);
    await expect(login(broker)).rejects.toThrow(/as many connections/);
    await login(broker, "aorus-3090");
    const over = await openRawStomp(broker.tcpPort);
    expect((await over.next(2_000))?.headers["message"]).toBe("Too many connections.");
  });

  test("a transaction is bounded in frames and in bytes", async () => {
    const broker = await startBroker({ limits: { maxTransactionFrames: 2, maxTransactionBytes: 10 } });
    for (const parts of [
      ["a", "b", "c"],
      ["12345", "123456"],
    ]) {
      const client = await login(broker);
      client.send("BEGIN", { transaction: "t" });
      for (const body of parts) client.send("SEND", { destination: own, transaction: "t" }, body);
      expect((await client.next(2_000))?.headers["message"]).toMatch(/larger than this broker takes/);
    }
    expect(broker.stats().messagesIn).toBe(0);
  });

  test("a client that floods and does not read is stopped, with little memory, and then dropped", async () => {
    const broker = await startBroker({ limits: { maxBufferedBytes: 64 * 1024, congestedTimeoutMs: 300 } });
    const { connect } = await import("node:net");
    const socket = connect(broker.tcpPort, "127.0.0.1");
    cleanups.push(() => void socket.destroy());
    socket.on("error", () => {});
    socket.pause();
    socket.write("CONNECT\naccept-version:1.2\nlogin:baby\npasscode:secret\n\n\0");
    const receipt = "r".repeat(250);
    const flood = Buffer.from(`BEGIN\ntransaction:t\n\n\0ABORT\ntransaction:t\nreceipt:${receipt}\n\n\0`.repeat(1_000));
    const push = () => {
      while (!socket.destroyed && socket.writableLength < 1_000_000) socket.write(flood);
    };
    socket.on("drain", push);
    push();
    await expect.poll(() => broker.stats().connections).toBe(1);
    await expect.poll(() => broker.stats().sessions.length, { timeout: 10_000 }).toBe(0);
  });
});

describe("authorisation", () => {
  test("a passcode of one actor is not another's, and the answer to an unknown login is the same", async () => {
    const broker = await startBroker({
      accounts: [
        { login: "baby", passcodeSha256: passcodeSha256("one") },
        { login: "aorus-3090", passcodeSha256: passcodeSha256("two") },
      ],
    });
    const answers = await Promise.all(
      [
        ["baby", "two"],
        ["nobody", "one"],
        ["baby", ""],
      ].map(([actor = "", passcode = ""]) =>
        logInRaw(broker.tcpPort, actor, passcode).catch((error: unknown) => String(error)),
      ),
    );
    expect(new Set(answers).size).toBe(1);
    expect(broker.stats().refusedLogins).toBe(3);
  });

  test("a check that fails is a refused login, not a crash", async () => {
    const broker = await startBroker({ accounts: () => Promise.reject(new Error("database away")) });
    await expect(login(broker)).rejects.toThrow(/not known/);
    await expect(login(broker)).rejects.toThrow(/not known/);
  });

  test("it listens on loopback or not at all", async () => {
    await expect(startBroker({ host: "0.0.0.0" })).rejects.toMatchObject({ code: "config_invalid" });
  });

  test("a taken port is said as such", async () => {
    const broker = await startBroker();
    await expect(startBroker({ tcpPort: broker.tcpPort })).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("WebSocket", () => {
  test("a link over ws:// publishes, receives and acknowledges", async () => {
    const broker = await startBroker({ wsPort: 0 });
    const link = await connectBrokerLink({
      brokerUrls: [`ws://127.0.0.1:${broker.wsPort}`],
      login: "baby",
      passcode: "secret",
      log: silentLog,
      heartbeatMs: 200,
    });
    cleanups.push(() => link.close({ deadlineMs: 500 }));
    const received: string[] = [];
    link.subscribe(own, (frame) => {
      received.push(frame.body);
      frame.acknowledge();
    });
    await expect.poll(() => link.status().state).toBe("connected");
    expect(await link.publish([{ destination: own, body: '"ü 🧭"' }])).toEqual({ outcome: "receipted" });
    await expect.poll(() => received).toEqual(['"ü 🧭"']);
    await expect.poll(() => broker.stats().acknowledged).toBe(1);
    expect(link.counters()).toMatchObject({ connects: 1, heartbeatsLost: 0 });
  });

  test("a web page of another origin is refused before the upgrade, one that is allowed is not", async () => {
    const broker = await startBroker({ wsPort: 0, allowedOrigins: ["https://portal.example"] });
    const answer = (origin: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${broker.wsPort}`, "v12.stomp", { origin });
        socket.on("error", (error) => resolve(error.message));
        socket.on("open", () => {
          resolve("open");
          socket.terminate();
        });
      });
    expect(await answer("https://evil.example")).toMatch(/403/);
    expect(await answer("https://portal.example")).toBe("open");
  });

  test("a message over the cap ends the connection and nothing else", async () => {
    const broker = await startBroker({ wsPort: 0 });
    const socket = new WebSocket(`ws://127.0.0.1:${broker.wsPort}`, "v12.stomp");
    cleanups.push(() => socket.terminate());
    socket.on("error", () => {});
    socket.on("open", () => socket.send(Buffer.alloc(1024 * 1024)));
    await new Promise((resolve) => socket.on("close", resolve));
    await login(broker);
  });
});

test("two heart-beats of silence from a client that promised them end its session", async () => {
  const broker = await startBroker();
  const client = await openRawStomp(broker.tcpPort);
  client.send("CONNECT", { "accept-version": "1.2", login: "baby", passcode: "secret", "heart-beat": "100,0" });
  expect((await client.next(2_000))?.headers["heart-beat"]).toBe("0,100");
  expect(await client.ended(1_000)).toBe(true);
});

test("closing drops every client at once", async () => {
  const broker = await startBroker({ wsPort: 0 });
  const client = await login(broker);
  await broker.close();
  expect(await client.ended(1_000)).toBe(true);
});
