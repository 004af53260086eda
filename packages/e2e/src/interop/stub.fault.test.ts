import { createHash, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ControlClient } from "@federation/mcp/client";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import { type JoinNode, startJoinNode } from "../join/testing/join-node.ts";
import { until } from "../mesh/mesh-fixture.ts";
import { stubOf } from "./testing/open-transport.ts";
import { type StubProcess, startStub } from "./testing/stub-process.ts";

let node: JoinNode;
let commander: ControlClient;
const clients: Client[] = [];
const stubs: StubProcess[] = [];

beforeAll(async () => {
  node = await startJoinNode();
  commander = await node.commander();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  for (const { child } of stubs) child.kill("SIGKILL");
  await Promise.all(stubs.splice(0).map((stub) => stub.ended));
  await node.kill();
  await node.start();
}, 60_000);
afterAll(async () => {
  await commander?.close();
  await node?.close();
});

interface Host {
  readonly client: Client;
  readonly lost: () => boolean;
  /** The stub's process. */
  readonly pid: () => number | null;
  said(): string;
}

/** A host that begins a conversation with the stub, in the era that has a session to lose. */
async function connect(tokenFile = node.tokenFile): Promise<Host> {
  const transport = new StdioClientTransport({ ...stubOf({ port: node.port, tokenFile }), stderr: "pipe" });
  let said = "";
  transport.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const client = new Client({ name: "host", version: "1.0.0" }, { versionNegotiation: { mode: "legacy" } });
  clients.push(client);
  let lost = false;
  client.onclose = () => {
    lost = true;
  };
  await client.connect(transport, { timeout: 50_000 });
  return { client, lost: () => lost, pid: () => transport.pid, said: () => said };
}

function stub(tokenFile = node.tokenFile): StubProcess {
  const started = startStub({ port: node.port, tokenFile });
  stubs.push(started);
  return started;
}

const initialize = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "host", version: "1" } };
const statusOf = async ({ client }: Host) => (await client.callTool({ name: "get_status", arguments: {} })).isError;
const waiting = (waitMs: number) => ({ name: "list_events", arguments: { after: "end", waitMs } });

const token = async () => (await readFile(node.tokenFile, "utf8")).trim();

/** A token of the commander, and the file it lies in. */
async function issueToken(replaces?: string) {
  const made = randomBytes(24).toString("base64url");
  const sha256 = createHash("sha256").update(made).digest("hex");
  const { token: record } = await commander.call("IssueToken", {
    sha256,
    ...(replaces === undefined ? {} : { replaces }),
  });
  return { token: made, id: record.id };
}

