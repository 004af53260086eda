import type { MeshError } from "@federation/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHandFedControl, startControlEndpoint } from "../testing/index.ts";
import { type ControlClient, type ControlStatus, connectControl, followEvents } from "./index.ts";

const tokens = { good: { actor: "commander", role: "commander" } } as const;
const id = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001";
const sent = { id, conversation: id, seq: 1, recipients: 3 };

type Endpoint = Awaited<ReturnType<typeof startControlEndpoint>>;
let control = createHandFedControl();
let endpoint: Endpoint;
let client: ControlClient | undefined;

beforeEach(async () => {
  control = createHandFedControl();
  endpoint = await startControlEndpoint({ control: control.service, tokens });
});
afterEach(async () => {
  await client?.close();
  client = undefined;
  await endpoint.close();
});

async function connect(onStatus?: (status: ControlStatus) => void): Promise<ControlClient> {
  client = await connectControl({ url: endpoint.url, token: "good", ...(onStatus === undefined ? {} : { onStatus }) });
  return client;
}

/** Resolves when the client reports a status that fits. */
function watch() {
  const seen: ControlStatus[] = [];
  let look = (): void => {};
  return {
    seen,
    onStatus: (status: ControlStatus): void => {
      seen.push(status);
      look();
    },
    until: (fits: (status: ControlStatus) => boolean): Promise<void> =>
      new Promise((resolve) => {
        look = () => seen.some(fits) && resolve();
        look();
      }),
  };
}

const coded = (code: MeshError["code"]) => expect.objectContaining({ name: "MeshError", code });

