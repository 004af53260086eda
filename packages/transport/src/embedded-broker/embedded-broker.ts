/**
 * A STOMP 1.2 broker in this process, for one machine: TCP and, where asked, WebSocket.
 *
 * 1. Nothing on disk: what waits here is lost with the process. The mesh is built so that this is latency.
 * 2. A client is an actor that logged in; it reads its own queue and the broadcast topic, and may wake any actor.
 * 3. Every client costs a bounded amount of memory and time (`BrokerLimits`).
 */
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { MeshError } from "@federation/core";
import type { Log } from "@federation/runtime/ports";
import { createWebSocketStream, WebSocketServer } from "ws";
import { type Account, type Authenticate, authenticateFrom } from "./accounts.ts";
import type { BrokerContext, BrokerCounters } from "./context.ts";
import { createExchange } from "./exchange.ts";
import { type BrokerLimits, defaultLimits } from "./limits.ts";
import { type Session, startSession } from "./session.ts";

export interface EmbeddedBrokerOptions {
  /** A loopback address: without TLS and without a disk this broker serves one machine. Default `127.0.0.1`. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly tcpPort: number;
  /** Also listens for WebSockets (subprotocol `v12.stomp`); 0 takes a free port. */
  readonly wsPort?: number;
  /** `Origin`s of web pages that may connect. Default none: programs send no Origin, foreign web pages do. */
  readonly allowedOrigins?: readonly string[];
  readonly accounts: readonly Account[] | Authenticate;
  readonly log: Log;
  readonly limits?: Partial<BrokerLimits>;
}

export interface EmbeddedBroker {
  readonly tcpPort: number;
  readonly wsPort: number | undefined;
  stats(): EmbeddedBrokerStats;
  /** Drops every client at once; they find out by the closed connection. */
  close(): Promise<void>;
}

export interface EmbeddedBrokerStats extends Readonly<BrokerCounters> {
  /** Waiting messages dropped over a limit. */
  readonly dropped: number;
  readonly waitingBytes: number;
  readonly queues: readonly { readonly destination: string; readonly waiting: number; readonly consumers: number }[];
  readonly sessions: readonly {
    readonly login: string | undefined;
    readonly subscriptions: readonly { readonly destination: string; readonly unacknowledged: number }[];
  }[];
}

const loopbackHosts = new Set(["127.0.0.1", "::1", "localhost"]);

/** @throws MeshError `unavailable` when a port is taken, `config_invalid` for a host that is not loopback. */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const host = options.host ?? "127.0.0.1";
  if (!loopbackHosts.has(host)) {
    throw new MeshError(
      "config_invalid",
      `The embedded broker has no TLS and serves one machine: give it a loopback host, not ${host}, or use ActiveMQ.`,
    );
  }
  const context = createContext(options);
  const startedMs = Date.now().toString(36);
  let connections = 0;

  const admit = (stream: Duplex) => {
    connections += 1;
    const session = startSession(`${startedMs}-${connections}`, stream, context);
    if (context.sessions.size > context.limits.maxConnections) session.fail("Too many connections.");
  };

  const tcp = createTcpServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }, admit);
  const web = options.wsPort === undefined ? undefined : createWebSocketListener(options, context.limits, admit);
  try {
    await listen(tcp, host, options.tcpPort);
    if (web !== undefined) await listen(web.http, host, options.wsPort ?? 0);
  } catch (error) {
    tcp.close();
    throw error;
  }

  return {
    tcpPort: portOf(tcp),
    wsPort: web === undefined ? undefined : portOf(web.http),
    stats: () => statsOf(context),
    async close() {
      const closed = [stopListening(tcp), ...(web === undefined ? [] : [stopListening(web.http)])];
      for (const session of [...context.sessions]) session.destroy();
      web?.sockets.close();
      web?.http.closeAllConnections();
      await Promise.all(closed);
    },
  };
}

function createContext(options: EmbeddedBrokerOptions): BrokerContext {
  const limits: BrokerLimits = { ...defaultLimits, ...options.limits };
  let seq = 0;
  return {
    limits,
    log: options.log,
    exchange: createExchange(limits, options.log),
    authenticate: typeof options.accounts === "function" ? options.accounts : authenticateFrom(options.accounts),
    sessions: new Set<Session>(),
    counters: {
      connections: 0,
      refusedLogins: 0,
      framesIn: 0,
      messagesIn: 0,
      messagesOut: 0,
      acknowledged: 0,
      redelivered: 0,
      errors: 0,
    },
    nextSeq: () => {
      seq += 1;
      return seq;
    },
  };
}

function createWebSocketListener(
  options: EmbeddedBrokerOptions,
  limits: BrokerLimits,
  admit: (stream: Duplex) => void,
): { readonly http: HttpServer; readonly sockets: WebSocketServer } {
  const http = createHttpServer({ headersTimeout: limits.connectTimeoutMs, requestTimeout: limits.connectTimeoutMs });
  http.on("request", (_request, response) => {
    response.writeHead(426, { connection: "close" }).end();
  });
  const allowedOrigins = options.allowedOrigins ?? [];
  const sockets = new WebSocketServer({
    server: http,
    perMessageDeflate: false,
    maxPayload: limits.maxBodyBytes + limits.maxPreAuthFrameBytes,
    handleProtocols: (offered) => (offered.has("v12.stomp") ? "v12.stomp" : false),
    verifyClient: (info: { req: IncomingMessage }, answer: (accept: boolean, code?: number) => void) => {
      const { origin } = info.req.headers;
      const allowed = origin === undefined || allowedOrigins.includes(origin);
      answer(allowed, allowed ? undefined : 403);
    },
  });
  sockets.on("connection", (socket) => admit(createWebSocketStream(socket)));
  return { http, sockets };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      reject(
        new MeshError("unavailable", `The embedded broker cannot listen on ${host}:${port}; is the port taken?`, {
          cause: error,
        }),
      );
    };
    server.once("error", failed);
    server.listen({ host, port, backlog: 128 }, () => {
      server.off("error", failed);
      server.on("error", () => {});
      resolve();
    });
  });
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string")
    throw new MeshError("internal", "A listening server has no port.");
  return address.port;
}

function statsOf({ counters, exchange, sessions }: BrokerContext): EmbeddedBrokerStats {
  return {
    ...counters,
    dropped: exchange.dropped(),
    waitingBytes: exchange.waitingBytes(),
    queues: exchange.queues(),
    sessions: [...sessions].map((session) => {
      const phase = session.phase();
      return {
        login: phase.name === "connected" ? phase.login : undefined,
        subscriptions: [...session.subscriptions.values()].map((subscription) => ({
          destination: subscription.destination,
          unacknowledged: subscription.unacknowledged(),
        })),
      };
    }),
  };
}
