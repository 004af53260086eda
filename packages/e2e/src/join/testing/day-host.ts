/**
 * The host of an agent from outside, on the SDK's client: connects, calls tools, and when an answer is lost or the node
 * is away asks again under the same call id, as the tools tell one to. It notes down what was said on both sides.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { callIdMetaKey } from "@federation/mcp";
import { type CallToolResult, Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { z } from "zod";
import { type JoinNode, repository } from "./join-node.ts";

export type DayWay = "stdio stub, 2025-11-25" | "HTTP, 2026-07-28";

export interface DayHost {
  /** Revision of the protocol that was agreed on. */
  readonly protocol: string;
  /** What the host saw of its connection: sessions begun, connections it lost. */
  readonly seen: { readonly opened: number; lost: number };
  /** Calls that were sent more than once before they were answered. */
  readonly repeated: readonly string[];
  /** Answers the tool's structured content. @throws Refused when the node refuses the call. */
  call<T extends z.ZodType>(
    answer: T,
    name: string,
    given: Readonly<Record<string, unknown>>,
    callId?: string,
  ): Promise<z.infer<T>>;
  prompt(name: string): Promise<string>;
  close(): Promise<void>;
}

export class Refused extends Error {}

const callMs = 90_000;
const pauseMs = 200;

const errorSchema = z.looseObject({
  "federation/error": z.looseObject({ code: z.string(), message: z.string(), details: z.looseObject({}).optional() }),
});

export async function startDayHost(
  way: DayWay,
  node: JoinNode,
  { token, tokenFile }: { readonly token: string; readonly tokenFile: string },
): Promise<DayHost> {
  const seen = { opened: 0, lost: 0 };
  const repeated: string[] = [];
  const mode = way === "HTTP, 2026-07-28" ? { pin: "2026-07-28" } : ("legacy" as const);
  const client = new Client({ name: "copilot-1", version: "1.0.0" }, { versionNegotiation: { mode } });
  let closing = false;
  client.onclose = () => {
    if (!closing) seen.lost++;
  };
  await client.connect(
    way === "HTTP, 2026-07-28"
      ? new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${node.port}/mcp`), {
          requestInit: { headers: { Authorization: `Bearer ${token}` } },
        })
      : new StdioClientTransport({
          command: `${repository}/deploy/bin/node24`,
          args: [
            "packages/daemon/bin/federation.mjs",
            "mcp",
            ...["--url", `ws://127.0.0.1:${node.port}/mcp`],
            ...["--token-file", tokenFile],
          ],
          stderr: "ignore",
        }),
  );
  seen.opened++;

  /** Undefined: ask again. */
  async function attempt(
    name: string,
    given: Readonly<Record<string, unknown>>,
    callId: string,
  ): Promise<CallToolResult | undefined> {
    let result: CallToolResult;
    try {
      const params = { name, arguments: { ...given }, _meta: { [callIdMetaKey]: callId } };
      result = await client.callTool(params, { timeout: callMs });
    } catch {
      // The connection was refused or cut: whether the call was carried out is for its id to say.
      return undefined;
    }
    if (result.isError !== true) return result;
    const { code, message } = errorSchema.parse(result._meta)["federation/error"];
    if (code === "unavailable") return undefined;
    throw new Refused(`${code}: ${message}`);
  }

  return {
    protocol: client.getNegotiatedProtocolVersion() ?? "none",
    seen,
    repeated,
    async call(answer, name, given, callId = randomUUID()) {
      const endMs = performance.now() + callMs;
      for (let tries = 1; ; tries++) {
        const result = await attempt(name, given, callId);
        if (result !== undefined) {
          if (tries > 1) repeated.push(name);
          return answer.parse(result.structuredContent);
        }
        if (performance.now() > endMs) throw new Error(`${name} was not answered within ${callMs} ms`);
        await sleep(pauseMs);
      }
    },
    async prompt(name) {
      const { messages } = await client.getPrompt({ name });
      return messages.map(({ content }) => (content.type === "text" ? content.text : "")).join("\n");
    },
    async close() {
      closing = true;
      await client.close();
    },
  };
}
