/**
 * A link that keeps itself connected: one `Connection` after another, the subscriptions above them all.
 *
 * 1. Exactly one loop connects; everything else reads `current`.
 * 2. An epoch is one connection. What came from an epoch is acknowledged on that epoch or not at all.
 * 3. Back-off starts afresh only after a connection that held for a while, so that a broker that accepts and then
 *    drops is not hammered.
 */
import { MeshError } from "@federation/core";
import type {
  BrokerLink,
  BrokerLinkCounters,
  BrokerStatus,
  IncomingFrame,
  OutgoingFrame,
  Subscription,
} from "@federation/runtime/ports";
import type { IMessage } from "@stomp/stompjs";
import { isMeshDestination } from "../destinations.ts";
import { backOffMs } from "./back-off.ts";
import { type Connection, type MutableCounters, openConnection } from "./connection.ts";
import { type BrokerLinkConfig, type BrokerLinkOptions, completeOptions } from "./options.ts";

export interface StompBrokerLink extends BrokerLink {
  counters(): BrokerLinkCounters;
}

interface Wanted {
  readonly destination: string;
  readonly onFrame: (frame: IncomingFrame) => void;
}

const maxBodyBytes = 1024;
const heldMs = 10_000;

/**
 * Starts to connect and returns at once: a broker that is away is a status, not an error.
 * @throws MeshError `config_invalid` for options that can never work.
 */
export async function connectBrokerLink(options: BrokerLinkOptions): Promise<StompBrokerLink> {
  return createLink(await completeOptions(options));
}

function createLink(config: BrokerLinkConfig): StompBrokerLink {
  const { log } = config;
  const counters: MutableCounters = {
    connects: 0,
    framesSent: 0,
    framesReceived: 0,
    redelivered: 0,
    staleAcks: 0,
    receiptTimeouts: 0,
    heartbeatsLost: 0,
  };
  const wanted = new Map<string, Wanted>();
  const listeners = new Set<(status: BrokerStatus) => void>();
  const stop = new AbortController();
  let status: BrokerStatus = { state: "connecting", attempt: 1, lastError: undefined };
  let current: Connection | undefined;
  let subscriptions = 0;

  const setStatus = (next: BrokerStatus) => {
    status = next;
    for (const listener of [...listeners]) guarded("status listener", () => listener(next));
  };

  const guarded = (what: string, call: () => void) => {
    try {
      call();
    } catch (error) {
      // stompjs would swallow it, and a broken listener must not end the link.
      log.error({ link: config.name, error: MeshError.from(error).message }, `The ${what} threw.`);
    }
  };

  const subscribeOn = (connection: Connection, id: string, { destination, onFrame }: Wanted) => {
    connection.subscribe(id, destination, (message) => {
      if (stop.signal.aborted) return;
      counters.framesReceived += 1;
      const frame = incomingFrame(message, (given) => {
        if (!connection.isOpen() || !wanted.has(id)) {
          counters.staleAcks += 1;
          return false;
        }
        connection.acknowledge(given);
        return true;
      });
      if (frame.redelivered) counters.redelivered += 1;
      guarded("frame handler", () => onFrame(frame));
    });
  };

  const run = async () => {
    let failures = 0;
    let urlIndex = 0;
    let lastError: string | undefined;
    for (let attempt = 1; !stop.signal.aborted; attempt += 1) {
      const url = config.urls[urlIndex % config.urls.length];
      if (url === undefined) return;
      setStatus({ state: "connecting", attempt, lastError });
      const connection = openConnection(url, config, counters);
      current = connection;
      const server = await Promise.race([connection.connected, connection.closed.then(() => undefined)]);
      const sinceMs = config.nowMs();
      if (server !== undefined && connection.isOpen()) {
        counters.connects += 1;
        for (const [id, subscription] of wanted) subscribeOn(connection, id, subscription);
        log.info({ link: config.name, broker: url.text, server, epoch: counters.connects }, "Connected to the broker.");
        if (!stop.signal.aborted) {
          setStatus({ state: "connected", epoch: counters.connects, url: url.text, server });
        }
        attempt = 0;
      }
      lastError = await connection.closed;
      current = undefined;
      if (stop.signal.aborted) return;
      const held = server !== undefined && config.nowMs() - sinceMs >= heldMs;
      failures = held ? 0 : failures + 1;
      // The one that served until now is tried again first; one that did not answer goes to the end of the line.
      if (server === undefined) urlIndex += 1;
      const waitMs = backOffMs(failures, config.backOff, config.fraction);
      log.warn(
        { link: config.name, broker: url.text, error: lastError, retryInMs: Math.round(waitMs) },
        "Lost the broker.",
      );
      setStatus({ state: "connecting", attempt: attempt + 1, lastError });
      await sleep(waitMs, stop.signal);
    }
  };
  const running = run();

  const inert: Subscription = { close: () => {} };

  return {
    status: () => status,
    counters: () => ({ ...counters }),
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async publish(frames) {
      for (const frame of frames) checkFrame(frame);
      if (frames.length === 0) return { outcome: "receipted" };
      if (current === undefined || stop.signal.aborted) {
        return { outcome: "unconfirmed", reason: "disconnected", detail: "the link is not connected" };
      }
      return await current.publish(frames);
    },
    subscribe(destination, onFrame) {
      if (!isMeshDestination(destination)) throw invalidDestination();
      if (stop.signal.aborted) return inert;
      subscriptions += 1;
      const id = String(subscriptions);
      const subscription = { destination, onFrame };
      wanted.set(id, subscription);
      if (current?.isOpen() === true && status.state === "connected") subscribeOn(current, id, subscription);
      return {
        close() {
          if (wanted.delete(id) && current?.isOpen() === true) current.unsubscribe(id);
        },
      };
    },
    async close({ deadlineMs }) {
      if (!stop.signal.aborted) {
        stop.abort();
        if (current?.isOpen() === true) current.disconnect();
        else current?.destroy("closed");
      }
      const timer = setTimeout(() => current?.destroy("closed at the deadline"), deadlineMs);
      await running;
      clearTimeout(timer);
      if (status.state !== "closed") setStatus({ state: "closed" });
      listeners.clear();
    },
  };
}

function incomingFrame(message: IMessage, acknowledge: (message: IMessage) => boolean): IncomingFrame {
  let answer: boolean | undefined;
  return {
    destination: message.headers["destination"] ?? "",
    body: message.body,
    redelivered: message.headers["redelivered"] === "true",
    assertedSender: message.headers["JMSXUserID"],
    acknowledge() {
      // A second ACK of one frame is an ERROR at the broker.
      answer ??= acknowledge(message);
      return answer;
    },
  };
}

function checkFrame({ destination, body }: OutgoingFrame): void {
  if (!isMeshDestination(destination)) throw invalidDestination();
  if (Buffer.byteLength(body) > maxBodyBytes) {
    throw new MeshError("invalid_input", `A wake-up carries an id, not content: at most ${maxBodyBytes} bytes.`);
  }
}

function invalidDestination(): MeshError {
  return new MeshError("invalid_input", "A destination is an actor's queue or the broadcast topic.");
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
