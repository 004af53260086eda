/**
 * The connection of a client that comes back by itself.
 *
 * 1. The first connection is tried once: whoever starts a client learns at once that it cannot work.
 * 2. After that it comes back for ever, with jittered back-off, unless the node says the credential is no good.
 * 3. A connection that did not live long counts as a failed attempt: a node that accepts and drops is not hammered.
 */
import { MeshError } from "@federation/core";
import { provenMs, reconnectDelayMs } from "./back-off.ts";
import { type AskPerson, type Connection, connectConnection } from "./connection.ts";
import type { Dial } from "./line.ts";
import { raceAbort } from "./race-abort.ts";
import { sleep } from "./sleep.ts";

export type ControlStatus =
  | { readonly state: "connecting"; readonly attempt: number; readonly lastError: string | undefined }
  | { readonly state: "connected"; readonly connection: number }
  | { readonly state: "closed"; readonly reason: string };

export interface LinkOptions {
  readonly dial: Dial;
  readonly program: string;
  readonly askPerson?: AskPerson | undefined;
  readonly onStatus: (status: ControlStatus) => void;
}

export interface Link {
  /** The present connection, or the next one. @throws MeshError once the link is over; the abort reason of `signal`. */
  connection(signal: AbortSignal): Promise<Connection>;
  close(reason: MeshError): Promise<void>;
}

/** How long a node may take for the first words of a connection. */
export const handshakeMs = 5000;

/** @throws MeshError as `dial`, when the first connection cannot be made. */
export async function connectLink(options: LinkOptions, signal: AbortSignal): Promise<Link> {
  const stop = new AbortController();
  let over: MeshError | undefined;
  let current: PromiseWithResolvers<Connection> = Promise.withResolvers();
  let open: Connection | undefined;
  let connections = 0;

  async function connect(until: AbortSignal): Promise<Connection> {
    const { dial, program, askPerson } = options;
    return connectConnection(await dial(until), { program, askPerson, timeoutMs: handshakeMs, closed: stop.signal });
  }

  function end(reason: MeshError): void {
    if (over !== undefined) return;
    over = reason;
    // Nobody may be waiting just now; the next to ask is told.
    current.promise.catch(() => {});
    current.reject(reason);
    stop.abort(reason);
    options.onStatus({ state: "closed", reason: reason.message });
  }

  async function keepUp(first: Connection): Promise<void> {
    let connection: Connection | undefined = first;
    let attempt = 0;
    let lastError: string | undefined;
    while (over === undefined) {
      if (connection !== undefined) {
        const since = performance.now();
        open = connection;
        current.resolve(connection);
        options.onStatus({ state: "connected", connection: ++connections });
        const { fatal } = await connection.gone;
        open = undefined;
        current = Promise.withResolvers();
        if (fatal !== undefined) return end(fatal);
        if (performance.now() - since >= provenMs) attempt = 0;
        lastError = "the connection was lost";
      }
      attempt += 1;
      if (over !== undefined) break;
      options.onStatus({ state: "connecting", attempt, lastError });
      await sleep(reconnectDelayMs(attempt), stop.signal);
      if (over !== undefined) break;
      connection = undefined;
      try {
        connection = await connect(stop.signal);
      } catch (thrown) {
        const error = MeshError.from(thrown);
        if (error.code === "unauthenticated" || error.code === "forbidden") return end(error);
        lastError = error.message;
      }
    }
    await connection?.close();
  }

  options.onStatus({ state: "connecting", attempt: 1, lastError: undefined });
  const first = await connect(signal);
  const running = keepUp(first);

  return {
    connection: (until) => {
      if (over !== undefined) return Promise.reject(over);
      return raceAbort(current.promise, until);
    },
    close: async (reason) => {
      end(reason);
      await open?.close();
      await running;
    },
  };
}
