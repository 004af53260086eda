import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createServer as createTlsServer } from "node:tls";
import type { BrokerStatus, Log } from "@federation/runtime/ports";
import { startTcpProxy } from "@federation/testkit/tcp-proxy";
import { generate } from "selfsigned";
import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { passcodeSha256 } from "../embedded-broker/accounts.ts";
import { type EmbeddedBroker, startEmbeddedBroker } from "../embedded-broker/embedded-broker.ts";
import { type Answer, polite, type ScriptedBroker, startScriptedBroker } from "../testing/scripted-broker.ts";
import { silentLog } from "../testing/silent-log.ts";
import { connectBrokerLink, type StompBrokerLink } from "./connect-broker-link.ts";
import type { BrokerLinkOptions } from "./options.ts";

const own = "/queue/federation.baby";
const passcode = "canary-4711-passcode";
const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function link(url: string, options: Partial<BrokerLinkOptions> = {}): Promise<StompBrokerLink> {
  const made = await connectBrokerLink({
    brokerUrls: [url],
    login: "baby",
    passcode,
    log: silentLog,
    heartbeatMs: 300,
    receiptTimeoutMs: 500,
    backOff: { baseMs: 20, maxMs: 100 },
    ...options,
  });
  cleanups.push(() => made.close({ deadlineMs: 200 }));
  return made;
}

async function embedded(): Promise<EmbeddedBroker> {
  const accounts = [{ login: "baby", passcodeSha256: passcodeSha256(passcode) }];
  const broker = await startEmbeddedBroker({ tcpPort: 0, wsPort: 0, accounts, log: silentLog });
  cleanups.push(() => broker.close());
  return broker;
}

async function scripted(answer: Answer): Promise<ScriptedBroker> {
  const broker = await startScriptedBroker(answer);
  cleanups.push(() => broker.close());
  return broker;
}

const isConnected = async (made: StompBrokerLink, epoch = 1) => {
  await expect.poll(made.status, { timeout: 5_000 }).toMatchObject({ state: "connected", epoch });
};
const failsWith = async (made: StompBrokerLink, reason: RegExp) => {
  await expect
    .poll(made.status, { timeout: 5_000 })
    .toMatchObject({ state: "connecting", lastError: expect.stringMatching(reason) });
};

function recordingLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const line = (fields: unknown, message: string) => void lines.push(`${JSON.stringify(fields)} ${message}`);
  return { log: { debug: line, info: line, warn: line, error: line }, lines };
}

