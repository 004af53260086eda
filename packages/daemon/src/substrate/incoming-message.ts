/**
 * From the bytes of one WebSocket message to one JSON-RPC message, or to the error that answers it.
 *
 * 1. What is nested deeper than `maxDepth` goes no further: serialising it again could exhaust the stack. That is
 *    more than the mesh takes, since that refusal is impl's to say.
 * 2. The answer to a bad message holds none of it but its id.
 */
import { jsonDepth } from "@federation/core";
import {
  type JsonRpcError,
  type JsonRpcMessage,
  jsonRpcMessageSchema,
  requestIdSchema,
  rpcCodes,
  rpcError,
} from "./json-rpc.ts";

export const maxMessageBytes = 1024 * 1024;
const maxDepth = 100;

export type Incoming =
  | { readonly kind: "message"; readonly message: JsonRpcMessage }
  | { readonly kind: "malformed"; readonly answer: JsonRpcError };

export function parseIncoming(data: Buffer, isBinary: boolean): Incoming {
  if (isBinary) return malformed(rpcCodes.invalidRequest, "Messages are text: one JSON-RPC message each.");
  const text = data.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed(rpcCodes.parseError, "Not JSON.");
  }
  if (Array.isArray(value)) return malformed(rpcCodes.invalidRequest, "Batches are not taken: one message at a time.");
  if (jsonDepth(text) > maxDepth) {
    return malformed(rpcCodes.invalidRequest, `Nested deeper than ${maxDepth} levels.`, idOf(value));
  }
  const parsed = jsonRpcMessageSchema.safeParse(value);
  if (parsed.success) return { kind: "message", message: parsed.data };
  return malformed(rpcCodes.invalidRequest, "Not a JSON-RPC 2.0 message.", idOf(value));
}

function idOf(value: unknown): string | number | null {
  const id = requestIdSchema.safeParse(typeof value === "object" && value !== null ? Reflect.get(value, "id") : null);
  return id.success ? id.data : null;
}

function malformed(code: number, text: string, id: string | number | null = null): Incoming {
  return { kind: "malformed", answer: rpcError(id, code, text) };
}
