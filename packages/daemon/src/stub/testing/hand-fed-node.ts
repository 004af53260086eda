/** A node as the stub sees one: a WebSocket server whose answers the test gives. The real one is tried in e2e. */
import { createServer } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { isRequest, type JsonRpcMessage, jsonRpcMessageSchema } from "../../substrate/json-rpc.ts";

export interface Heard {
  /** Which connection it came by, from 1. */
  readonly connection: number;
  readonly message: JsonRpcMessage;
}

export interface HandFedNode {
  readonly port: number;
  readonly url: string;
  readonly heard: readonly Heard[];
  connections(): number;
  /** What a request is answered with; undefined: nothing. */
  answer: (heard: Heard) => object | undefined;
  /** The HTTP status an upgrade with this token is refused with; undefined: it is let in. */
  refuse: (token: string) => number | undefined;
  say(message: object): void;
  dismiss(code: number): void;
  cut(): void;
  close(): Promise<void>;
}

export async function startHandFedNode(port = 0): Promise<HandFedNode> {
  const heard: Heard[] = [];
  const open = new Set<WebSocket>();
  let connections = 0;
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  const http = createServer();
  http.on("upgrade", (request, socket, head) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const status = node.refuse(token);
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, ++connections));
  });

  function serve(socket: WebSocket, connection: number): void {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("message", (data) => {
      const one = { connection, message: jsonRpcMessageSchema.parse(JSON.parse(String(data))) };
      heard.push(one);
      const answer = node.answer(one);
      if (answer !== undefined && isRequest(one.message)) {
        socket.send(JSON.stringify({ jsonrpc: "2.0", id: one.message.id, ...answer }));
      }
    });
  }

  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, "127.0.0.1", resolve);
  });
  const address = http.address();
  const bound = typeof address === "object" && address !== null ? address.port : 0;
  const node: HandFedNode = {
    port: bound,
    url: `ws://127.0.0.1:${bound}/mcp`,
    heard,
    connections: () => connections,
    answer: ({ connection }) => ({ result: { connection } }),
    refuse: () => undefined,
    say: (message) => {
      for (const socket of open) socket.send(JSON.stringify(message));
    },
    dismiss: (code) => {
      for (const socket of open) socket.close(code);
    },
    cut: () => {
      for (const socket of open) socket.terminate();
    },
    async close() {
      for (const socket of open) socket.terminate();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return node;
}