describe("on the wire", () => {
  test("a publish is one transaction of persistent frames with no header but these", async () => {
    const broker = await scripted(polite);
    const made = await link(broker.url);
    await isConnected(made);
    await made.publish([
      { destination: own, body: "1" },
      { destination: "/topic/federation.broadcast", body: "2" },
    ]);
    const [begin, first, second, commit] = broker.frames.slice(1);
    expect([begin?.command, first?.command, second?.command, commit?.command]).toEqual([
      "BEGIN",
      "SEND",
      "SEND",
      "COMMIT",
    ]);
    const transaction = begin?.headers.get("transaction") ?? "";
    expect([...(first?.headers ?? [])]).toEqual([
      ["destination", own],
      ["transaction", transaction],
      ["persistent", "true"],
      ["content-length", "1"],
    ]);
    expect([...(commit?.headers ?? [])]).toEqual([
      ["transaction", transaction],
      ["receipt", transaction],
    ]);
  });

  test("over WebSocket everything is sent as text: ActiveMQ does not read binary frames", async () => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    cleanups.push(() => void server.close());
    const binary: boolean[] = [];
    server.on("connection", (socket) => {
      socket.on("message", (data, isBinary) => {
        binary.push(isBinary);
        if (String(data).startsWith("CONNECT")) socket.send("CONNECTED\nversion:1.2\nheart-beat:100,100\n\n\0");
      });
    });
    await new Promise((resolve) => server.once("listening", resolve));
    const made = await link(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await isConnected(made);
    // CONNECT, BEGIN, SEND, COMMIT and at least one heart-beat.
    await made.publish([{ destination: own, body: '"ü"' }]);
    await expect.poll(() => binary.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(5);
    expect(binary).not.toContain(true);
    for (const socket of server.clients) socket.terminate();
  });

  test("only STOMP 1.2 is offered, and an older answer is not taken", async () => {
    const broker = await scripted((frame, reply) => {
      if (frame.command === "CONNECT") reply("CONNECTED", { version: "1.1" });
    });
    const made = await link(broker.url);
    await failsWith(made, /speaks STOMP 1\.1/);
    expect(broker.frames[0]?.headers.get("accept-version")).toBe("1.2");
  });
});

describe("what the broker answers", () => {
  test("an ERROR without a receipt refuses what is under way, and the link goes on", async () => {
    const broker = await scripted((frame, reply, socket) => {
      if (frame.command === "COMMIT") reply("ERROR", { message: "no room\u0007 at all" });
      else polite(frame, reply, socket);
    });
    const made = await link(broker.url);
    await isConnected(made);
    expect(await made.publish([{ destination: own, body: "1" }])).toEqual({
      outcome: "unconfirmed",
      reason: "refused",
      detail: "no room  at all",
    });
    expect(made.status()).toMatchObject({ state: "connected", epoch: 1 });
  });

  test("an ERROR before the end of the connection is the reason the status gives", async () => {
    const broker = await scripted((frame, reply, socket) => {
      if (frame.command === "COMMIT") {
        reply("ERROR", { message: "go away" });
        socket.end();
      } else polite(frame, reply, socket);
    });
    const made = await link(broker.url, { backOff: { baseMs: 500, maxMs: 500 } });
    await isConnected(made);
    await made.publish([{ destination: own, body: "1" }]);
    await failsWith(made, /go away/);
  });

  test("a refused subscription ends the connection with its reason, and is tried again", async () => {
    let refuse = true;
    const broker = await scripted((frame, reply, socket) => {
      if (frame.command === "SUBSCRIBE" && refuse) {
        reply("ERROR", { message: "not yours", "receipt-id": frame.headers.get("receipt") ?? "" });
      } else polite(frame, reply, socket);
    });
    const made = await link(broker.url);
    const reasons: (string | undefined)[] = [];
    made.watch((status) => status.state === "connecting" && reasons.push(status.lastError));
    made.subscribe(own, () => {});
    await expect.poll(() => reasons).toContainEqual(expect.stringMatching(/subscription to .* was refused: not yours/));
    refuse = false;
    await expect.poll(() => broker.frames.at(-1)?.command).toBe("SUBSCRIBE");
    await expect.poll(() => made.status().state).toBe("connected");
  });

  test("a broker that takes the connection and says nothing is given up", async () => {
    const broker = await scripted(() => {});
    const made = await link(broker.url, { connectTimeoutMs: 100 });
    await failsWith(made, /no answer to CONNECT within 100 ms/);
  });
});

describe("secrets", () => {
  test("the passcode is in no log line and no status, even when the broker repeats it", async () => {
    const { log, lines } = recordingLog();
    const statuses: BrokerStatus[] = [];
    const broker = await scripted((frame, reply) => {
      reply("ERROR", { message: `bad passcode ${frame.headers.get("passcode")}` });
    });
    const made = await link(broker.url, { log });
    made.watch((status) => statuses.push(status));
    await failsWith(made, /bad passcode \[redacted\]/);
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify([lines, statuses])).not.toContain(passcode);
  });

  test.each([
    [{ passcode: "a\nb" }, /line breaks/],
    [{ brokerUrls: [] }, /at least one/],
    [{ brokerUrls: ["stomp://broker.example"] }, /plain text/],
    [{ prefetch: 0 }, /at least 1/],
    [{ tls: { caFile: "/no/such.pem" } }, /cannot be read/],
  ])("options that can never work are refused at once: %j", async (options, reason) => {
    await expect(link("stomp://127.0.0.1:1", options)).rejects.toThrow(reason);
  });
});

describe("silence and clocks", () => {
  test.each([-3_600_000, 3_600_000])(
    "a wall clock that jumps by %d ms neither hides a dead broker nor invents one",
    async (jump) => {
      const broker = await embedded();
      const proxy = await startTcpProxy({ targetPort: broker.tcpPort });
      cleanups.push(() => proxy.close());
      const made = await link(`stomp://127.0.0.1:${proxy.port}`);
      await isConnected(made);
      const realNow = Date.now;
      vi.spyOn(Date, "now").mockImplementation(() => realNow() + jump);
      cleanups.push(() => void vi.restoreAllMocks());
      const began = performance.now();
      await expect.poll(() => performance.now() - began, { timeout: 5_000 }).toBeGreaterThan(1_200);
      expect(made.status()).toMatchObject({ state: "connected", epoch: 1 });
      proxy.blackhole();
      await expect.poll(() => made.counters().heartbeatsLost, { timeout: 900 }).toBe(1);
    },
  );

  test("a pause of this process is not taken for a silent broker", async () => {
    const broker = await embedded();
    let offset = 0;
    const made = await link(`stomp://127.0.0.1:${broker.tcpPort}`, { nowMs: () => performance.now() + offset });
    await isConnected(made);
    offset += 60_000;
    const began = performance.now();
    await expect.poll(() => performance.now() - began, { timeout: 5_000 }).toBeGreaterThan(1_000);
    expect(made.counters().heartbeatsLost).toBe(0);
    expect(made.status()).toMatchObject({ state: "connected", epoch: 1 });
  });
});

