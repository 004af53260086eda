/**
 * Ids of server-sent events: which session, which stream of it, which event. On the stream of a call they also name the
 * call, so that a daemon that has never seen it can still say what became of it.
 */
import { z } from "zod";
import { callIdMetaKey } from "./impl-protocol.ts";
import { type JsonRpcRequest, requestIdSchema } from "./json-rpc.ts";
import { isFields } from "./own-answer.ts";

/** The stream of everything that belongs to no call. */
export const generalStream = "g";
const maxCallLength = 1024;

const callSchema = z.strictObject({
  id: requestIdSchema,
  method: z.string().min(1).max(256),
  callId: z.string().max(256).optional(),
});

export interface EventId {
  /** Names one session in one run of the daemon. */
  readonly tag: string;
  readonly stream: string;
  readonly number: number;
  /** As much of the request as tells what to ask again. */
  readonly call: JsonRpcRequest | undefined;
}

/** The part of an id that all events of a stream share. */
export function eventIdPrefix(tag: string, stream: string): string {
  return `${tag}.${stream}.`;
}

/** The part of an id that names a call, or nothing where that gets too long. */
export function eventIdCall(request: JsonRpcRequest): string {
  const meta = request.params?.["_meta"];
  const callId = isFields(meta) ? meta[callIdMetaKey] : undefined;
  const text = JSON.stringify({ id: request.id, method: request.method, callId });
  const encoded = Buffer.from(text, "utf8").toString("base64url");
  return encoded.length <= maxCallLength ? `.${encoded}` : "";
}

/** Undefined for what was never an id of ours. */
export function readEventId(text: string): EventId | undefined {
  const parts = /^([0-9a-f]{8})\.(g|[0-9]{1,9})\.([0-9]{1,12})(?:\.([A-Za-z0-9_-]{1,1024}))?$/.exec(text);
  const [, tag, stream, number, encoded] = parts ?? [];
  if (tag === undefined || stream === undefined) return undefined;
  return { tag, stream, number: Number(number), call: encoded === undefined ? undefined : readCall(encoded) };
}

function readCall(encoded: string): JsonRpcRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(encoded, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
  const call = callSchema.safeParse(value);
  if (!call.success) return undefined;
  const { id, method, callId } = call.data;
  return { jsonrpc: "2.0", id, method, params: { _meta: { [callIdMetaKey]: callId } } };
}
