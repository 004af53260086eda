import { logInRaw, openRawStomp, type RawStomp } from "@federation/testkit/raw-stomp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { silentLog } from "../testing/silent-log.ts";
import { passcodeSha256 } from "./accounts.ts";
import { type EmbeddedBroker, startEmbeddedBroker } from "./embedded-broker.ts";

let broker: EmbeddedBroker;
beforeAll(async () => {
  broker = await startEmbeddedBroker({
    tcpPort: 0,
    accounts: [{ login: "baby", passcodeSha256: passcodeSha256("secret") }],
    log: silentLog,
    limits: { connectTimeoutMs: 500 },
  });
});
afterAll(async () => {
  await broker.close();
});

const own = "/queue/federation.baby";
const login = () => logInRaw(broker.tcpPort, "baby", "secret");

async function stillServes(): Promise<void> {
  const client = await login();
  client.send("SUBSCRIBE", { id: "1", destination: own, ack: "auto" });
  client.send("SEND", { destination: own }, "still here");
  // A case may have left messages of its own in the queue.
  let body: string | undefined;
  for (let frame = await client.next(2_000); frame !== undefined && body !== "still here"; ) {
    body = frame.body;
    if (body !== "still here") frame = await client.next(2_000);
  }
  expect(body).toBe("still here");
  client.destroy();
}

/** One ERROR with a reason, then the end. */
async function expectRefused(client: RawStomp): Promise<void> {
  const frame = await client.next(2_000);
  expect(frame?.command).toBe("ERROR");
  expect(frame?.headers["message"]).toMatch(/\.$/);
  expect(await client.ended(2_000)).toBe(true);
  client.destroy();
}

const headers = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join("");

describe("after login, each is answered with ERROR and the end, and the broker goes on", () => {
  const cases: readonly (readonly [what: string, bytes: string | Uint8Array])[] = [
    ["unknown command FOO", "FOO\n\n\0"],
    ["lower-case send", `send\ndestination:${own}\n\nx\0`],
    ["SENDX", `SENDX\ndestination:${own}\n\n\0`],
    ["no destination", "SEND\n\nx\0"],
    ["empty destination", "SEND\ndestination:\n\nx\0"],
    ["second CONNECT", "CONNECT\naccept-version:1.2\nlogin:baby\npasscode:secret\n\n\0"],
    ["content-length -5", `SEND\ndestination:${own}\ncontent-length:-5\n\nx\0`],
    ["content-length 2^31-1", `SEND\ndestination:${own}\ncontent-length:2147483647\n\nx\0`],
    ["content-length abc", `SEND\ndestination:${own}\ncontent-length:abc\n\nx\0`],
    ["content-length too short", `SEND\ndestination:${own}\ncontent-length:1\n\nxyz\0`],
    ["content-length too long", `SEND\ndestination:${own}\ncontent-length:9\n\nxyz\0SEND\n\n\0\n\n\n`],
    ["bad escape", `SEND\ndestination:${own}\na:b\\tc\n\nx\0`],
    ["header without colon", `SEND\ndestination:${own}\nnonsense\n\nx\0`],
    ["header over 10 KiB", `SEND\ndestination:${own}\na:${"x".repeat(11_000)}\n\nx\0`],
    ["over 1,000 headers", `SEND\ndestination:${own}\n${headers(1_001, (i) => `h${i}:v\n`)}\nx\0`],
    ["over 1,000 of one header", `SEND\ndestination:${own}\n${headers(1_001, () => "h:v\n")}\nx\0`],
    [
      "invalid UTF-8",
      Buffer.concat([Buffer.from(`SEND\ndestination:${own}\na:`), Buffer.of(0xc3, 0x28), Buffer.from("\n\nx\0")]),
    ],
    ["random binary", Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 7_919) % 251))],
    ["NUL in a header", `SEND\ndestination:${own}\na:b\0c\n\nx\0`],
    ["priority abc", `SEND\ndestination:${own}\npriority:abc\n\nx\0`],
    ["expires abc", `SEND\ndestination:${own}\nexpires:abc\n\nx\0`],
    ["expires in the past", `SEND\ndestination:${own}\nexpires:1\n\nx\0`],
    ["persistent maybe", `SEND\ndestination:${own}\npersistent:maybe\n\nx\0`],
    ["JMSDeliveryMode", `SEND\ndestination:${own}\nJMSDeliveryMode:x\n\nx\0`],
    ["JMSRedelivered", `SEND\ndestination:${own}\nJMSRedelivered:true\n\nx\0`],
    ["scheduled delay", `SEND\ndestination:${own}\nAMQ_SCHEDULED_DELAY:abc\n\nx\0`],
    ["header name with a line break", `SEND\ndestination:${own}\na\\nb:c\n\nx\0`],
    ["body over the cap", `SEND\ndestination:${own}\n\n${"x".repeat(300_000)}\0`],
    ["bad selector", `SUBSCRIBE\nid:1\ndestination:${own}\nselector:nonsense ===\n\n\0`],
    [
      "same subscription id twice",
      `SUBSCRIBE\nid:1\ndestination:${own}\n\n\0SUBSCRIBE\nid:1\ndestination:${own}\n\n\0`,
    ],
    ["no subscription id", `SUBSCRIBE\ndestination:${own}\n\n\0`],
    ["unknown ack mode", `SUBSCRIBE\nid:1\ndestination:${own}\nack:sometimes\n\n\0`],
    ["prefetch 0", `SUBSCRIBE\nid:1\ndestination:${own}\nactivemq.prefetchSize:0\n\n\0`],
    ["UNSUBSCRIBE of nothing", "UNSUBSCRIBE\nid:9\n\n\0"],
    ["NACK", "NACK\nid:1\n\n\0"],
    ["COMMIT of nothing", "COMMIT\ntransaction:t\n\n\0"],
    ["BEGIN twice", "BEGIN\ntransaction:t\n\n\0BEGIN\ntransaction:t\n\n\0"],
    ["SEND in no transaction", `SEND\ndestination:${own}\ntransaction:t\n\nx\0`],
    ["receipt of 1,000 characters", `SEND\ndestination:${own}\nreceipt:${"x".repeat(1_000)}\n\nx\0`],
  ];
  test.each(cases)("%s", async (_what, bytes) => {
    const client = await login();
    client.write(bytes);
    await expectRefused(client);
    await stillServes();
  });
});

