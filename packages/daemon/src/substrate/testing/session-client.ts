/** A client of a node for tests: JSON-RPC over a WebSocket, every message it ever got, and waiting for one. */
import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { z } from "zod";

export const wireSchema = z.looseObject({
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.looseObject({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
});
export type Wire = z.infer<typeof wireSchema>;

/** The error a tool result carries. */
export function toolErrorOf({ result }: Wire): unknown {
  return Reflect.get(Object(result?.["_meta"]), "federation/error");
}

export interface SessionClient {
  readonly socket: WebSocket;
  readonly received: readonly Wire[];
  /** Code and reason, once closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  send(message: unknown): void;
  /** Calls a tool and waits for its answer. */
  call(name: string, meta?: Record<string, unknown>): Promise<Wire>;
  /** Sends a request without waiting. Returns its id. */
  post(method: string, params?: Record<string, unknown>): number;
  answerTo(id: number | string | null): Promise<Wire>;
  /** Resolves with the first message, past or future, that fits. */
  message(fits: (message: Wire) => boolean): Promise<Wire>;
  initialize(): Promise<Wire>;
}

export interface Attempt {
  readonly port: number;
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly path?: string;
  readonly protocols?: string[];
}

export type Refused = { readonly status: number; readonly body: string };

export async function openSession(attempt: Attempt): Promise<SessionClient> {
  const opened = await tryOpen(attempt);
  if ("status" in opened) throw new Error(`refused: ${opened.status} ${opened.body}`);
  return opened;
}

export function tryOpen(attempt: Attempt): Promise<SessionClient | Refused> {
  const { port, token = "good.commander", headers = {}, path = "/mcp", protocols = ["mcp"] } = attempt;
  const authorization: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, {
    headers: { ...authorization, ...headers },
    maxPayload: 64 * 1024 * 1024,
  });
  return new Promise((resolve, reject) => {
    const client = createClient(socket);
    socket.once("open", () => resolve(client));
    socket.once("unexpected-response", (_request, response) => {
      void bodyOf(response).then((body) => resolve({ status: response.statusCode ?? 0, body }));
    });
    socket.once("error", reject);
  });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return body;
}

function createClient(socket: WebSocket): SessionClient {
  const received: Wire[] = [];
  const waiters = new Set<(message: Wire) => void>();
  let lastId = 0;
  socket.on("message", (data) => {
    const message = wireSchema.parse(JSON.parse(data.toString()));
    received.push(message);
    for (const waiter of waiters) waiter(message);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const client: SessionClient = {
    socket,
    received,
    closed,
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    post: (method, params) => {
      const id = ++lastId;
      client.send({ jsonrpc: "2.0", id, method, params });
      return id;
    },
    call: (name, meta) =>
      client.answerTo(client.post("tools/call", meta === undefined ? { name } : { name, _meta: meta })),
    answerTo: (id) => client.message((message) => message.id === id && message.method === undefined),
    message: (fits) =>
      new Promise((resolve, reject) => {
        const known = received.find(fits);
        if (known !== undefined) return resolve(known);
        const waiter = (message: Wire) => {
          if (!fits(message)) return;
          waiters.delete(waiter);
          resolve(message);
        };
        waiters.add(waiter);
        void closed.then(({ code, reason }) => reject(new Error(`closed: ${code} ${reason}`)));
      }),
    initialize: async () => {
      const id = client.post("initialize", { protocolVersion: "2025-11-25", capabilities: {} });
      const answer = await client.answerTo(id);
      client.send({ jsonrpc: "2.0", method: "notifications/initialized" });
      return answer;
    },
  };
  return client;
}
