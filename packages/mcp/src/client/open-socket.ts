import type { IncomingHttpHeaders } from "node:http";
import { type ErrorCode, MeshError } from "@federation/core";
import { WebSocket } from "ws";

export interface SocketTarget {
  /** `ws://127.0.0.1:PORT/mcp` or `wss://…`. */
  readonly url: string;
  readonly token: string;
  /** Allows `ws:` to another machine, where the token can be read on the way. */
  readonly insecure: boolean;
  readonly handshakeMs: number;
  readonly signal: AbortSignal;
  /** Said to the node besides the credential. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with what the node says when it opens the socket. */
  readonly onHeaders?: (headers: IncomingHttpHeaders) => void;
}

/** Frames of answers: a mission with all its files fits. */
const maxPayloadBytes = 64 * 1024 * 1024;

/**
 * Opens the socket, credential in the header.
 * @throws MeshError `config_invalid` (unfit URL), `unauthenticated`, `forbidden`, `limit_exceeded` or `unavailable`.
 */
export function openSocket(target: SocketTarget): Promise<WebSocket> {
  const url = checkUrl(target);
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ["mcp"], {
      headers: { ...target.headers, authorization: `Bearer ${target.token}` },
      handshakeTimeout: target.handshakeMs,
      maxPayload: maxPayloadBytes,
      perMessageDeflate: false,
    });
    const abort = () => socket.terminate();
    const done = () => target.signal.removeEventListener("abort", abort);
    target.signal.addEventListener("abort", abort, { once: true });
    if (target.signal.aborted) abort();
    socket.once("upgrade", ({ headers }) => target.onHeaders?.(headers));
    socket.once("open", () => {
      done();
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.on("error", (error) => {
      done();
      reject(new MeshError("unavailable", `No node answers at ${target.url} (${error.message}).`, { cause: error }));
    });
    socket.once("unexpected-response", (request, response) => {
      done();
      request.destroy();
      reject(refusal(response.statusCode ?? 0, target.url));
    });
  });
}

function checkUrl({ url, insecure }: SocketTarget): URL {
  if (!URL.canParse(url))
    throw new MeshError("config_invalid", `"${url}" is no URL; it looks like ws://127.0.0.1:7400/mcp.`);
  const parsed = new URL(url);
  if (parsed.protocol !== "ws:" && parsed.protocol !== "wss:") {
    throw new MeshError("config_invalid", `"${url}" must begin with ws:// or wss://.`);
  }
  if (parsed.protocol === "ws:" && !insecure && !isLoopbackUrl(parsed)) {
    throw new MeshError(
      "config_invalid",
      `"${url}" would send the token in plain text to another machine; use wss://.`,
    );
  }
  return parsed;
}

/** Whether it can only be this machine. */
export function isLoopbackUrl({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

const codeOfStatus: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  401: ["unauthenticated", "does not know this token; take a live one"],
  403: ["forbidden", "does not let this token in"],
  429: ["limit_exceeded", "has too many sessions open; close one or wait"],
};

function refusal(status: number, url: string): MeshError {
  const [code, what] = codeOfStatus[status] ?? [
    "unavailable",
    `answers with HTTP status ${status}; it may be starting`,
  ];
  return new MeshError(code, `The node at ${url} ${what}.`, { details: { status } });
}
