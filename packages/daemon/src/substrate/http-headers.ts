/** What the headers of a request to the MCP endpoint must and may say, whatever its body. */
import type { IncomingHttpHeaders } from "node:http";
import type { HttpRefusal } from "./http-answer.ts";

/** Forms of an answer the client takes. */
export interface Accepted {
  readonly json: boolean;
  readonly stream: boolean;
}

/** Undefined when the client takes neither form. Without a list, or with a wildcard, it is taken to want JSON. */
export function acceptedForms(headers: IncomingHttpHeaders): Accepted | undefined {
  const ranges = (headers.accept ?? "*/*").split(",").map((range) => (range.split(";")[0] ?? "").trim().toLowerCase());
  const json = ranges.some((range) => ["application/json", "application/*", "*/*"].includes(range));
  const stream = ranges.some((range) => ["text/event-stream", "text/*"].includes(range));
  return json || stream ? { json, stream } : undefined;
}

/** For a POST, before its body is read. */
export function checkPostHeaders(headers: IncomingHttpHeaders, maxBytes: number): HttpRefusal | undefined {
  const type = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") return { status: 415, message: "Send the message as application/json." };
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    return { status: 415, message: "Send the message without a content encoding." };
  }
  if (acceptedForms(headers) === undefined) {
    return { status: 406, message: "Accept application/json and text/event-stream." };
  }
  return Number(headers["content-length"] ?? 0) > maxBytes ? tooLarge(maxBytes) : undefined;
}

export function tooLarge(maxBytes: number): HttpRefusal {
  return { status: 413, message: `A message has at most ${maxBytes} bytes.` };
}

const requestHeaders = [
  "authorization",
  "content-type",
  "accept",
  "last-event-id",
  "mcp-session-id",
  "mcp-protocol-version",
  "mcp-method",
  "mcp-name",
] as const;

/** What a page of another, allowed origin needs to read the answer. */
export function corsHeaders(origin: string | undefined): Readonly<Record<string, string>> {
  if (origin === undefined) return { vary: "Origin" };
  return {
    vary: "Origin",
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "Mcp-Session-Id, WWW-Authenticate, Retry-After",
  };
}

/** Beside those of `corsHeaders`, the answer to a preflight. */
export function preflightHeaders(headers: IncomingHttpHeaders, methods: string): Readonly<Record<string, string>> {
  const asked = (headers["access-control-request-headers"] ?? "").split(",").map((name) => name.trim().toLowerCase());
  const parameters = asked.filter((name) => /^mcp-param-[a-z0-9-]{1,64}$/.test(name)).slice(0, 32);
  return {
    "access-control-allow-methods": methods,
    "access-control-allow-headers": [...requestHeaders, ...parameters].join(", "),
    "access-control-max-age": "600",
  };
}
