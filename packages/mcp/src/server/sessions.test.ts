import { controlEntries, MeshError, toolName } from "@federation/core";
import { Client } from "@modelcontextprotocol/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createHandFedChanges, createHandFedControl, startControlEndpoint } from "../testing/index.ts";
import { createWebSocketTransport } from "../web-socket-transport.ts";
import { createMcpSessions } from "./sessions.ts";

const id = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001";
const tokens = {
  "commander-token": { actor: "commander", role: "commander" },
  "observer-token": { actor: "watcher", role: "observer" },
} as const;

const logged: { fields: Readonly<Record<string, unknown>>; message: string }[] = [];
const note = (fields: Readonly<Record<string, unknown>>, message: string) => void logged.push({ fields, message });
const log = { debug: () => {}, info: note, warn: note, error: note };

let control = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
const clients: Client[] = [];

beforeEach(async () => {
  logged.length = 0;
  control = createHandFedControl();
  endpoint = await startControlEndpoint({ control: control.service, tokens, log });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await endpoint.close();
});

async function openSocket(token: keyof typeof tokens = "commander-token"): Promise<WebSocket> {
  const socket = new WebSocket(endpoint.url, ["mcp"], { headers: { authorization: `Bearer ${token}` } });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return socket;
}

async function connect(token: keyof typeof tokens = "commander-token", era: "legacy" | "modern" = "modern") {
  const mode = era === "legacy" ? "legacy" : { pin: "2026-07-28" };
  const client = new Client({ name: "test", version: "0" }, { versionNegotiation: { mode } });
  clients.push(client);
  await client.connect(createWebSocketTransport(await openSocket(token)));
  return client;
}

/** Sends one raw JSON-RPC request and answers the response with its id. */
async function ask(socket: WebSocket, request: { id: number | string; method: string; params: unknown }) {
  const answer = new Promise<Record<string, unknown>>((resolve) => {
    socket.on("message", (data) => {
      const message = JSON.parse(String(data));
      if (message.id === request.id) resolve(message);
    });
  });
  socket.send(JSON.stringify({ jsonrpc: "2.0", ...request }));
  return answer;
}

function textOf(result: { content?: unknown }): string {
  const first = Array.isArray(result.content) ? result.content[0] : undefined;
  return typeof first?.text === "string" ? first.text : "";
}

