/** JSON-RPC 2.0 as far as the substrate looks into it: envelope, ids and method names, never what they mean. */
import { z } from "zod";

export const requestIdSchema = z.union([z.string().max(256), z.number()]);
export type RequestId = z.infer<typeof requestIdSchema>;

const paramsSchema = z.record(z.string(), z.unknown());

export const jsonRpcRequestSchema = z.strictObject({
  jsonrpc: z.literal("2.0"),
  id: requestIdSchema,
  method: z.string().min(1).max(256),
  params: paramsSchema.optional(),
});
export const jsonRpcNotificationSchema = z.strictObject({
  jsonrpc: z.literal("2.0"),
  method: z.string().min(1).max(256),
  params: paramsSchema.optional(),
});
export const jsonRpcResultSchema = z.strictObject({
  jsonrpc: z.literal("2.0"),
  id: requestIdSchema,
  result: paramsSchema,
});
export const jsonRpcErrorSchema = z.strictObject({
  jsonrpc: z.literal("2.0"),
  id: requestIdSchema.nullable().optional(),
  error: z.looseObject({ code: z.int(), message: z.string(), data: z.unknown().optional() }),
});
export const jsonRpcMessageSchema = z.union([
  jsonRpcRequestSchema,
  jsonRpcNotificationSchema,
  jsonRpcResultSchema,
  jsonRpcErrorSchema,
]);

export type JsonRpcRequest = z.infer<typeof jsonRpcRequestSchema>;
export type JsonRpcNotification = z.infer<typeof jsonRpcNotificationSchema>;
export type JsonRpcResult = z.infer<typeof jsonRpcResultSchema>;
export type JsonRpcError = z.infer<typeof jsonRpcErrorSchema>;
export type JsonRpcMessage = z.infer<typeof jsonRpcMessageSchema>;
export type JsonRpcResponse = JsonRpcResult | JsonRpcError;

/** Codes of the substrate's own answers. -32000…-32099 is the range JSON-RPC leaves to implementations. */
export const rpcCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  /** Of MCP: the request needs something its client did not declare. */
  missingCapability: -32021,
  /** Of MCP: impl does not speak the version the request names. */
  unsupportedVersion: -32022,
  /** Of MCP over HTTP: what the headers say is not what the body says. */
  headerMismatch: -32020,
  /** Of MCP over HTTP: refused for a reason of HTTP's, told by the status. */
  refused: -32000,
  /** Of MCP over HTTP: there is no session of this id, or it is another actor's. */
  noSession: -32001,
  /** Every impl that was given the call ended over it: asking again does not help. */
  internalError: -32603,
  /** The node's logic is restarting or leaving; the call was or will be settled under its call id. */
  unavailable: -32010,
  limitExceeded: -32029,
} as const;

export function rpcError(
  id: RequestId | null,
  code: number,
  message: string,
  data?: Readonly<Record<string, unknown>>,
): JsonRpcError {
  return { jsonrpc: "2.0", id, error: data === undefined ? { code, message } : { code, message, data } };
}

export function isRequest(message: JsonRpcMessage): message is JsonRpcRequest {
  return "method" in message && "id" in message;
}
export function isResponse(message: JsonRpcMessage): message is JsonRpcResponse {
  return !("method" in message);
}
