/** Sessions of the SDKs over the transports: the present line in both its eras, and the line before it. */
import { callIdMetaKey } from "@federation/mcp";
import {
  type CallToolResult,
  Client,
  StreamableHTTPClientTransport,
  type Transport,
} from "@modelcontextprotocol/client";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldHttpTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { WebSocket } from "ws";
import { z } from "zod";
import type { HostNews, HostSession, OpenHostSession, ToolAnswer, ToolCall } from "./host.ts";

/** How long a call may take before its host gives up on it. */
export const CALL_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 15_000;
const clientInfo = { name: "reload-bench", version: "1.0.0" };

export type Era = "2025-11-25" | "2026-07-28";

export interface NodeAddress {
  readonly port: number;
  readonly token: string;
}

export function overWebSocket({ port, token }: NodeAddress, era: Era): OpenHostSession {
  return async (news) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/mcp`, ["mcp"], {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once("open", () => resolve());
      socket.once("error", reject);
    });
    return await openSession(ofSocket(socket), era, news);
  };
}

export function overHttp({ port, token }: NodeAddress, era: Era): OpenHostSession {
  return (news) => {
    const transport = new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    });
    return openSession(transport, era, news);
  };
}

export interface StdioProgram {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A server that the host starts itself, with this Node. */
export function overStdio(program: StdioProgram, era: Era): OpenHostSession {
  return (news) => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [...program.args],
      stderr: "ignore",
      ...(program.env === undefined ? {} : { env: { ...getDefaultEnvironment(), ...program.env } }),
      ...(program.cwd === undefined ? {} : { cwd: program.cwd }),
    });
    return openSession(transport, era, news);
  };
}

async function openSession(transport: Transport, era: Era, news: HostNews): Promise<HostSession> {
  const client = new Client(
    clientInfo,
    era === "2026-07-28" ? { versionNegotiation: { mode: { pin: era } } } : { versionNegotiation: { mode: "legacy" } },
  );
  const lost = Promise.withResolvers<void>();
  client.onclose = () => lost.resolve();
  for (const list of ["tools", "resources", "prompts"] as const)
    client.setNotificationHandler(`notifications/${list}/list_changed`, () => news.listChanged());
  await client.connect(transport, { timeout: CONNECT_TIMEOUT_MS });
  if (era === "2026-07-28") {
    const subscription = await client.listen({ toolsListChanged: true }, { timeout: CONNECT_TIMEOUT_MS });
    void subscription.closed.then((how) => void (how === "local" || news.subscriptionLost()));
  }
  return {
    lost: lost.promise,
    async call(call) {
      const request = { method: "tools/call" as const, params: paramsOf(call) };
      return answerOf(await client.request(request, { timeout: CALL_TIMEOUT_MS }));
    },
    close: () => client.close(),
  };
}

/** The line of the SDK before the present one, over Streamable HTTP. A host of it that is told 404 begins anew. */
export function overHttpWithOldSdk({ port, token }: NodeAddress): OpenHostSession {
  return async (news) => {
    const client = new OldClient(clientInfo);
    const transport = new OldHttpTransport(new URL(`http://127.0.0.1:${port}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    });
    const lost = Promise.withResolvers<void>();
    client.onclose = () => lost.resolve();
    client.fallbackNotificationHandler = async ({ method }) => {
      if (method.endsWith("/list_changed")) news.listChanged();
    };
    await client.connect(transport, { timeout: CONNECT_TIMEOUT_MS });
    return {
      lost: lost.promise,
      async call(call) {
        try {
          const result = await client.callTool(paramsOf(call), undefined, { timeout: CALL_TIMEOUT_MS });
          return answerOf(oldResultSchema.parse(result));
        } catch (error) {
          if (statusOf(error) === 404) lost.resolve();
          throw error;
        }
      },
      close: () => client.close(),
    };
  };
}

const oldResultSchema = z.object({
  isError: z.boolean().optional(),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  content: z.array(z.looseObject({ type: z.string() })),
});

function paramsOf({ tool, arguments: given, callId }: ToolCall) {
  const meta = callId === undefined ? {} : { _meta: { [callIdMetaKey]: callId } };
  return { name: tool, arguments: { ...given }, ...meta };
}

function answerOf(
  result: Pick<CallToolResult, "isError" | "structuredContent"> & { content: readonly unknown[] },
): ToolAnswer {
  const first: unknown = result.content[0];
  const text = typeof first === "object" && first !== null && "text" in first ? first.text : "";
  return { isError: result.isError === true, structured: result.structuredContent, text: String(text) };
}

function statusOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

/** A text frame per message; the SDK ships no WebSocket transport that sends a header. */
function ofSocket(socket: WebSocket): Transport {
  const transport: Transport = {
    start: async () => {
      socket.on("message", (data) => transport.onmessage?.(JSON.parse(String(data))));
      socket.on("close", () => transport.onclose?.());
      socket.on("error", (error) => transport.onerror?.(error));
    },
    send: (message) =>
      new Promise((resolve, reject) => {
        socket.send(JSON.stringify(message), (error) => (error instanceof Error ? reject(error) : resolve()));
      }),
    close: async () => {
      socket.close(1000);
      setTimeout(() => socket.terminate(), 1_000).unref();
    },
  };
  return transport;
}
