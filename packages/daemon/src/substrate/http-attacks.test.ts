/**
 * What strangers and faulty clients may do to the port, against a daemon of its own. Beside each attack an honest
 * client calls on, in both eras, and its worst wait is measured.
 */
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ask,
  type HttpSessionClient,
  initialize,
  openHttpSession,
  resumeHttpSession,
  standalone,
} from "./testing/http-client.ts";
import { openSession } from "./testing/session-client.ts";
import { type FixtureDaemon, startFixtureDaemon, until } from "./testing/start-fixture.ts";

const seed = 20_261_125;
let daemon: FixtureDaemon;
let port: number;
beforeAll(async () => {
  daemon = startFixtureDaemon();
  port = await daemon.listening;
  await until("the node is ready", async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok);
});
afterAll(async () => {
  daemon.child.kill("SIGTERM");
  expect((await daemon.ended).code).toBe(0);
});

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`federation_substrate_${name}`));
  return Number(line?.split(" ").at(-1) ?? 0);
}
const sockets = () => metric('nodejs_active_resources{type="TCPSocketWrap"');
const heap = () => metric("nodejs_heap_size_used_bytes");

/** Runs the attack while an honest client calls; returns the longest it had to wait. */
async function beside(attack: () => Promise<void>): Promise<number> {
  const session = await openHttpSession(port, "good.honest");
  let over = false;
  let longestMs = 0;
  const honest = (async () => {
    for (let turn = 0; !over; turn++) {
      const begun = performance.now();
      if (turn % 2 === 0) {
        expect((await session.call("echo")).result).toBeDefined();
      } else {
        const answer = await ask({ port, token: "good.honest", ...standalone("tools/call", { name: "echo" }) });
        expect((await answer.message((message) => message.id === 1)).result).toBeDefined();
      }
      longestMs = Math.max(longestMs, performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  try {
    await attack();
  } finally {
    over = true;
    await honest;
    await session.ask({ method: "DELETE" });
  }
  return longestMs;
}

/** Writes to a bare socket; resolves with what came back when the node has closed it. */
function raw(bytes: string | Buffer, keep?: (socket: Socket) => void): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(bytes);
      keep?.(socket);
    });
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
  });
}

const noise = fc.oneof(
  fc.string({ maxLength: 200, unit: "binary" }),
  fc.json(),
  fc.constantFrom("{", "[]", "null", '{"jsonrpc":"2.0"}', '{"jsonrpc":"2.0","id":{},"method":1}', "\u0000"),
  fc.record({
    jsonrpc: fc.constantFrom("2.0", "1.0", 2),
    id: fc.oneof(fc.integer(), fc.string({ maxLength: 20 }), fc.constant(null), fc.constant({})),
    method: fc.constantFrom("tools/list", "initialize", "notifications/cancelled", "__proto__", "", 7),
    params: fc.oneof(fc.object({ maxDepth: 3 }), fc.constant(null), fc.constant([])),
  }),
);
const headerValue = fc.oneof(
  fc.string({ maxLength: 60 }).map((text) => text.replace(/[^\x20-\x7e]/g, "")),
  fc.constantFrom("2026-07-28", "2025-11-25", "tools/list", "=?base64?!!?=", "*/*", "application/json", "*", ","),
);
const headers = fc.dictionary(
  fc.constantFrom(
    "accept",
    "content-type",
    "content-encoding",
    "mcp-session-id",
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
    "last-event-id",
    "authorization",
    "origin",
    "connection",
  ),
  headerValue,
  { maxKeys: 6 },
);

