/**
 * Is a new impl of any use? Asked by real calls of a client in a session of its own, before any other sees it:
 * `initialize`, `tools/list`, and the tool that every node has.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { ImplProcess } from "./impl-process.ts";
import { probeCredential } from "./impl-protocol.ts";
import { isResponse, type JsonRpcMessage, type JsonRpcResponse, type RequestId } from "./json-rpc.ts";

const statusTool = "get_status";

const initializedSchema = z.looseObject({ protocolVersion: z.string(), serverInfo: z.looseObject({}) });
const toolsSchema = z.looseObject({
  tools: z
    .array(z.looseObject({ name: z.string().min(1), inputSchema: z.looseObject({ type: z.literal("object") }) }))
    .refine((tools) => tools.some(({ name }) => name === statusTool), `there is no tool ${statusTool}`),
});
const calledSchema = z.looseObject({ content: z.array(z.unknown()), isError: z.literal(false).optional() });

export interface Probe {
  readonly session: string;
  /** A message of impl to this session. */
  receive(message: JsonRpcMessage): void;
  /** Null when all is well, otherwise what is not. Does not resolve while impl does not answer. */
  readonly failure: Promise<string | null>;
}

export function probeImpl(impl: ImplProcess, actor: string): Probe {
  const session = randomUUID();
  const waiting = new Map<RequestId, (answer: JsonRpcResponse) => void>();
  const post = (message: JsonRpcMessage) => impl.send({ type: "session-message", session, message });

  async function ask(method: string, params: Record<string, unknown>, schema: z.ZodType): Promise<string | null> {
    const id = `probe:${method}`;
    const answered = new Promise<JsonRpcResponse>((resolve) => waiting.set(id, resolve));
    post({ jsonrpc: "2.0", id, method, params });
    const answer = await answered;
    if ("error" in answer) return `It answers ${method} with an error: ${answer.error.message}`;
    const parsed = schema.safeParse(answer.result);
    if (parsed.success) return null;
    const [issue] = parsed.error.issues;
    return `Its answer to ${method} is wrong: ${issue?.path.join(".")}: ${issue?.message}`;
  }

  async function run(): Promise<string | null> {
    impl.send({ type: "session-open", session, actor, credential: probeCredential, resumed: false, surface: null });
    const clientInfo = { name: "federationd", version: "0" };
    const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
    const begun = await ask("initialize", hello, initializedSchema);
    if (begun !== null) return begun;
    post({ jsonrpc: "2.0", method: "notifications/initialized" });
    return (
      (await ask("tools/list", {}, toolsSchema)) ??
      (await ask("tools/call", { name: statusTool, arguments: {} }, calledSchema))
    );
  }

  const failure = run().finally(() => impl.send({ type: "session-close", session, reason: "client_left" }));
  return {
    session,
    receive: (message) => {
      if (isResponse(message) && message.id != null) waiting.get(message.id)?.(message);
    },
    failure,
  };
}
