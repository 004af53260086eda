/**
 * A TCP proxy on loopback that can do to a connection what networks do.
 *
 * 1. Silence is not closing: a blackholed or dropping connection stays open on both sides, and nobody is told.
 * 2. Bytes held by a blackhole arrive after `resume`, as a network would retransmit them. Bytes dropped are gone, so a
 *    connection that lost some is cut by `resume`: its stream could never be right again.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { MeshError } from "@federation/core";

export type Direction = "toTarget" | "toClient";

export interface TcpProxy {
  readonly port: number;
  /** Connections open through it now. */
  connections(): number;
  /** Resets every connection; new ones are taken as before. */
  cut(): void;
  /** From now on, also for new connections, no byte passes either way and nobody is told. */
  blackhole(): void;
  /** From now on the bytes of one direction vanish; the other direction goes on. */
  drop(direction: Direction): void;
  /** Everything passes again. */
  resume(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly target: Socket;
  lostBytes: boolean;
}

export interface TcpProxyOptions {
  readonly targetHost?: string;
  readonly targetPort: number;
  /** 0, the default, takes a free one. */
  readonly port?: number;
}

export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let held = false;
  let dropping: Direction | undefined;

  const cutPair = (pair: Pair) => {
    pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.target.resetAndDestroy();
  };

  const forward = (pair: Pair, direction: Direction) => {
    const [from, to] = direction === "toTarget" ? [pair.client, pair.target] : [pair.target, pair.client];
    from.on("data", (chunk: Buffer) => {
      if (dropping === direction) {
        pair.lostBytes = true;
      } else if (!to.write(chunk)) {
        from.pause();
      }
    });
    to.on("drain", () => {
      if (!held) from.resume();
    });
    from.on("end", () => {
      if (!held) to.end();
    });
    from.on("error", () => {
      if (!held) cutPair(pair);
    });
    from.on("close", () => {
      if (held) return;
      pairs.delete(pair);
      to.destroy();
    });
    if (held) from.pause();
  };

  const server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    const target = connect({ host: options.targetHost ?? "127.0.0.1", port: options.targetPort, noDelay: true });
    const pair: Pair = { client, target, lostBytes: false };
    pairs.add(pair);
    forward(pair, "toTarget");
    forward(pair, "toClient");
    if (!held) client.resume();
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: portOf(server.address()),
    connections: () => pairs.size,
    cut() {
      for (const pair of [...pairs]) cutPair(pair);
    },
    blackhole() {
      held = true;
      for (const { client, target } of pairs) {
        client.pause();
        target.pause();
      }
    },
    drop(direction) {
      dropping = direction;
    },
    resume() {
      held = false;
      dropping = undefined;
      for (const pair of [...pairs]) {
        // One side may have gone while nothing passed.
        if (pair.lostBytes || pair.client.destroyed || pair.target.destroyed) cutPair(pair);
        else {
          pair.client.resume();
          pair.target.resume();
        }
      }
    },
    async close() {
      held = false;
      const closed = once(server, "close");
      server.close();
      for (const pair of [...pairs]) cutPair(pair);
      await closed;
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string")
    throw new MeshError("internal", "A listening proxy has no port.");
  return address.port;
}
