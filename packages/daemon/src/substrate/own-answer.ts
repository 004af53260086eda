/**
 * What a stub answers in place of a node that cannot.
 *
 * 1. A `tools/call` is answered with a tool result that says `isError`, in the form of the tools' own errors, so that
 *    the model at the other end reads what happened and what to do; any other method with a JSON-RPC error.
 * 2. Either way the call id is in it: under that id the outcome is recorded, if there is one.
 */
import { randomUUID } from "node:crypto";
import type { ErrorCode } from "@federation/core";
import { callIdMetaKey } from "./impl-protocol.ts";
import { type JsonRpcRequest, type JsonRpcResponse, rpcCodes, rpcError } from "./json-rpc.ts";

/** Key in `_meta` of a tool result under which a tool's error stands as data. */
export const errorMetaKey = "federation/error";

/** Every tool call has an id its outcome is recorded under: the caller's own, or one made here, once. */
export function withCallId(message: JsonRpcRequest): JsonRpcRequest {
  if (message.method !== "tools/call" || callIdOf(message) !== undefined) return message;
  const meta = message.params?.["_meta"];
  const withId = { ...(isFields(meta) ? meta : {}), [callIdMetaKey]: randomUUID() };
  return { ...message, params: { ...message.params, _meta: withId } };
}

/** The node is away or leaving: the call was or will be settled under its call id. */
export function awayAnswer(
  request: JsonRpcRequest,
  why: string,
  facts: { readonly leaving?: true } = {},
): JsonRpcResponse {
  const ask = "Ask again under the same call id: if it went through meanwhile, its recorded outcome is the answer.";
  // Tells a program that the stub speaks, not a tool: asking again is all there is to it.
  return ownAnswer(request, { rpc: rpcCodes.unavailable, tool: "unavailable" }, `${why} ${ask}`, {
    node: "away",
    ...facts,
  });
}

/** A node that leaves gave this answer in the stead of its logic: the next one it is asked from has the real one. */
export function saysLeaving(answer: JsonRpcResponse): boolean {
  const meta = "result" in answer ? answer.result["_meta"] : undefined;
  const error = isFields(meta) ? meta[errorMetaKey] : undefined;
  const details = "error" in answer ? answer.error.data : isFields(error) ? error["details"] : undefined;
  return isFields(details) && details["node"] === "away" && details["leaving"] === true;
}

/** Each impl that was given the call ended over it. */
export function poisonAnswer(request: JsonRpcRequest): JsonRpcResponse {
  const text = "The node's logic ended each time it was given this call.";
  return ownAnswer(request, { rpc: rpcCodes.internalError, tool: "internal" }, text, {});
}

function ownAnswer(
  request: JsonRpcRequest,
  code: { readonly rpc: number; readonly tool: ErrorCode },
  message: string,
  facts: Readonly<Record<string, unknown>>,
): JsonRpcResponse {
  const callId = callIdOf(request);
  const details = callId === undefined ? facts : { callId, ...facts };
  if (request.method !== "tools/call") return rpcError(request.id, code.rpc, message, details);
  const result = {
    // Clients of the 2026-07-28 era demand it; the others do not mind.
    resultType: "complete",
    isError: true,
    content: [{ type: "text", text: `${code.tool}: ${message}\n${JSON.stringify(details)}` }],
    _meta: { [errorMetaKey]: { code: code.tool, message, details } },
  };
  return { jsonrpc: "2.0", id: request.id, result };
}

function callIdOf(request: JsonRpcRequest): unknown {
  const meta = request.params?.["_meta"];
  return isFields(meta) ? meta[callIdMetaKey] : undefined;
}

export function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
