/** A client of a node over Streamable HTTP for tests: raw requests, and the events of a stream as they come. */
import { request } from "node:http";
import { z } from "zod";
import { type Wire, wireSchema } from "./session-client.ts";

export interface HttpAttempt {
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  readonly token?: string;
  /** A header that is undefined is left out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Sent as it is when it is text, otherwise as JSON. */
  readonly body?: unknown;
  /** Hangs up, also before there is an answer. */
  readonly signal?: AbortSignal;
}

export interface HttpEvent {
  readonly id: string | undefined;
  readonly retry: string | undefined;
  /** Empty for an event without data. */
  readonly data: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The events so far; it goes on growing. */
  readonly events: readonly HttpEvent[];
  /** Messages so far, of the body or of its events. */
  readonly messages: readonly Wire[];
  /** Resolves when the response is over, with all of its text. */
  readonly ended: Promise<string>;
  message(fits: (message: Wire) => boolean): Promise<Wire>;
  /** Hangs up. */
  destroy(): void;
}

const both = "application/json, text/event-stream";

/** Resolves once the headers of the answer are there. */
export function ask(attempt: HttpAttempt): Promise<HttpAnswer> {
  const { port, method = "POST", path = "/mcp", token = "good.commander", body } = attempt;
  const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  const defaults = {
    authorization: token === "" ? undefined : `Bearer ${token}`,
    accept: method === "GET" ? "text/event-stream" : both,
    "content-type": text === undefined ? undefined : "application/json",
    "content-length": text === undefined ? undefined : String(Buffer.byteLength(text)),
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...defaults, ...attempt.headers })) {
    if (value !== undefined) headers[name] = value;
  }
  return new Promise((resolve, reject) => {
    const sent = request({
      host: "127.0.0.1",
      port,
      method,
      path,
      headers,
      agent: false,
      ...(attempt.signal === undefined ? {} : { signal: attempt.signal }),
    });
    sent.once("error", reject);
    sent.once("response", (response) => {
      const events: HttpEvent[] = [];
      const messages: Wire[] = [];
      const waiters = new Set<() => void>();
      const streams = String(response.headers["content-type"]).startsWith("text/event-stream");
      let whole = "";
      let rest = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        whole += chunk;
        if (!streams) return;
        const blocks = (rest + chunk).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const event of blocks.map(parseEvent)) {
          if (event === undefined) continue;
          events.push(event);
          if (event.data !== "") messages.push(wireSchema.parse(JSON.parse(event.data)));
        }
        for (const waiter of waiters) waiter();
      });
      const ended = new Promise<string>((done) => {
        response.once("close", () => {
          if (!streams && whole.startsWith("{")) {
            // Outside the MCP endpoint a refusal is no JSON-RPC.
            const message = wireSchema.safeParse(JSON.parse(whole));
            if (message.success) messages.push(message.data);
          }
          for (const waiter of waiters) waiter();
          done(whole);
        });
        response.once("error", () => undefined);
      });
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        events,
        messages,
        ended,
        destroy: () => response.destroy(),
        message: (fits) =>
          new Promise((found, missing) => {
            const look = () => {
              const message = messages.find(fits);
              if (message === undefined) return;
              waiters.delete(look);
              found(message);
            };
            waiters.add(look);
            look();
            void ended.then((all) => missing(new Error(`not in the answer: ${all.slice(0, 500)}`)));
          }),
      });
    });
    sent.end(text);
  });
}

function parseEvent(block: string): HttpEvent | undefined {
  const fields = new Map(
    block
      .split("\n")
      .filter((line) => !line.startsWith(":") && line !== "")
      .map((line) => [line.split(":")[0] ?? "", line.slice(line.indexOf(":") + 1).trim()]),
  );
  if (fields.size === 0) return undefined;
  return { id: fields.get("id"), retry: fields.get("retry"), data: fields.get("data") ?? "" };
}

/** A session of the 2025-11-25 era. */
export interface HttpSessionClient {
  readonly id: string;
  readonly initialized: Wire;
  ask(attempt?: Omit<HttpAttempt, "port">): Promise<HttpAnswer>;
  /** Posts a request; resolves with the headers of its answer. */
  post(id: number | string, method: string, params?: Record<string, unknown>): Promise<HttpAnswer>;
  /** Calls a tool and waits for its answer. */
  call(name: string, meta?: Record<string, unknown>): Promise<Wire>;
  /** Opens a GET stream. */
  listen(lastEventId?: string): Promise<HttpAnswer>;
}

export const initialize = {
  jsonrpc: "2.0",
  id: "init",
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: { elicitation: {} },
    clientInfo: { name: "test", version: "1" },
  },
} as const;

export async function openHttpSession(port: number, token = "good.commander"): Promise<HttpSessionClient> {
  const begun = await ask({ port, token, body: initialize });
  const id = z.string().parse(begun.headers["mcp-session-id"]);
  await begun.ended;
  const session = resumeHttpSession(port, id, token);
  const [initialized] = begun.messages;
  if (initialized === undefined) throw new Error("initialize was not answered");
  await session.ask({ body: { jsonrpc: "2.0", method: "notifications/initialized" } });
  return { ...session, initialized };
}

/** Goes on with a session by its id. */
export function resumeHttpSession(
  port: number,
  id: string,
  token = "good.commander",
): Omit<HttpSessionClient, "initialized"> {
  let calls = 0;
  const ofSession = { "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
  const session: Omit<HttpSessionClient, "initialized"> = {
    id,
    ask: (attempt = {}) => ask({ port, token, ...attempt, headers: { ...ofSession, ...attempt.headers } }),
    post: (rpcId, method, params) => session.ask({ body: { jsonrpc: "2.0", id: rpcId, method, params } }),
    call: async (name, meta) => {
      const rpcId = `call-${++calls}`;
      const answer = await session.post(rpcId, "tools/call", meta === undefined ? { name } : { name, _meta: meta });
      return answer.message((message) => message.id === rpcId && message.method === undefined);
    },
    listen: (lastEventId) => session.ask({ method: "GET", headers: { "last-event-id": lastEventId } }),
  };
  return session;
}

/** A request of the 2026-07-28 era, with all it must say. */
export function standalone(
  method: string,
  params: Record<string, unknown> = {},
  id: number | string = 1,
): { readonly headers: Readonly<Record<string, string | undefined>>; readonly body: unknown } {
  const version = "2026-07-28";
  const named = params["name"] ?? params["uri"];
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": version,
    "io.modelcontextprotocol/clientCapabilities": {},
    ...(typeof params["_meta"] === "object" ? params["_meta"] : {}),
  };
  return {
    headers: {
      "mcp-protocol-version": version,
      "mcp-method": method,
      ...(typeof named === "string" ? { "mcp-name": named } : {}),
    },
    body: { jsonrpc: "2.0", id, method, params: { ...params, _meta } },
  };
}

/** Of a refusal: its status, and the code and sentence of its JSON-RPC error. */
export async function statusAndSentence(
  answer: HttpAnswer,
): Promise<{ status: number; sentence: string; code: number }> {
  await answer.ended;
  const error = answer.messages[0]?.error;
  return { status: answer.status, sentence: error?.message ?? "", code: error?.code ?? 0 };
}