describe("misuse", () => {
  test("content instead of an id, and destinations outside the mesh, are refused before anything is sent", async () => {
    const broker = await scripted(polite);
    const made = await link(broker.url);
    await isConnected(made);
    const refused = { code: "invalid_input" };
    await expect(made.publish([{ destination: own, body: "ü".repeat(513) }])).rejects.toMatchObject(refused);
    for (const destination of ["/queue/federation.>", `${own},${own}`, "/queue/other", "/queue/federation.Baby"]) {
      await expect(made.publish([{ destination, body: "{}" }])).rejects.toMatchObject(refused);
      expect(() => made.subscribe(destination, () => {})).toThrow();
    }
    expect(broker.frames.map(({ command }) => command)).toEqual(["CONNECT"]);
  });

  test("a handler that throws is logged, and the next frame comes all the same", async () => {
    const broker = await embedded();
    const { log, lines } = recordingLog();
    const made = await link(`stomp://127.0.0.1:${broker.tcpPort}`, { log });
    let calls = 0;
    made.subscribe(own, (frame) => {
      calls += 1;
      frame.acknowledge();
      throw new Error("handler broke");
    });
    await isConnected(made);
    await made.publish([{ destination: own, body: "1" }]);
    await made.publish([{ destination: own, body: "2" }]);
    await expect.poll(() => calls).toBe(2);
    expect(lines.filter((line) => line.includes("handler broke"))).toHaveLength(2);
  });

  test("a closed link stays closed, and answers", async () => {
    const broker = await embedded();
    const made = await link(`stomp://127.0.0.1:${broker.tcpPort}`);
    await isConnected(made);
    await Promise.all([made.close({ deadlineMs: 500 }), made.close({ deadlineMs: 500 })]);
    expect(made.status()).toEqual({ state: "closed" });
    expect(await made.publish([{ destination: own, body: "1" }])).toMatchObject({ reason: "disconnected" });
    made.subscribe(own, () => {}).close();
    await expect.poll(() => broker.stats().sessions).toEqual([]);
  });

  test("closing a link that has only just begun to connect ends at once and leaves no connection", async () => {
    const broker = await embedded();
    const made = await link(`stomp://127.0.0.1:${broker.tcpPort}`);
    const began = performance.now();
    await made.close({ deadlineMs: 5_000 });
    expect(performance.now() - began).toBeLessThan(2_500);
    expect(made.status()).toEqual({ state: "closed" });
    await expect.poll(() => broker.stats().sessions).toEqual([]);
  });

  test("an acknowledgement given twice is sent once", async () => {
    const broker = await embedded();
    const made = await link(`stomp://127.0.0.1:${broker.tcpPort}`);
    await isConnected(made);
    const answers: boolean[] = [];
    made.subscribe(own, (frame) => answers.push(frame.acknowledge(), frame.acknowledge()));
    await made.publish([{ destination: own, body: "1" }]);
    await expect.poll(() => answers).toEqual([true, true]);
    await expect.poll(() => broker.stats()).toMatchObject({ acknowledged: 1, errors: 0 });
  });
});

describe("TLS", () => {
  async function behindTls(carrier: "tcp" | "ws"): Promise<{ url: (scheme: string) => string; caFile: string }> {
    const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
      extensions: [
        { name: "basicConstraints", cA: true },
        { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
      ],
    });
    const broker = await embedded();
    const server = createTlsServer({ cert, key }, (secure) => {
      const plain = connect(carrier === "tcp" ? broker.tcpPort : (broker.wsPort ?? 0), "127.0.0.1");
      for (const socket of [secure, plain]) socket.on("error", () => {});
      secure.pipe(plain).pipe(secure);
    });
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => void server.close());
    const folder = await mkdtemp(path.join(tmpdir(), "federation-tls-"));
    cleanups.push(() => rm(folder, { recursive: true }));
    const caFile = path.join(folder, "ca.pem");
    await writeFile(caFile, cert);
    const { port } = server.address() as AddressInfo;
    return { url: (scheme) => `${scheme}://localhost:${port}`, caFile };
  }

  test("a broker whose authority is known is trusted; one that is not, or bears another name, is told by the status", async () => {
    const { url, caFile } = await behindTls("tcp");
    const trusted = await link(url("stomp+ssl"), { tls: { caFile } });
    await isConnected(trusted);
    expect(await trusted.publish([{ destination: own, body: "1" }])).toEqual({ outcome: "receipted" });
    await failsWith(await link(url("stomp+ssl")), /self-signed|unable to verify/);
    await failsWith(
      await link(url("stomp+ssl"), { tls: { caFile, serverName: "other.example" } }),
      /other\.example|altnames/,
    );
  });

  test("the same over wss://", async () => {
    const { url, caFile } = await behindTls("ws");
    const trusted = await link(url("wss"), { tls: { caFile } });
    await isConnected(trusted);
    expect(await trusted.publish([{ destination: own, body: "1" }])).toEqual({ outcome: "receipted" });
    await failsWith(await link(url("wss")), /self-signed|unable to verify/);
  });

  test("a plain listener behind a stomp+ssl URL is a failure with a reason, not a hang", async () => {
    const server = createTcpServer((socket) => socket.on("error", () => {}).end("ERROR\n\n\0"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await failsWith(await link(`stomp+ssl://127.0.0.1:${port}`), /SSL|TLS|packet|version/i);
  });
});
