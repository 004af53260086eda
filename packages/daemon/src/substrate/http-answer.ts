/** How HTTP requests to the node are answered that are not answered by impl: a status, and one sentence why. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type JsonRpcMessage, type RequestId, rpcCodes, rpcError } from "./json-rpc.ts";

export interface HttpRefusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 406 | 413 | 415 | 429 | 500 | 503;
  readonly message: string;
  /** Of JSON-RPC; otherwise what the status says. */
  readonly code?: number;
  readonly id?: RequestId | null;
}

const codes: Readonly<Partial<Record<HttpRefusal["status"], number>>> = {
  400: rpcCodes.invalidRequest,
  404: rpcCodes.noSession,
  413: rpcCodes.limitExceeded,
  429: rpcCodes.limitExceeded,
  500: rpcCodes.internalError,
  503: rpcCodes.unavailable,
};

export const allowedMethods = "GET, POST, DELETE";

/** Answers with an error, and keeps the connection only if nothing of the request is left to be read. */
export function answerRefusal(request: IncomingMessage, response: ServerResponse, refusal: HttpRefusal): void {
  if (response.headersSent || response.destroyed) return;
  const { status, message, id = null } = refusal;
  const error = rpcError(id, refusal.code ?? codes[status] ?? rpcCodes.refused, message);
  if (status === 401) response.setHeader("www-authenticate", challenge(request));
  if (status === 405) response.setHeader("allow", allowedMethods);
  if (!request.complete) response.setHeader("connection", "close");
  answerMessage(response, error, status);
}

export function answerMessage(response: ServerResponse, message: JsonRpcMessage, status = 200): void {
  if (response.headersSent || response.destroyed) return;
  if (status === 429 || status === 503) response.setHeader("retry-after", "1");
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(message));
}

export function answerAccepted(response: ServerResponse): void {
  if (!response.headersSent && !response.destroyed) response.writeHead(202).end();
}

function challenge(request: IncomingMessage): string {
  return request.headers.authorization === undefined ? "Bearer" : 'Bearer error="invalid_token"';
}