describe("a call", () => {
  it("goes out with its defaults filled in and comes back parsed", async () => {
    control.on("SendMessage", () => sent);
    const answer = await (await connect()).call("SendMessage", { text: "hello" });
    expect(answer).toEqual(sent);
    expect(control.calls[0]).toMatchObject({ name: "SendMessage", request: { to: "all", text: "hello" } });
  });

  it("that is refused throws the node's own code and sentence", async () => {
    await expect((await connect()).call("ShowCharter", {})).rejects.toEqual(coded("not_found"));
    await expect((await connect()).call("ShowMission", { mission: "no-uuid" })).rejects.toEqual(coded("invalid_input"));
  });

  it("whose connection is cut is repeated under the same call id", async () => {
    let first = true;
    control.on("SendMessage", () => {
      if (!first) return sent;
      first = false;
      endpoint.cut();
      return new Promise(() => {});
    });
    expect(await (await connect()).call("SendMessage", { text: "once" })).toEqual(sent);
    expect(control.calls).toHaveLength(2);
    expect(control.calls[1]?.caller.callId).toBe(control.calls[0]?.caller.callId);
    expect(control.calls[0]?.caller.callId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("answered with 'the logic is restarting' is repeated, and one of too many is not", async () => {
    await endpoint.close();
    const away = { code: "unavailable", message: "The node is away.", details: { callId: "c", node: "away" } };
    const answers = [
      { error: { code: -32010, message: "wait" } },
      { result: { resultType: "complete", isError: true, content: [], _meta: { "federation/error": away } } },
      { error: { code: -32029, message: "wait" } },
    ];
    let calls = 0;
    endpoint = await startControlEndpoint({
      control: control.service,
      tokens,
      intercept: (message) => {
        if (typeof message !== "object" || message === null) return undefined;
        if (Reflect.get(message, "method") !== "tools/call" || answers[calls] === undefined) return undefined;
        return { jsonrpc: "2.0", id: Reflect.get(message, "id"), ...answers[calls++] };
      },
    });
    await expect((await connect()).call("ListRoster", {})).rejects.toEqual(coded("limit_exceeded"));
    expect(calls).toBe(3);
  });

  it("with no answer in time throws deadline_exceeded and names the call id to ask again under", async () => {
    control.on("ListRoster", () => new Promise(() => {}));
    const asked = (await connect()).call("ListRoster", {}, { timeoutMs: 50, callId: "ask-again" });
    await expect(asked).rejects.toThrow(/ask-again/);
    await expect(asked).rejects.toEqual(coded("deadline_exceeded"));
  });

  it("given up by its caller throws the caller's own reason", async () => {
    control.on("ListRoster", () => new Promise(() => {}));
    const stop = new AbortController();
    const asked = (await connect()).call("ListRoster", {}, { signal: stop.signal });
    await control.called((call) => call.name === "ListRoster");
    stop.abort(new Error("not needed any more"));
    await expect(asked).rejects.toThrow("not needed any more");
  });

  it("answered in another form than the list says is a mismatch of versions", async () => {
    await endpoint.close();
    endpoint = await startControlEndpoint({
      control: control.service,
      tokens,
      intercept: (message) => {
        if (typeof message !== "object" || message === null || Reflect.get(message, "method") !== "tools/call") return;
        const result = { resultType: "complete", content: [], structuredContent: { actors: 7 } };
        return { jsonrpc: "2.0", id: Reflect.get(message, "id"), result };
      },
    });
    await expect((await connect()).call("ListRoster", {})).rejects.toEqual(coded("schema_mismatch"));
  });
});

describe("a connection", () => {
  it("with a wrong token ends as unauthenticated, without the token in the message", async () => {
    const wrong = connectControl({ url: endpoint.url, token: "secret-but-wrong" });
    await expect(wrong).rejects.toEqual(coded("unauthenticated"));
    await expect(wrong).rejects.not.toThrow(/secret-but-wrong/);
  });

  it("to nobody ends as unavailable, with the address", async () => {
    await endpoint.close();
    const away = connectControl({ url: endpoint.url, token: "good" });
    await expect(away).rejects.toEqual(coded("unavailable"));
    await expect(away).rejects.toThrow(endpoint.url);
  });

  it("would not send the token in plain text to another machine", async () => {
    await expect(connectControl({ url: "ws://192.0.2.7:7400/mcp", token: "good" })).rejects.toThrow(/plain text/);
    await expect(connectControl({ url: "http://127.0.0.1:1/mcp", token: "good" })).rejects.toThrow(/ws:\/\//);
    await expect(connectControl({ url: "nonsense", token: "good" })).rejects.toEqual(coded("config_invalid"));
  });

  it("comes back by itself when the node does, and a call made meanwhile is answered then", async () => {
    const status = watch();
    const returning = await connect(status.onStatus);
    const { port } = endpoint;
    await endpoint.close();
    await status.until((it) => it.state === "connecting" && it.lastError !== undefined);
    const asked = returning.call("SendMessage", { text: "patience" });
    control.on("SendMessage", () => sent);
    endpoint = await startControlEndpoint({ control: control.service, tokens, port });
    expect(await asked).toEqual(sent);
    expect(status.seen).toContainEqual({ state: "connected", connection: 2 });
  });

  it("whose token is revoked ends for good", async () => {
    const status = watch();
    const revoked = await connect(status.onStatus);
    control.on("ListRoster", () => new Promise(() => {}));
    const asked = revoked.call("ListRoster", {});
    await control.called((call) => call.name === "ListRoster");
    endpoint.dismiss(4401);
    await expect(asked).rejects.toEqual(coded("unauthenticated"));
    await expect(revoked.call("ListRoster", {})).rejects.toEqual(coded("unauthenticated"));
    expect(status.seen.at(-1)).toMatchObject({ state: "closed" });
  });

  it("that is closed refuses further calls, ends waiting ones, and leaves no socket behind", async () => {
    const closed = await connect();
    control.on("ListRoster", () => new Promise(() => {}));
    const asked = expect(closed.call("ListRoster", {})).rejects.toEqual(coded("unavailable"));
    await control.called((call) => call.name === "ListRoster");
    await closed.close();
    await asked;
    await expect(closed.call("ListRoster", {})).rejects.toEqual(coded("unavailable"));
    await expect.poll(() => endpoint.openSockets()).toBe(0);
  });
});

describe("following events", () => {
  const log = Array.from({ length: 7 }, (_, n) => ({
    cursor: `c${n + 1}`,
    at: "2026-01-01T00:00:00.000Z",
    kind: "MessageSent",
    actor: "lead",
    conversation: null,
    subject: null,
    data: { n: n + 1 },
  }));

  function serveLog(): void {
    control.on("ListEvents", (request) => {
      const after = Reflect.get(Object(request), "after");
      const from = log.findIndex((event) => event.cursor === after) + 1;
      const events = log.slice(from, from + 2);
      return { events, cursor: events.at(-1)?.cursor ?? null };
    });
  }

  it("yields every event once and in order, across a lost connection, until its signal ends it", async () => {
    serveLog();
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const event of followEvents(await connect(), { after: "c1", waitMs: 1, signal: stop.signal })) {
      seen.push(event.cursor);
      if (event.cursor === "c4") endpoint.cut();
      if (event.cursor === "c7") stop.abort();
    }
    expect(seen).toEqual(["c2", "c3", "c4", "c5", "c6", "c7"]);
  });

  it("ends at once while it waits for something new", async () => {
    control.on("ListEvents", () => new Promise(() => {}));
    const stop = new AbortController();
    const events = followEvents(await connect(), { signal: stop.signal });
    const next = events.next();
    await control.called((call) => call.name === "ListEvents");
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it("throws what the node refuses, and when its client is closed", async () => {
    const following = await connect();
    await expect(followEvents(following).next()).rejects.toEqual(coded("not_found"));
    await following.close();
    await expect(followEvents(following).next()).rejects.toEqual(coded("unavailable"));
  });
});
