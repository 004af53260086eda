import type { Clock, Log, StopSignal } from "@federation/runtime/ports";
import pg from "pg";
import { type ConnectionOptions, clientConfig } from "./connection.ts";

/**
 * Listens for the outbox's notifications on a connection of its own, until the signal aborts.
 *
 * 1. A notification carries nothing; one that is lost costs the reader a poll.
 * 2. After every (re)connection the listener is called once: something may have been missed meanwhile.
 * Resolves once listening has begun for the first time, or the signal has aborted before that.
 */
export function listen(
  options: ConnectionOptions,
  channel: "federation_outbox",
  ports: { clock: Clock; log: Log },
  listener: () => void,
  signal: StopSignal,
): Promise<void> {
  return new Promise((resolve) => {
    void keepListening(options, channel, ports, { listener, begun: resolve }, signal).finally(resolve);
  });
}

async function keepListening(
  options: ConnectionOptions,
  channel: "federation_outbox",
  ports: { clock: Clock; log: Log },
  on: { readonly listener: () => void; readonly begun: () => void },
  signal: StopSignal,
): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    const client = new pg.Client({ ...clientConfig(options), statement_timeout: 0 });
    let stop: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      stop = resolve;
    });
    client.on("error", () => stop());
    client.on("end", () => stop());
    client.on("notification", () => on.listener());
    signal.addEventListener("abort", stop, { once: true });
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
      failures = 0;
      on.begun();
      on.listener();
      if (!signal.aborted) await ended;
    } catch (error) {
      failures++;
      ports.log.debug({ error: String(error) }, "listening failed; the poll goes on");
    } finally {
      signal.removeEventListener("abort", stop);
      await client.end().catch(() => undefined);
    }
    if (!signal.aborted) await ports.clock.sleep(Math.min(5_000, 100 * 2 ** failures), signal);
  }
}
