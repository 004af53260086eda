/** A WebSocket server on loopback in front of `createMcpSessions`: what a daemon's substrate and impl are together. */
import { randomUUID } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import { type ActorKind, allScopes, type Role, type ScopeName } from "@federation/core";
import type { ChangeFeed, ControlService, Log } from "@federation/runtime/ports";
import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/server";
import { type WebSocket, WebSocketServer } from "ws";
import type { ExtendServer } from "../server/fixtures.ts";
import { createMcpSessions } from "../server/sessions.ts";

export interface TokenOwner {
  readonly actor: string;
  readonly role: Role;
  /** An agent when not given. */
  readonly kind?: ActorKind;
  /** All of them when not given. */
  readonly scopes?: readonly ScopeName[];
}

export interface ControlEndpointOptions {
  readonly control: ControlService;
  /** Token → who presents it. */
  readonly tokens: Readonly<Record<string, TokenOwner>>;
  /** 0 or absent: a free one. */
  readonly port?: number;
  readonly log?: Log;
  /** Answers a message in the sessions' stead: what a substrate says of itself. Undefined: passes it on. */
  readonly intercept?: (message: unknown) => object | undefined;
  readonly changes?: ChangeFeed;
  /** Sees every message to a client, with the request it is related to. */
  readonly onSend?: (message: JSONRPCMessage, related: RequestId | undefined) => void;
  /** Opens every session as one that a process with this surface had before. */
  readonly surface?: string;
  /** Answers plain HTTP: what a substrate serves beside its sessions. */
  readonly serve?: RequestListener;
  /** Registers fixtures beside what is real. */
  readonly extend?: ExtendServer;
}

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export async function startControlEndpoint(options: ControlEndpointOptions) {
  const sockets = new Map<string, WebSocket>();
  const sessions = createMcpSessions({
    control: options.control,
    log: options.log ?? silent,
    version: "0.0.0-test",
    ...(options.changes === undefined ? {} : { changes: options.changes }),
    ...(options.extend === undefined ? {} : { extend: options.extend }),
    send: (session, message, related) => {
      options.onSend?.(message, related);
      sockets.get(session)?.send(JSON.stringify(message));
    },
  });
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  const http = createServer(options.serve ?? ((_request, response) => void response.writeHead(426).end()));
  http.on("upgrade", (request, socket, head) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const owner = Object.hasOwn(options.tokens, token) ? options.tokens[token] : undefined;
    if (owner === undefined) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, owner));
  });

  function serve(socket: WebSocket, owner: TokenOwner): void {
    const session = randomUUID();
    sockets.set(session, socket);
    const surface = options.surface ?? null;
    sessions.open({ session, kind: "agent", scopes: allScopes, credential: "bearer:test", surface, ...owner });
    socket.on("message", (data) => {
      const message: unknown = JSON.parse(String(data));
      const answer = options.intercept?.(message);
      if (answer === undefined) sessions.receive(session, message);
      else socket.send(JSON.stringify(answer));
    });
    socket.on("close", () => {
      sockets.delete(session);
      void sessions.close(session);
    });
  }

  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const address = http.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  return {
    port,
    url: `ws://127.0.0.1:${port}/mcp`,
    sessions,
    openSockets: () => sockets.size,
    /** Cuts every connection without a closing frame. */
    cut: () => {
      for (const socket of sockets.values()) socket.terminate();
    },
    /** Closes every connection with a code, as a node does that revoked a token. */
    dismiss: (code: number) => {
      for (const socket of sockets.values()) socket.close(code);
    },
    async close(): Promise<void> {
      for (const socket of sockets.values()) socket.terminate();
      await sessions.closeAll();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
