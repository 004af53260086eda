import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { createWebSocketStream, WebSocket } from "ws";
import type { BrokerUrl } from "./broker-url.ts";

/** PEM texts; `ca` replaces the system's roots. */
export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly serverName: string | undefined;
}

export interface OpeningStream {
  readonly stream: Duplex;
  /** Calls back once bytes may be written. A failure to open is the stream's own `error` and `close`. */
  onOpen(listener: () => void): void;
}

const maxIncomingWebSocketFrameBytes = 1024 * 1024;

/** Starts to open one connection of bytes to the broker, whatever carries it. */
export function openStream(url: BrokerUrl, tls: TlsMaterial): OpeningStream {
  switch (url.scheme) {
    case "stomp": {
      const socket = connectTcp({ host: url.host, port: url.port, noDelay: true, keepAlive: true });
      return { stream: socket, onOpen: (listener) => socket.once("connect", listener) };
    }
    case "stomp+ssl": {
      const socket = connectTls({ host: url.host, port: url.port, ...tlsOptions(url.host, tls) });
      socket.setNoDelay(true);
      return { stream: socket, onOpen: (listener) => socket.once("secureConnect", listener) };
    }
    case "ws":
    case "wss": {
      const socket = new WebSocket(url.text, ["v12.stomp"], {
        perMessageDeflate: false,
        maxPayload: maxIncomingWebSocketFrameBytes,
        followRedirects: false,
        ...(url.scheme === "wss" ? tlsOptions(url.host, tls) : {}),
      });
      // Text stays text: ActiveMQ passes over binary WebSocket frames without a word.
      const stream = createWebSocketStream(socket, { decodeStrings: false });
      return { stream, onOpen: (listener) => socket.once("open", listener) };
    }
  }
}

function tlsOptions(host: string, tls: TlsMaterial) {
  const serverName = tls.serverName ?? (/[a-z]/i.test(host) && !host.includes(":") ? host : undefined);
  return {
    minVersion: "TLSv1.2" as const,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}
