/**
 * The conformance suites bring no bearer token, and a node answers nobody without one. So something stands in front of
 * the node that adds the header and leaves everything else as it came: Host and Origin, methods, bodies, streams, and
 * the moment either side hangs up.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { pipeline } from "node:stream";

export interface Forwarder {
  readonly port: number;
  /** Where to, once it is known. */
  towards(port: number, token: string): void;
  close(): Promise<void>;
}

export async function startForwarder(): Promise<Forwarder> {
  let target = { port: 0, token: "" };
  const server = createServer((incoming, outgoing) => forward(incoming, outgoing, target));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    towards: (port, token) => {
      target = { port, token };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { port, token }: { readonly port: number; readonly token: string },
): void {
  const onward = request({
    host: "127.0.0.1",
    port,
    method: incoming.method,
    path: incoming.url,
    headers: { ...incoming.headers, authorization: `Bearer ${token}` },
    setHost: false,
  });
  onward.on("response", (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    outgoing.flushHeaders();
    pipeline(answer, outgoing, () => undefined);
  });
  onward.on("error", () => outgoing.destroy());
  outgoing.on("close", () => onward.destroy());
  pipeline(incoming, onward, () => undefined);
}