describe("a host of federation mcp", () => {
  test.each([
    ["is killed and started again", () => node.kill().then(() => node.start())],
    ["is ended in order and started again", () => node.restart()],
  ])(
    "has one answer and one effect for each of 200 calls when the daemon %s among them",
    async (_, restart) => {
      const host = await connect();
      const pid = host.pid();
      const run = randomUUID();
      const texts = Array.from({ length: 200 }, (_, n) => `${run} ${n}`);
      const answers = new Map<string, unknown>();
      const left = [...texts];
      const work = async () => {
        for (let text = left.shift(); text !== undefined; text = left.shift()) {
          const answer = await host.client.callTool({ name: "remember", arguments: { text } }, { timeout: 60_000 });
          expect(answers.has(text)).toBe(false);
          answers.set(text, answer.isError === true ? answer.content : answer.structuredContent);
        }
      };
      const working = Promise.all(Array.from({ length: 12 }, work));
      await until("some calls were answered", () => answers.size >= 60, 30_000);
      await restart();
      await working;
      const rows = await node.owner<{ id: string; body: string }>(
        "select id, body from federation.episodes where body like $1 || ' %'",
        [run],
      );
      const written = new Map(rows.map(({ id, body }) => [body, { episode: id }]));
      expect(rows).toHaveLength(texts.length);
      expect(answers).toEqual(written);
      expect([host.lost(), host.pid()]).toEqual([false, pid]);
      expect(host.said()).toMatch(/The node is away\..*\n.*The node is here; it was away for [\d.]+ s\.\n$/s);
    },
    120_000,
  );

  test("gets its answer, and one effect, when the connection fell silent without a word and the node is reached anew", async () => {
    const host = await connect();
    const text = randomUUID();
    node.signal("SIGSTOP");
    const asked = host.client.callTool({ name: "remember", arguments: { text } }, { timeout: 60_000 });
    await until("the stub has given the connection up", () => host.said().includes("no sign of life"), 30_000);
    node.signal("SIGCONT");
    expect((await asked).isError).toBeFalsy();
    const rows = await node.owner("select id from federation.episodes where body = $1", [text]);
    expect(rows).toHaveLength(1);
    expect(host.lost()).toBe(false);
  }, 90_000);

  test("that came before its node is served once it is there", async () => {
    await node.kill();
    const connecting = connect();
    const early = connecting.then(() => true);
    expect(await Promise.race([early, new Promise((resolve) => setTimeout(() => resolve(false), 1000))])).toBe(false);
    await node.start();
    expect(await statusOf(await connecting)).toBeFalsy();
  }, 60_000);

  test("with a wrong token is told so at each call, and is served once the right one lies in the file", async () => {
    const tokenFile = path.join(node.dir, `${randomUUID()}.token`);
    await writeFile(tokenFile, "wrong-but-secret\n", { mode: 0o600 });
    const { request, answerTo, said } = stub(tokenFile);
    request(1, "initialize", initialize);
    expect((await answerTo(1)).error?.message).toMatch(/does not know this token; take a live one\. Put one into/);
    request(2, "tools/call", { name: "get_status", arguments: {} });
    expect(JSON.stringify((await answerTo(2)).result)).toContain("does not know this token");
    await writeFile(tokenFile, await readFile(node.tokenFile));
    await until("the stub says that the node is here", () => said().includes("The node is here"));
    request(3, "initialize", initialize);
    expect((await answerTo(3)).result).toMatchObject({ protocolVersion: "2025-11-25" });
    expect(said()).not.toContain("wrong-but-secret");
  });

  test("goes on with its session under a rotated token, and is told in the meantime that the old one is revoked", async () => {
    const tokenFile = path.join(node.dir, `${randomUUID()}.token`);
    const old = await issueToken();
    await writeFile(tokenFile, `${old.token}\n`, { mode: 0o600 });
    const host = await connect(tokenFile);
    const next = await issueToken(old.id);
    await until("the stub has lost its node", () => host.said().includes("revoked this token"));
    const refused = await host.client.callTool({ name: "get_status", arguments: {} });
    expect(JSON.stringify([refused.isError, refused.content])).toMatch(/^\[true,.*revoked this token|does not know/);
    await writeFile(tokenFile, `${next.token}\n`);
    await until("the stub is back", () => host.said().includes("The node is here"));
    expect(await statusOf(host)).toBeFalsy();
    expect(host.lost()).toBe(false);
    for (const secret of [old.token, next.token]) expect(host.said()).not.toContain(secret);
  });

  test("is told after the node was away of what it subscribed to, and of new lists where the node has other ones", async () => {
    const host = await connect();
    const told: string[] = [];
    host.client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
      told.push(params.uri);
    });
    host.client.setNotificationHandler("notifications/tools/list_changed", () => {
      told.push("tools");
    });
    await host.client.subscribeResource({ uri: "federation://inbox" });
    await node.kill();
    await node.start();
    await until("the host hears that its inbox may have changed", () => told.length > 0);
    expect(told).toEqual(["federation://inbox"]);

    const headers = { authorization: `Bearer ${await token()}`, "federation-surface": "another" };
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/mcp`, ["mcp"], { headers });
    const [[{ headers: said }]] = await Promise.all([once(socket, "upgrade"), once(socket, "open")]);
    expect(said["federation-surface"]).toMatch(/^\w+$/);
    const methods: unknown[] = [];
    socket.on("message", (data) => methods.push(z.looseObject({}).parse(JSON.parse(String(data)))["method"]));
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: initialize }));
    socket.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    await until("it is told of other lists", () => methods.includes("notifications/tools/list_changed"));
    socket.terminate();
  }, 60_000);

  test("is refused a line of ten megabytes by its id, and goes on", async () => {
    const host = await connect();
    const huge = host.client.callTool({ name: "remember", arguments: { text: "x".repeat(10 * 1024 * 1024) } });
    await expect(huge).rejects.toThrow(/longer than 1048576 bytes/);
    expect(await statusOf(host)).toBeFalsy();
  });

  test("that closes its end in the middle of a call still gets the answer, and the stub ends with 0", async () => {
    const { child, request, answerTo, ended } = stub();
    request(1, "initialize", initialize);
    await answerTo(1);
    request(2, "tools/call", waiting(1000));
    child.stdin.end();
    expect((await answerTo(2)).result).not.toHaveProperty("isError", true);
    expect(await ended).toEqual({ code: 0, signal: null });
  });

  test.each(["the end of its input", "SIGTERM", "SIGINT"] as const)(
    "is left by the stub within two and a half seconds, with 0, by %s, though the node is away and a call waits",
    async (how) => {
      await node.kill();
      const { child, request, answerTo, said, ended } = stub();
      request(1, "initialize", initialize);
      await until("the stub has looked for its node", () => said().includes("The node is away"));
      const begunMs = performance.now();
      if (how === "the end of its input") child.stdin.end();
      else child.kill(how);
      expect((await answerTo(1)).error?.message).toContain("is ending");
      expect(await ended).toEqual({ code: 0, signal: null });
      expect(performance.now() - begunMs).toBeLessThan(3000);
    },
  );

  test("that does not read does not keep the stub from ending", async () => {
    const { child, request, answerTo } = stub();
    request(1, "initialize", initialize);
    await answerTo(1);
    child.stdout.pause();
    for (let id = 2; id < 60; id++) request(id, "tools/list");
    const begunMs = performance.now();
    child.stdin.end();
    // Its pipe stays full: nobody waits for it to close.
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(performance.now() - begunMs).toBeLessThan(4500);
    child.stdout.destroy();
  });
});
