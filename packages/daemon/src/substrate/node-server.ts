/**
 * The node's one port: health, metrics, MCP over HTTP, and the upgrade to a session.
 *
 * 1. `/healthz` says that the substrate lives, `/readyz` that the node does its work. Neither waits for anything.
 * 2. A session begins only after impl named the actor behind the token; the substrate holds no list of its own. A page,
 *    which cannot see the status of an upgrade, is told by a close code that what it shows is good no more, or that its
 *    actor has no room. A node without room for anybody uses up no ticket.
 * 3. Whoever is slow to say what it wants is dropped: headers have five seconds, a body ten.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { MeshError } from "@federation/core";
import type { Log } from "@federation/runtime/ports";
import { type WebSocket, WebSocketServer } from "ws";
import {
  type AdmissionRules,
  checkSource,
  checkUpgrade,
  isOwnPage,
  mcpPath,
  mcpSubprotocol,
  parseTarget,
  type Refusal,
  surfaceHeader,
  surfaceOf,
} from "./admission.ts";
import { Authenticator, type Who } from "./authenticator.ts";
import { answerRefusal } from "./http-answer.ts";
import { HttpEndpoint } from "./http-endpoint.ts";
import { corsHeaders } from "./http-headers.ts";
import type { ImplSupervisor } from "./impl-supervisor.ts";
import { maxMessageBytes } from "./incoming-message.ts";
import { answerPortal, type PortalAnswer } from "./portal-files.ts";
import type { HubLimits, SessionHub } from "./session-hub.ts";
import { openWebSocketSession } from "./web-socket-wire.ts";

const handshakeMs = 5000;
const farewellMs = 1000;
/** For a page: what it showed is good no more. Unlike the end of an open session (4401) there is nothing to come back to. */
const gone: Farewell = { code: 4410, reason: "This page is let in no more; take a new ticket." };
/** For a page: what it showed was good, and a ticket is used by it. */
const crowdedCode = 4429;

export interface NodeServerOptions {
  readonly rules: AdmissionRules;
  readonly hub: SessionHub;
  readonly impls: ImplSupervisor;
  readonly limits: HubLimits;
  /** Folder of the portal's built files; undefined: this node serves none. */
  readonly portalFolder: string | undefined;
  /** The body of `/metrics`. */
  readonly metricsText: () => Promise<string>;
  readonly log: Log;
  readonly nowMs: () => number;
  /** The body of `/readyz`. */
  readonly readiness: () => Readiness;
}

export interface Readiness {
  readonly ready: boolean;
  readonly [part: string]: unknown;
}

export class NodeServer {
  /** Attempts to open a session, by the HTTP status they ended with. */
  readonly upgrades = new Map<number, number>();
  /** Requests to the MCP endpoint, by the HTTP status of their answer. */
  readonly requests = new Map<number, number>();
  readonly endpoint: HttpEndpoint;
  readonly #options: NodeServerOptions;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #authenticator: Authenticator;
  #leaving = false;

