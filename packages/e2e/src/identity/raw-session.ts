/** A WebSocket session by hand: what it is closed with is the point. */
import { once } from "node:events";
import { WebSocket } from "ws";
import { z } from "zod";

export interface RawSession {
  /** What a tool answers. @throws when it is an error of the protocol. */
  call(tool: string, given?: object): Promise<{ readonly isError: boolean; readonly text: string }>;
  tools(): Promise<readonly string[]>;
  /** Resolves with the code it is closed with, and when. */
  readonly closed: Promise<{ readonly code: number; readonly atMs: number }>;
  leave(): Promise<void>;
}

export interface Offer {
  readonly token?: string;
  readonly ticket?: string;
  /** Secrets by which a page comes back. */
  readonly resume?: readonly string[];
  readonly origin?: string;
}

const responseSchema = z.object({ id: z.int(), result: z.unknown().optional(), error: z.unknown().optional() });
const resultSchema = z.object({
  isError: z.boolean().default(false),
  content: z.array(z.object({ text: z.string() })).min(1),
});
const toolsSchema = z.object({ tools: z.array(z.object({ name: z.string() })) });

const encoded = (secret: string): string => Buffer.from(secret).toString("base64url");

/** @throws with the status of an upgrade that is refused, or the code that a page is turned away with. */
export async function openSession(port: number, { token, ticket, resume, origin }: Offer): Promise<RawSession> {
  const tickets = ticket === undefined ? [] : [`fed.ticket.${encoded(ticket)}`];
  const offered = [...tickets, ...(resume ?? []).map((secret) => `fed.resume.${encoded(secret)}`)];
  const socket = new WebSocket(`ws://127.0.0.1:${port}/mcp`, ["mcp", ...offered], {
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(origin === undefined ? {} : { origin }),
    },
  });
  const closed = new Promise<{ code: number; atMs: number }>((resolve) =>
    socket.once("close", (code) => resolve({ code, atMs: performance.now() })),
  );
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("unexpected-response", (_, response) => {
      response.resume();
      reject(new Error(`refused with ${response.statusCode}`));
    });
    socket.once("error", reject);
  });
  socket.on("error", () => undefined);
  let last = 0;
  const ask = (method: string, params: object): Promise<unknown> => {
    const id = ++last;
    const answer = new Promise((resolve, reject) => {
      const gone = () => reject(new Error("the session was closed"));
      socket.once("close", gone);
      socket.on("message", function listen(data) {
        const response = responseSchema.safeParse(JSON.parse(String(data))).data;
        if (response?.id !== id) return;
        socket.off("message", listen);
        socket.off("close", gone);
        if (response.error === undefined) resolve(response.result);
        else reject(new Error(JSON.stringify(response.error)));
      });
    });
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return answer;
  };
  const hello = ask("initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "raw", version: "1" },
  });
  await hello.catch(async () => {
    throw new Error(`refused with ${(await closed).code}`);
  });
  socket.send(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
  return {
    async call(tool, given = {}) {
      const { isError, content } = resultSchema.parse(await ask("tools/call", { name: tool, arguments: given }));
      return { isError, text: content[0]?.text ?? "" };
    },
    tools: async () => toolsSchema.parse(await ask("tools/list", {})).tools.map((tool) => tool.name),
    closed,
    async leave() {
      if (socket.readyState === WebSocket.CLOSED) return;
      socket.close();
      await once(socket, "close");
    },
  };
}
