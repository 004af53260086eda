/**
 * A WebSocket in front of a conformance suite's HTTP server, so that `federation mcp` can be put between that server
 * and a host. It carries JSON-RPC messages both ways and is all of HTTP there is: its headers are its own.
 */
import { createServer } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";

export interface Door {
  readonly port: number;
  close(): Promise<void>;
}

const versionKey = "io.modelcontextprotocol/protocolVersion";

const messageSchema = z.looseObject({
  method: z.string().optional(),
  params: z
    .looseObject({
      name: z.unknown().optional(),
      uri: z.unknown().optional(),
      _meta: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
  result: z.looseObject({ protocolVersion: z.string().optional() }).optional(),
});

export async function openDoor(target: URL): Promise<Door> {
  const http = createServer((_request, response) => void response.writeHead(426).end());
  const sockets = new WebSocketServer({ server: http, path: "/mcp", handleProtocols: () => "mcp" });
  sockets.on("connection", (socket) => carry(socket, target));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate();
        http.close(() => resolve());
      }),
  };
}

function carry(socket: WebSocket, target: URL): void {
  const left = new AbortController();
  let session: string | undefined;
  let agreed: string | undefined;
  socket.on("close", () => left.abort());
  socket.on("message", (data) => void post(String(data)).catch(() => undefined));

  async function post(text: string): Promise<void> {
    const { method, params } = messageSchema.parse(JSON.parse(text));
    const version = params?._meta?.[versionKey] ?? agreed;
    const name = params?.name ?? params?.uri;
    const answer = await fetch(target, {
      method: "POST",
      body: text,
      signal: left.signal,
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...(version === undefined ? {} : { "mcp-protocol-version": String(version) }),
        ...(method === undefined ? {} : { "mcp-method": method }),
        ...(typeof name === "string" ? { "mcp-name": name } : {}),
        ...(session === undefined ? {} : { "mcp-session-id": session }),
      },
    });
    session = answer.headers.get("mcp-session-id") ?? session;
    if (method === "notifications/initialized") void listen().catch(() => undefined);
    if (answer.headers.get("content-type")?.includes("text/event-stream") === true) await stream(answer);
    else say(await answer.text());
  }

  /** What belongs to no call of the client comes down a stream of its own. */
  async function listen(): Promise<void> {
    if (session === undefined) return;
    const headers = { accept: "text/event-stream", "mcp-session-id": session, "mcp-protocol-version": agreed ?? "" };
    const answer = await fetch(target, { headers, signal: left.signal });
    if (answer.ok) await stream(answer);
  }

  async function stream(answer: Response): Promise<void> {
    let rest = "";
    for await (const chunk of (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const lines = `${rest}${chunk}`.split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith("data:")) say(line.slice("data:".length));
    }
  }

  /** What is no JSON (an empty body, an event without data) is nothing of the protocol. */
  function say(text: string): void {
    if (!text.trim().startsWith("{")) return;
    agreed = messageSchema.parse(JSON.parse(text)).result?.protocolVersion ?? agreed;
    if (socket.readyState === socket.OPEN) socket.send(text.trim());
  }
}