  constructor(options: NodeServerOptions) {
    this.#options = options;
    this.#authenticator = new Authenticator(options);
    this.endpoint = new HttpEndpoint({
      ...options,
      authenticator: this.#authenticator,
      surface: () => options.impls.current?.surface ?? null,
    });
    this.#http = createServer(
      { headersTimeout: handshakeMs, requestTimeout: 2 * handshakeMs, connectionsCheckingInterval: 1000 },
      (request, response) =>
        void this.#answer(request, response).catch((error: unknown) => this.#failed(error, response)),
    );
    this.#http.maxConnections = 1024;
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
      clientTracking: false,
      handleProtocols: () => mcpSubprotocol,
    });
    this.#sockets.on("headers", (headers) => {
      const surface = options.impls.current?.surface;
      if (surface !== undefined && surface !== null) headers.push(`${surfaceHeader}: ${surface}`);
    });
    this.#http.on(
      "upgrade",
      (request, socket, head) =>
        void this.#upgrade(request, socket, head).catch((error: unknown) => this.#failed(error, socket)),
    );
  }

  /** @throws MeshError `unavailable` when the port is taken or may not be used. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#http.once("error", (error) => reject(listenError(error, host, port)));
      this.#http.listen(port, host, () => resolve(portOf(this.#http.address()) ?? port));
    });
  }

  /** Takes no new connections and no new sessions. */
  leave(): void {
    this.#leaving = true;
    this.endpoint.leave();
    this.#http.close();
    this.#http.closeIdleConnections();
  }

  close(): void {
    this.endpoint.close();
    this.#http.closeAllConnections();
    this.#sockets.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = parseTarget(request.url)?.pathname;
    const { rules } = this.#options;
    const refusal = checkSource(request.headers, rules);
    if (path === mcpPath) {
      response.once("close", () => count(this.requests, response.statusCode));
      if (refusal !== undefined) return answerRefusal(request, response, refusal);
      const elsewhere = isOwnPage(request.headers, rules) ? undefined : request.headers.origin;
      for (const [name, value] of Object.entries(corsHeaders(elsewhere))) response.setHeader(name, value);
      return this.endpoint.answer(request, response);
    }
    if (refusal !== undefined) return json(response, refusal.status, { error: refusal.message });
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return json(response, 405, { error: "Use GET." });
    }
    switch (path) {
      case "/healthz":
        return json(response, 200, { status: "ok" });
      case "/readyz": {
        const readiness = this.#options.readiness();
        return json(response, readiness.ready ? 200 : 503, readiness);
      }
      case "/metrics": {
        const text = await this.#options.metricsText();
        response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }).end(text);
        return;
      }
      default: {
        const { portalFolder } = this.#options;
        const portal = portalFolder === undefined ? undefined : await answerPortal(portalFolder, path ?? "");
        if (portal !== undefined) return file(response, portal);
        const known = `/healthz, /readyz, /metrics${portalFolder === undefined ? "" : ", /portal/"} and /mcp`;
        return json(response, 404, { error: `Known here: ${known}.` });
      }
    }
  }

  /** A defect costs the request it met, and nobody else. */
  #failed(error: unknown, stream: ServerResponse | Duplex): void {
    this.#options.log.error({ error }, "A request met a defect.");
    stream.destroy();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // A socket that fails before it is a session: nothing to do but not to crash.
    socket.on("error", () => socket.destroy());
    const admitted = await this.#admit(request);
    if ("refusal" in admitted) {
      count(this.upgrades, admitted.refusal.status);
      const { toPage } = admitted;
      if (toPage === undefined) deny(socket, admitted.refusal);
      else this.#sockets.handleUpgrade(request, socket, head, (opened) => turnAway(opened, toPage));
      return;
    }
    if (socket.destroyed) return;
    this.#sockets.handleUpgrade(request, socket, head, (opened) => {
      count(this.upgrades, 101);
      const who = { ...admitted, surface: surfaceOf(request.headers) };
      openWebSocketSession(this.#options.hub, opened, who, this.#options.log);
    });
  }

  async #admit(request: IncomingMessage): Promise<Admitted> {
    const { rules, hub } = this.#options;
    if (this.#leaving) return refuse(503, "The node is leaving.");
    const source = checkSource(request.headers, rules);
    if (source !== undefined) return { refusal: source };
    const check = checkUpgrade(request.url, request.headers);
    if ("refusal" in check) return check;
    const isPage = check.credential.kind !== "bearer";
    // Before anything is redeemed: a ticket is good once.
    const crowded = hub.refusal(undefined);
    if (crowded !== undefined) return refuse(503, crowded);
    const asker = { origin: request.headers.origin, remoteAddress: request.socket.remoteAddress ?? "unknown" };
    const answer = await this.#authenticator.admit(check.credential, asker, handshakeMs);
    if ("refusal" in answer) return isPage && answer.refusal.status === 401 ? { ...answer, toPage: gone } : answer;
    const full = hub.refusal(answer.actor);
    if (full === undefined) return answer;
    return { ...refuse(503, full), ...(isPage ? { toPage: { code: crowdedCode, reason: full } } : {}) };
  }
}

/** What a page is told after an upgrade that only tells it so. */
interface Farewell {
  readonly code: number;
  readonly reason: string;
}
/** `toPage`: it is a page that waits for this refusal, and a status would leave it with what it showed. */
type Admitted = Who | { readonly refusal: Refusal; readonly toPage?: Farewell };

function turnAway(opened: WebSocket, { code, reason }: Farewell): void {
  opened.on("error", () => opened.terminate());
  const late = setTimeout(() => opened.terminate(), farewellMs);
  opened.on("close", () => clearTimeout(late));
  opened.close(code, reason);
}

const reasons = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  429: "Too Many Requests",
  503: "Service Unavailable",
} as const;

function refuse(status: Refusal["status"], message: string): { readonly refusal: Refusal } {
  return { refusal: { status, message } };
}

function deny(socket: Duplex, refusal: Refusal): void {
  if (socket.destroyed) return;
  const body = JSON.stringify({ error: refusal.message });
  const lines = [
    `HTTP/1.1 ${refusal.status} ${reasons[refusal.status]}`,
    "Connection: close",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(refusal.status === 401 ? ["WWW-Authenticate: Bearer"] : []),
    ...(refusal.status === 503 || refusal.status === 429 ? ["Retry-After: 1"] : []),
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

function count(statuses: Map<number, number>, status: number): void {
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body)}\n`);
}

function file(response: ServerResponse, { status, headers, body }: PortalAnswer): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(response.req.method === "HEAD" ? undefined : body);
}

function portOf(address: AddressInfo | string | null): number | undefined {
  return typeof address === "object" && address !== null ? address.port : undefined;
}

function listenError(error: Error, host: string, port: number): MeshError {
  const code = "code" in error ? error.code : undefined;
  const where = `${host}:${port}`;
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `${where} is taken by another process; stop that one, or set another listen.port.`,
    EACCES: `${where} may not be used by this account; set a listen.port above 1023.`,
    EADDRNOTAVAIL: `${host} is no address of this machine; correct listen.host.`,
    ENOTFOUND: `${host} cannot be resolved; correct listen.host.`,
  };
  const sentence = sentences[String(code)] ?? `The server cannot listen on ${where}: ${error.message}.`;
  return new MeshError("unavailable", sentence, { cause: error });
}