describe("random requests", () => {
  it("are each answered with a status of ours, and leave no session and no call behind", async () => {
    const statuses = new Set<number>();
    const attempt = fc.record({
      method: fc.constantFrom("POST", "POST", "POST", "GET", "DELETE", "OPTIONS", "PUT", "HEAD"),
      path: fc.constantFrom("/mcp", "/mcp", "/mcp?x=1", "/mcp?token=1", "/mcp/", "//mcp", "/MCP", "/mcp#a"),
      headers,
      body: noise,
    });
    const longestMs = await beside(() =>
      fc.assert(
        fc.asyncProperty(attempt, async ({ body, ...given }) => {
          const carries = given.method !== "GET" && given.method !== "HEAD";
          const answer = await ask({ port, ...given, ...(carries ? { body: body ?? "null" } : {}) });
          statuses.add(answer.status);
          answer.destroy();
          await answer.ended;
          // Some are a good `initialize`.
          const id = answer.headers["mcp-session-id"];
          if (typeof id === "string")
            expect((await resumeHttpSession(port, id).ask({ method: "DELETE" })).status).toBe(200);
        }),
        { numRuns: 400, seed },
      ),
    );
    for (const status of statuses) {
      expect([200, 202, 204, 400, 401, 403, 404, 405, 406, 413, 415, 429, 503]).toContain(status);
    }
    expect(longestMs).toBeLessThan(2000);
    await until("no call is left", async () => (await metric("http_calls")) === 0);
  });

  it("of bytes that are no HTTP at all are answered with 400 or hung up on", async () => {
    const bytes = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.string({ maxLength: 300 }));
    await beside(() =>
      fc.assert(
        fc.asyncProperty(bytes, async (given) => {
          const answer = await raw(Buffer.from(given), (socket) => socket.end());
          expect(answer === "" || answer.startsWith("HTTP/1.1 4")).toBe(true);
        }),
        { numRuns: 200, seed },
      ),
    );
  });

  it("inside an open session harm neither it nor its calls", async () => {
    const session = await openHttpSession(port, "good.noisy");
    const held = await session.post("held", "tools/call", { name: "ask" });
    const question = await held.message((message) => message.method === "elicitation/create");
    await fc.assert(
      fc.asyncProperty(noise, async (body) => {
        const answer = await session.ask({ body: body ?? "null" });
        expect([200, 202, 400, 429]).toContain(answer.status);
        answer.destroy();
      }),
      { numRuns: 200, seed },
    );
    await until("the session takes messages again", async () => {
      const body = { jsonrpc: "2.0", id: question.id, result: { action: "accept" } };
      return (await session.ask({ body })).status === 202;
    });
    expect((await held.message((message) => message.id === "held")).result).toBeDefined();
    await session.ask({ method: "DELETE" });
  });
});

describe("session ids that are guessed or forged", () => {
  const claims = (value: unknown) =>
    `${crypto.randomUUID()}.${Buffer.from(JSON.stringify(value)).toString("base64url")}`;

  it("name no session", async () => {
    const given = fc.oneof(
      fc.uuid(),
      fc.string({ maxLength: 100 }).map((text) => text.replace(/[^\x21-\x7e]/g, "x")),
      fc.tuple(fc.uuid(), fc.base64String({ maxLength: 100 })).map((parts) => parts.join(".")),
      fc.json().map((text) => claims(JSON.parse(text))),
    );
    await fc.assert(
      fc.asyncProperty(given, async (id) => {
        expect((await resumeHttpSession(port, id, "good.forger").post(1, "tools/list")).status).toBe(404);
      }),
      { numRuns: 100, seed },
    );
  });

  it("of another actor, or deeper than an initialize is, name no session either", async () => {
    const deep = `{"actor":"forger","initialize":${'{"a":'.repeat(60)}1${"}".repeat(61)}`;
    const ids = [
      claims({ actor: "commander", initialize: initialize.params, surface: null }),
      claims({ actor: "forger", initialize: initialize.params, surface: null, credential: "x" }),
      `${crypto.randomUUID()}.${Buffer.from(deep).toString("base64url")}`,
    ];
    for (const id of ids) {
      expect((await resumeHttpSession(port, id, "good.forger").post(1, "tools/list")).status).toBe(404);
    }
  });

  it("of the forger's own actor give no more than an initialize would", async () => {
    const id = claims({
      actor: "forger",
      initialize: { protocolVersion: "2025-11-25", capabilities: {} },
      surface: null,
    });
    const forged = resumeHttpSession(port, id, "good.forger");
    expect((await forged.call("echo")).result?.["history"]).toEqual([
      "open:credential-of-forger:new",
      "initialize",
      "notifications/initialized",
      "tools/call",
    ]);
    await forged.ask({ method: "DELETE" });
  });
});

