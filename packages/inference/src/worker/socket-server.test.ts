import { mkdtemp, rm, stat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLineReader } from "../protocol/lines.ts";
import { wireVersion } from "../protocol/wire.ts";
import { sayRequest, silentLog } from "../test-node.ts";
import { createJobTable } from "./job-table.ts";
import { type SocketServer, startSocketServer } from "./socket-server.ts";

let dir: string;
let server: SocketServer;
let socketPath: string;
let runs = 0;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "fi-"));
  socketPath = join(dir, "s");
  runs = 0;
  const jobs = createJobTable({
    run: async () => {
      runs += 1;
      const tokens = { input: 0, output: 0 };
      return { outcome: "complete", text: "done", fields: {}, stopped: "end", tokens, durationMs: 1 };
    },
  });
  server = await startSocketServer({
    socketPath,
    worker: "w1",
    status: () => ({ state: "failed", reason: "no model in this test" }),
    report: () => ({ workerPid: 1, accounts: [], running: 0, waiting: 0, keptOutcomes: 0, contextOverflows: 0 }),
    jobs,
    countTokens: async (text) => text.length,
    embed: async () => [],
    log: silentLog,
  });
});

afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await server.leave();
  await rm(dir, { recursive: true });
});

const open: Socket[] = [];

interface Raw {
  readonly socket: Socket;
  readonly lines: Record<string, unknown>[];
  readonly closed: Promise<void>;
  send(line: unknown): void;
}

function dial(hello = true): Raw {
  const socket = connect(socketPath);
  open.push(socket);
  const lines: Record<string, unknown>[] = [];
  const onLine = (line: string): number => lines.push(JSON.parse(line));
  socket.on("data", createLineReader({ maxChars: 1_000_000, onLine, onTooLong: () => undefined }));
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  const send = (line: unknown): void => {
    socket.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
  };
  if (hello) send({ t: "hello", version: wireVersion });
  return { socket, lines, closed, send };
}

function wireAsk(change: object = {}): object {
  const { onText: _, ...request } = sayRequest();
  return { t: "ask", ask: { op: "generate", ...request, ...change } };
}

test("the socket is this user's alone, and each connection is told the worker's name and status first", async () => {
  expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
  const { lines } = dial(false);
  await vi.waitFor(() => expect(lines).toHaveLength(1));
  expect(lines[0]).toMatchObject({ t: "status", worker: "w1", status: { state: "failed" } });
});

test("a malformed request gets an outcome under its id, with the field, and nothing is run", async () => {
  const { lines, send } = dial();
  const bad = [
    { maxTokens: "many" },
    { actor: "" },
    { messages: [] },
    { sender: "somebody else" },
    { messages: [{ role: "tool", text: "x" }] },
    { output: { kind: "object", fields: [{ name: "__proto__", kind: "enum", values: ["x"] }] } },
    { sampling: { temperature: Number.NaN, topP: 1, minP: 0, seed: -1 } },
  ];
  bad.forEach((change, index) => {
    send(wireAsk({ id: `bad-${index}`, ...change }));
  });
  await vi.waitFor(() => expect(lines).toHaveLength(1 + bad.length));
  for (const [index] of bad.entries()) {
    expect(lines[index + 1]).toMatchObject({
      t: "outcome",
      id: `bad-${index}`,
      outcome: { reason: "invalid_request" },
    });
  }
  send(wireAsk());
  await vi.waitFor(() => expect(lines.at(-1)).toMatchObject({ outcome: { text: "done" } }));
  expect(runs).toBe(1);
});

test("lines that are no requests are refused, and the third ends the connection", async () => {
  const { lines, closed, send } = dial();
  send("not json");
  send(`${"[".repeat(2_000)}${"]".repeat(2_000)}`);
  send({ t: "eval", code: "process.exit()" });
  await closed;
  expect(lines.filter((line) => line["t"] === "refused")).toHaveLength(3);
});

test("nothing is answered before a greeting of the same version", async () => {
  const early = dial(false);
  early.send(wireAsk());
  await early.closed;
  const other = dial(false);
  other.send({ t: "hello", version: wireVersion + 1 });
  await other.closed;
  expect(other.lines.at(-1)).toMatchObject({ t: "refused", code: "schema_mismatch" });
  expect(runs).toBe(0);
});

test("a line longer than the bound ends its connection and no other", async () => {
  const good = dial();
  const bad = dial();
  const mebibyte = "x".repeat(1024 * 1024);
  for (let sent = 0; sent < 9; sent += 1) bad.socket.write(mebibyte);
  await bad.closed;
  good.send({ t: "count", call: "c1", text: "four" });
  await vi.waitFor(() => expect(good.lines.at(-1)).toEqual({ t: "result", call: "c1", count: 4 }));
});