describe("before login", () => {
  const cases: readonly (readonly [what: string, text: string])[] = [
    ["a frame before CONNECT", `SEND\ndestination:${own}\n\nx\0`],
    ["accept-version 9.9", "CONNECT\naccept-version:9.9\nlogin:baby\npasscode:secret\n\n\0"],
    ["no accept-version", "CONNECT\nlogin:baby\npasscode:secret\n\n\0"],
    ["heart-beat abc", "CONNECT\naccept-version:1.2\nheart-beat:abc\nlogin:baby\npasscode:secret\n\n\0"],
    ["no login", "CONNECT\naccept-version:1.2\n\n\0"],
    ["wrong passcode", "CONNECT\naccept-version:1.2\nlogin:baby\npasscode:wrong\n\n\0"],
    ["login __proto__", "CONNECT\naccept-version:1.2\nlogin:__proto__\npasscode:wrong\n\n\0"],
    ["a frame over 64 KiB", `CONNECT\naccept-version:1.2\n${headers(9, (i) => `h${i}:${"x".repeat(9_000)}\n`)}\n\0`],
    ["an HTTP request", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ];
  test.each(cases)("%s is answered with ERROR and the end", async (_what, text) => {
    const client = await openRawStomp(broker.tcpPort);
    client.write(text);
    await expectRefused(client);
    await stillServes();
  });

  test("nothing at all within the time for CONNECT ends the connection, heart-beats or not", async () => {
    const silent = await openRawStomp(broker.tcpPort);
    const chatty = await openRawStomp(broker.tcpPort);
    const slow = await openRawStomp(broker.tcpPort);
    chatty.write("\n".repeat(1_000_000));
    slow.write("CONN");
    await expectRefused(silent);
    await expectRefused(chatty);
    await expectRefused(slow);
  });

  test("what follows CONNECT in the same packet is done after it", async () => {
    const client = await openRawStomp(broker.tcpPort);
    const connect = "CONNECT\naccept-version:1.1,1.2\nlogin:baby\npasscode:secret\n\n\0";
    client.write(`${connect}\nSEND\ndestination:${own}\nreceipt:r\n\nx\0`);
    expect((await client.next(2_000))?.command).toBe("CONNECTED");
    expect((await client.next(2_000))?.headers["receipt-id"]).toBe("r");
    client.destroy();
  });
});

test("a client that resets in the middle of a frame leaves nothing behind", async () => {
  const client = await login();
  client.write(`SEND\ndestination:${own}\n\nno end`);
  client.destroy();
  await expect.poll(() => broker.stats().sessions.length).toBe(0);
  await stillServes();
});

test("one byte per packet is as good as any other cutting", async () => {
  const client = await login();
  for (const byte of Buffer.from(`SEND\ndestination:${own}\nreceipt:r\n\nslow\0`)) client.write(Buffer.of(byte));
  expect((await client.next(2_000))?.headers["receipt-id"]).toBe("r");
  client.destroy();
});
