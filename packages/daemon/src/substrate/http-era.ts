/**
 * Which era of MCP a POST speaks, by envelope and headers alone, and whether the two agree.
 *
 * 1. The body decides: a request that names a protocol version in its `_meta` stands alone (2026-07-28 and later), any
 *    other belongs to a session (2025-11-25 and earlier). A header never changes that, it only has to agree.
 * 2. Of a request that stands alone, the headers by which an intermediary may have judged it say what the body says.
 * 3. A version this program has never heard of goes on to impl, which knows what it supports.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isRequest, isResponse, type JsonRpcMessage, type JsonRpcRequest, rpcCodes } from "./json-rpc.ts";
import { isFields } from "./own-answer.ts";

const firstStandaloneVersion = "2026-07-28";
/** Revisions with sessions. A header may name these only. */
const sessionVersions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"] as const;

const versionKey = "io.modelcontextprotocol/protocolVersion";
const capabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
const clientInfoKey = "io.modelcontextprotocol/clientInfo";

/** Which field of the body `Mcp-Name` repeats. */
const nameFields: ReadonlyMap<string, string> = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
  ["tasks/get", "taskId"],
  ["tasks/update", "taskId"],
  ["tasks/cancel", "taskId"],
]);

export type PostRoute =
  | { readonly kind: "call"; readonly request: JsonRpcRequest }
  | { readonly kind: "session" }
  /** A notification that stands alone: there is nothing it could be about. */
  | { readonly kind: "void" }
  | { readonly kind: "refused"; readonly code: number; readonly message: string };

export function routePost(message: JsonRpcMessage, headers: IncomingHttpHeaders): PostRoute {
  const version = headerOf(headers, "mcp-protocol-version");
  const standsAlone = version !== undefined && isStandalone(version);
  if (isRequest(message)) return routeRequest(message, headers, version, standsAlone);
  if (isResponse(message)) {
    return standsAlone ? refuse(rpcCodes.invalidRequest, "This protocol version knows no posted responses.") : session;
  }
  const claim = metaOf(message.params)?.[versionKey];
  if (!standsAlone && !(typeof claim === "string" && isStandalone(claim))) return session;
  return methodMismatch(message.method, headers) ?? { kind: "void" };
}

/** For what belongs to a session: the header, if any, names a version that has sessions. */
export function checkSessionVersion(headers: IncomingHttpHeaders): string | undefined {
  const version = headerOf(headers, "mcp-protocol-version");
  if (version === undefined || sessionVersions.some((known) => known === version)) return undefined;
  return `This MCP-Protocol-Version has no sessions here; known are ${sessionVersions.join(", ")}.`;
}

/** Before it, an event without data is an error to clients. */
export function knowsEmptyEvents(version: string | undefined): boolean {
  return version !== undefined && version >= "2025-11-25";
}

export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value.trim() : undefined;
}

function routeRequest(
  message: JsonRpcRequest,
  headers: IncomingHttpHeaders,
  version: string | undefined,
  standsAlone: boolean,
): PostRoute {
  const meta = metaOf(message.params);
  const claim = meta?.[versionKey];
  if (message.method === "initialize" && !(typeof claim === "string" && isStandalone(claim))) {
    return standsAlone ? mismatch("initialize belongs to versions before the one MCP-Protocol-Version names") : session;
  }
  if (meta === undefined || !Object.hasOwn(meta, versionKey)) {
    return standsAlone ? refuse(rpcCodes.invalidParams, `params._meta must hold ${versionKey}.`) : session;
  }
  if (typeof claim !== "string") return refuse(rpcCodes.invalidParams, `_meta: ${versionKey} must be a string.`);
  if (!isFields(meta[capabilitiesKey])) {
    return refuse(rpcCodes.invalidParams, `_meta: ${capabilitiesKey} must be an object.`);
  }
  if (meta[clientInfoKey] !== undefined && !isFields(meta[clientInfoKey])) {
    return refuse(rpcCodes.invalidParams, `_meta: ${clientInfoKey} must be an object.`);
  }
  if (version === undefined) return mismatch("MCP-Protocol-Version is missing");
  if (version !== claim) return mismatch("MCP-Protocol-Version and the version in _meta differ");
  if (headers["mcp-method"] === undefined) return mismatch("Mcp-Method is missing");
  return (
    methodMismatch(message.method, headers) ?? nameMismatch(message, headers) ?? { kind: "call", request: message }
  );
}

function methodMismatch(method: string, headers: IncomingHttpHeaders): PostRoute | undefined {
  const named = headerOf(headers, "mcp-method");
  return named === undefined || named === method ? undefined : mismatch("Mcp-Method and the method differ");
}

function nameMismatch(message: JsonRpcRequest, headers: IncomingHttpHeaders): PostRoute | undefined {
  const field = nameFields.get(message.method);
  const expected = field === undefined ? undefined : message.params?.[field];
  const given = headerOf(headers, "mcp-name");
  if (field === undefined || (given === undefined && typeof expected !== "string")) return undefined;
  if (given === undefined) return mismatch("Mcp-Name is missing");
  const name = decodeHeader(given);
  if (name === undefined) return mismatch("Mcp-Name is no valid Base64");
  return typeof expected === "string" && name !== expected
    ? mismatch(`Mcp-Name and params.${field} differ`)
    : undefined;
}

/** A value that fits no header is sent as `=?base64?…?=`. Undefined where that holds no Base64 of UTF-8. */
function decodeHeader(value: string): string | undefined {
  const encoded = /^=\?base64\?(.*)\?=$/i.exec(value)?.[1];
  if (encoded === undefined) return value;
  const bytes = Buffer.from(encoded, "base64");
  const text = bytes.toString("utf8");
  return bytes.toString("base64") === encoded && Buffer.from(text, "utf8").equals(bytes) ? text : undefined;
}

/** A date, or something of a later fashion: either sorts behind. */
function isStandalone(version: string): boolean {
  return version >= firstStandaloneVersion;
}

function metaOf(params: JsonRpcRequest["params"]): Record<string, unknown> | undefined {
  const meta = params?.["_meta"];
  return isFields(meta) ? meta : undefined;
}

const session: PostRoute = { kind: "session" };

function refuse(code: number, message: string): PostRoute {
  return { kind: "refused", code, message };
}

function mismatch(what: string): PostRoute {
  return refuse(rpcCodes.headerMismatch, `Headers and body disagree: ${what}.`);
}