describe("floods", () => {
  it("of headers are refused before anybody is asked", async () => {
    const large = `GET /mcp HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(100_000)}\r\n\r\n`;
    const many = `GET /mcp HTTP/1.1\r\nHost: localhost\r\n${"X: y\r\n".repeat(20_000)}\r\n`;
    for (const flood of [large, many]) expect(await raw(flood)).toMatch(/^HTTP\/1\.1 431/);
  });

  it("of a body without a declared length are cut off at the size of a message", async () => {
    const head = [
      "POST /mcp HTTP/1.1",
      "Host: localhost",
      "Authorization: Bearer good.commander",
      "Content-Type: application/json",
      "Transfer-Encoding: chunked",
    ].join("\r\n");
    const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
    expect(await raw(`${head}\r\n\r\n${chunk.repeat(40)}`)).toMatch(/^HTTP\/1\.1 413/);
  });

  it("of foreign origins and hosts open nothing", async () => {
    const before = await metric("sessions");
    const longestMs = await beside(async () => {
      const attempts = Array.from({ length: 200 }, (_, index) =>
        ask({
          port,
          body: initialize,
          headers: index % 2 === 0 ? { origin: `https://evil-${index}.example` } : { host: `evil-${index}.example` },
        }),
      );
      for (const answer of await Promise.all(attempts)) expect(answer.status).toBe(403);
    });
    expect(longestMs).toBeLessThan(3000);
    await until("no session is left", async () => (await metric("sessions")) <= before);
  });

  it("of calls by one actor are refused to it, and to nobody else", async () => {
    let refused = 0;
    const longestMs = await beside(async () => {
      for (let round = 0; round < 8; round++) {
        const calls = Array.from({ length: 100 }, () =>
          ask({ port, token: "good.flooder", ...standalone("tools/list") }),
        );
        for (const answer of await Promise.all(calls)) if (answer.status === 429) refused++;
      }
    });
    expect(refused).toBeGreaterThan(0);
    expect(longestMs).toBeLessThan(3000);
  });

  it("of sessions by one actor are bounded by what is in use", async () => {
    const sessions: HttpSessionClient[] = [];
    for (let i = 0; i < 60; i++) sessions.push(await openHttpSession(port, "good.hoarder"));
    expect(await metric("http_sessions")).toBeLessThanOrEqual(34);
    const oldest = sessions[0];
    expect((await oldest?.call("echo"))?.result).toBeDefined();
    await Promise.all(sessions.map((session) => session.ask({ method: "DELETE" })));
  });

  it("of what its client does not read end the stream, not the session", async () => {
    const session = await openHttpSession(port, "good.deaf");
    const ended = raw(
      `GET /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good.deaf\r\nAccept: text/event-stream\r\nMcp-Session-Id: ${session.id}\r\n\r\n`,
      (socket) => void socket.pause(),
    );
    await until("it listens", async () => (await session.call("echo")).result !== undefined);
    for (let flood = 0; flood < 3; flood++) await session.call("flood");
    await until("the stream is gone", async () => (await sockets()) < 20);
    expect((await session.call("echo")).result).toBeDefined();
    await session.ask({ method: "DELETE" });
    void ended;
  });
});

describe("slow and silent clients", () => {
  it("1,000 at once are dropped in time, while an honest one is answered, and leave nothing behind", async () => {
    const before = { sockets: await sockets(), heap: await heap(), sessions: await metric("sessions") };
    const head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\n";
    const posting = `${head}Authorization: Bearer good.slow\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`;
    const kinds = [
      () => raw(""),
      () => raw(head),
      () => raw(posting),
      () =>
        raw(head, (socket) => {
          // A header a second: each is something, together they are never all.
          const drip = setInterval(() => socket.write("X: y\r\n"), 1000);
          socket.once("close", () => clearInterval(drip));
        }),
    ];
    const begun = performance.now();
    const longestMs = await beside(async () => {
      const attackers = Array.from({ length: 1000 }, (_, index) => kinds[index % kinds.length]?.());
      await until("they are there", async () => (await sockets()) > 500);
      await Promise.all(attackers);
    });
    expect(performance.now() - begun).toBeLessThan(25_000);
    expect(longestMs).toBeLessThan(3000);
    await until("their sockets are gone", async () => (await sockets()) <= before.sockets + 4);
    expect(await metric("sessions")).toBeLessThanOrEqual(before.sessions);
    // Garbage is collected when it pleases: what counts is that the heap comes back down.
    await until("the heap is as before", async () => (await heap()) < before.heap + 32 * 1024 * 1024);
  }, 60_000);

  it("above the number of connections are turned away, and room comes back", async () => {
    const attackers = Array.from({ length: 1300 }, () => raw(""));
    await Promise.all(attackers);
    await until("an honest client is answered", async () => {
      const answer = await ask({ port, ...standalone("tools/list") }).catch(() => undefined);
      return answer?.status === 200;
    });
  }, 30_000);
});

describe("the same over a WebSocket", () => {
  it("random messages cost their session, and nobody else's", async () => {
    const honest = await openSession({ port });
    await fc.assert(
      fc.asyncProperty(fc.array(noise, { minLength: 1, maxLength: 5 }), async (messages) => {
        const client = await openSession({ port, token: "good.noisy" });
        for (const message of messages) client.send(message ?? "null");
        client.socket.terminate();
      }),
      { numRuns: 60, seed },
    );
    expect((await honest.call("echo")).result).toBeDefined();
    honest.socket.terminate();
    await until("no session is left", async () => (await metric("sessions")) === 0);
  });
});

describe("after all of it", () => {
  it("nothing is left: no session, no call, no request, no socket, and it was the same impl throughout", async () => {
    await until("all is gone", async () => {
      const left = await Promise.all([metric("sessions"), metric("http_calls"), metric("open_requests")]);
      return left.every((count) => count === 0);
    });
    expect(await metric("impl_starts_total")).toBe(1);
    expect(await metric('http_requests_total{status="500"')).toBe(0);
    expect(daemon.stderr()).not.toMatch(/"level":"error"/);
  });
});