describe.each(["legacy", "modern"] as const)("a session of the %s era", (era) => {
  it("offers every entry of the control list that its role may call as a tool with both schemas", async () => {
    const client = await connect("commander-token", era);
    const { tools } = await client.listTools();
    const lawful = controlEntries.filter((entry) => entry.roles.includes("commander"));
    expect(tools.map((tool) => tool.name)).toEqual(lawful.map((entry) => toolName(entry.name)));
    for (const tool of tools) {
      expect(tool.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
      expect(tool.outputSchema).toMatchObject({ type: "object" });
      expect(tool.description).toMatch(/\.$/);
    }
  });

  it("answers a call with structured content that fits the tool's output schema, and with the same as text", async () => {
    control.on("ListTasks", () => ({ tasks: [], undeclared: "stays inside" }));
    const client = await connect("commander-token", era);
    await client.listTools();
    const result = await client.callTool({ name: "list_tasks", arguments: {} });
    expect(result.structuredContent).toEqual({ tasks: [] });
    expect(JSON.parse(textOf(result))).toEqual({ tasks: [] });
    expect(control.calls[0]).toMatchObject({ name: "ListTasks", request: { limit: 50 } });
    expect(control.calls[0]?.caller).toMatchObject({ actor: "commander", role: "commander" });
  });

  it("answers a refusal as a result with code, sentence and particulars, which no output schema turns away", async () => {
    control.on("ClaimTask", () => {
      throw new MeshError("refused", "Only the assignee may claim this task; wait to be assigned.", {
        details: { article: "explicit-assignment" },
      });
    });
    const client = await connect("commander-token", era);
    await client.listTools();
    const result = await client.callTool({ name: "claim_task", arguments: { task: id } });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain("refused: Only the assignee may claim this task");
    expect(result._meta?.["federation/error"]).toEqual({
      code: "refused",
      message: "Only the assignee may claim this task; wait to be assigned.",
      details: { article: "explicit-assignment" },
    });
  });
});

describe("tools", () => {
  it("show an observer the queries, what marks a message as read, and its own tokens and pages", async () => {
    const { tools } = await (await connect("observer-token")).listTools();
    expect(tools.filter((tool) => tool.annotations?.readOnlyHint !== true).map((tool) => tool.name)).toEqual([
      "acknowledge_message",
      "issue_token",
      "revoke_token",
      "renew_page_session",
      "end_page_session",
    ]);
  });

  it("say of themselves whether they read, take away, and may be repeated", async () => {
    const { tools } = await (await connect()).listTools();
    const hints = (name: string) => tools.find((tool) => tool.name === name)?.annotations;
    expect(hints("list_roster")).toMatchObject({ readOnlyHint: true, destructiveHint: false, idempotentHint: true });
    expect(hints("send_message")).toMatchObject({ readOnlyHint: false, destructiveHint: false, idempotentHint: false });
    expect(hints("veto_proposal")).toMatchObject({ readOnlyHint: false, destructiveHint: true, idempotentHint: true });
  });

  it("let a call of a right the role lacks reach the control service, whose refusal it is to give", async () => {
    control.on("SendMessage", () => {
      throw new MeshError("forbidden", "An observer does not act.");
    });
    const result = await (await connect("observer-token")).callTool({
      name: "send_message",
      arguments: { text: "hi" },
    });
    expect(result._meta?.["federation/error"]).toMatchObject({ code: "forbidden" });
  });
});

describe("a call id", () => {
  it("is the one the caller gave", async () => {
    const client = await connect();
    await client.callTool({ name: "list_roster", arguments: {}, _meta: { "federation/callId": "attempt-7" } });
    expect(control.calls[0]?.caller.callId).toBe("attempt-7");
  });

  it("is made from session and request id otherwise: equal for a request sent again, different between sessions", async () => {
    const call = { method: "tools/call", params: { name: "list_roster", arguments: {} } };
    const [one, two] = [await openSocket(), await openSocket()];
    await ask(one, { id: 1, ...call });
    await ask(one, { id: 1, ...call });
    await ask(one, { id: "1", ...call });
    await ask(two, { id: 1, ...call });
    const ids = control.calls.map((it) => it.caller.callId);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
    one.terminate();
    two.terminate();
  });

  it("that could not be stored is refused", async () => {
    const client = await connect();
    for (const callId of ["", "a\0b", "x".repeat(200), 7, null]) {
      const result = await client.callTool({
        name: "list_roster",
        arguments: {},
        _meta: { "federation/callId": callId },
      });
      expect(result._meta?.["federation/error"]).toMatchObject({ code: "invalid_input" });
    }
    expect(control.calls).toEqual([]);
  });
});

describe("bad input", () => {
  const bad: readonly (readonly [string, string, Record<string, unknown>, RegExp])[] = [
    ["an unknown tool", "launch_rocket", {}, /There is no tool "launch_rocket"/],
    ["the name of a property every object has", "constructor", {}, /There is no tool/],
    ["an unknown argument", "list_roster", { actor: "somebody-else" }, /actor/],
    ["a missing argument", "send_message", {}, /text/],
    ["an empty message", "send_message", { text: "" }, /must not be empty/],
    ["a message of 512 KiB", "send_message", { text: "x".repeat(524_288) }, /at most 65536 characters/],
    ["a NUL", "send_message", { text: "a\0b" }, /NUL/],
    ["a lone surrogate", "send_message", { text: "a\ud800b" }, /surrogates/],
    ["an unknown recipient's impossible name", "send_message", { to: "No One", text: "hi" }, /to/],
    ["a path that leaves its folder", "submit_task", submission("../../etc/passwd"), /stays inside its folder/],
    ["a path into git's own folder", "submit_task", submission("a/.GIT/config"), /relative path|not allowed/],
  ];

  it.each(bad)("%s is invalid_input, with one sentence that says what to do", async (_, name, args, expected) => {
    const result = await (await connect()).callTool({ name, arguments: args });
    expect(result.isError).toBe(true);
    expect(result._meta?.["federation/error"]).toMatchObject({ code: "invalid_input" });
    expect(textOf(result)).toMatch(expected);
    expect(control.calls).toEqual([]);
  });

  it("of 20,000 faults is told in five, within 1 KiB", async () => {
    const files = Array.from({ length: 20_000 }, () => ({ path: "" }));
    const result = await (await connect()).callTool({ name: "submit_task", arguments: { ...submission("a"), files } });
    expect(result._meta?.["federation/error"]).toMatchObject({ code: "invalid_input" });
    expect(new TextEncoder().encode(textOf(result)).length).toBeLessThan(1200);
  });

  it("nested 2,000 levels deep is refused before anything recurses into it, and the session goes on", async () => {
    const socket = await openSocket();
    const deep = `${'{"a":'.repeat(2000)}1${"}".repeat(2000)}`;
    const call = (args: unknown) => ({ name: "list_roster", arguments: args });
    const answer = await ask(socket, { id: 1, method: "tools/call", params: call(JSON.parse(deep)) });
    expect(answer["result"]).toMatchObject({ isError: true, _meta: { "federation/error": { code: "invalid_input" } } });
    const other = await ask(socket, { id: 2, method: "tools/list", params: JSON.parse(deep) });
    expect(other["error"]).toMatchObject({ code: -32600 });
    control.on("ListRoster", () => ({ actors: [] }));
    const after = await ask(socket, { id: 3, method: "tools/call", params: call({}) });
    expect(after["result"]).toMatchObject({ structuredContent: { actors: [] } });
    socket.terminate();
  });

  it("nested too deep is told to a client of the 2026 era in a form it understands", async () => {
    const deep: Record<string, unknown> = JSON.parse(`${'{"a":'.repeat(40)}1${"}".repeat(40)}`);
    const result = await (await connect()).callTool({ name: "list_roster", arguments: deep });
    expect(result._meta?.["federation/error"]).toMatchObject({ code: "invalid_input" });
  });

  it("that is no JSON-RPC is answered as such", async () => {
    const socket = await openSocket();
    const answer = await ask(socket, { id: 5, method: "", params: "none" });
    expect(answer["error"]).toMatchObject({ code: -32600 });
    socket.terminate();
  });
});

describe("a defect", () => {
  it("is logged with its cause and leaves no word of its own", async () => {
    control.on("ListRoster", () => {
      throw new Error("password=hunter2");
    });
    const result = await (await connect()).callTool({ name: "list_roster", arguments: {} });
    expect(JSON.stringify(result)).not.toContain("hunter2");
    expect(result._meta?.["federation/error"]).toMatchObject({ code: "internal" });
    expect(logged.map((line) => String(line.fields["err"]))).toContain("Error: password=hunter2");
  });

  it("is also an answer that does not fit its schema", async () => {
    control.on("ListRoster", () => ({ actors: "many" }));
    const result = await (await connect()).callTool({ name: "list_roster", arguments: {} });
    expect(result._meta?.["federation/error"]).toMatchObject({ code: "internal" });
  });
});

describe("a call under way", () => {
  it("is told when its caller gives it up, and when its client leaves", async () => {
    control.on("ListEvents", (_, caller) => {
      return new Promise((resolve) => {
        caller.signal.addEventListener("abort", () => resolve({ events: [], cursor: null }));
      });
    });
    const client = await connect();
    const stop = new AbortController();
    const given = client.callTool({ name: "list_events", arguments: { waitMs: 9 } }, { signal: stop.signal });
    const first = await control.called((call) => call.name === "ListEvents");
    stop.abort();
    await expect(given).rejects.toThrow();
    await endpoint.sessions.idle();
    expect(first.caller.signal.aborted).toBe(true);

    const left = client.callTool({ name: "list_events", arguments: { waitMs: 10 } });
    const second = await control.called((call) => call !== first && call.name === "ListEvents");
    expect(endpoint.sessions.callsInFlight()).toBe(1);
    endpoint.cut();
    await expect(left).rejects.toThrow();
    await endpoint.sessions.idle();
    expect(second.caller.signal.aborted).toBe(true);
  });
});

function submission(path: string) {
  return { task: id, fence: 1, summary: "done", files: [{ path, content: "x" }] };
}

it("a listen request that the protocol refuses is not followed", async () => {
  const changes = createHandFedChanges();
  const sent: object[] = [];
  const send = (_session: string, message: object) => void sent.push(message);
  const sessions = createMcpSessions({ control: control.service, changes: changes.feed, log, version: "0", send });
  const principal = { actor: "ann", role: "observer", kind: "human", scopes: ["read"], credential: "c" } as const;
  sessions.open({ ...principal, session: "s" });
  const notifications = { resourceSubscriptions: ["federation://roster"] };
  const listen = (id: number, version: string) => {
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": version,
      "io.modelcontextprotocol/clientCapabilities": {},
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "0" },
    };
    sessions.receive("s", { jsonrpc: "2.0", id, method: "subscriptions/listen", params: { _meta, notifications } });
  };
  listen(1, "2026-07-28");
  await expect.poll(() => sent).toHaveLength(1);
  expect(changes.watched()).toEqual(["ann"]);
  sessions.receive("s", { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
  await expect.poll(() => changes.watched()).toEqual([]);
  listen(2, "2099-01-01");
  await expect.poll(() => sent.at(-1)).toMatchObject({ id: 2, error: {} });
  await expect.poll(() => changes.watched()).toEqual([]);
  await sessions.closeAll();
});
