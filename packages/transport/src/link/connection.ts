/**
 * One STOMP connection, from the first byte to the last: one epoch of a link.
 *
 * 1. It never reconnects: `closed` resolves once, with the reason, and everything unconfirmed has been answered before.
 * 2. A publish ends as receipted, refused, timed out or disconnected, never without an answer. A receipt that comes
 *    after the time-out is ignored, and nothing of it stays in memory.
 * 3. Silence is judged on the monotonic clock. stompjs judges by the wall clock, so its own check is switched off.
 * 4. STOMP 1.2 only: older versions do not escape header values.
 * 5. The passcode leaves in the CONNECT frame and nowhere else.
 */

import type { BrokerLinkCounters, OutgoingFrame, PublishOutcome } from "@federation/runtime/ports";
import { Client, FrameImpl, type IFrame, type IMessage, Versions } from "@stomp/stompjs";
import type { BrokerUrl } from "./broker-url.ts";
import { openStream } from "./open-stream.ts";
import type { BrokerLinkConfig } from "./options.ts";
import { createStompSocket, type StompSocket } from "./stomp-socket.ts";

export type MutableCounters = { -readonly [K in keyof BrokerLinkCounters]: BrokerLinkCounters[K] };

export interface Connection {
  /** Resolves with the broker's `server` header once it has answered CONNECTED; never when `closed` comes first. */
  readonly connected: Promise<string>;
  /** Resolves with the reason, one line. */
  readonly closed: Promise<string>;
  isOpen(): boolean;
  publish(frames: readonly OutgoingFrame[]): Promise<PublishOutcome>;
  /** A refused subscription ends the connection: one that looks connected and hears nothing would be a lie. */
  subscribe(id: string, destination: string, onMessage: (message: IMessage) => void): void;
  unsubscribe(id: string): void;
  acknowledge(message: IMessage): void;
  /** Says DISCONNECT and waits for its receipt, which follows everything sent before it. Bounded only by `destroy`. */
  disconnect(): void;
  destroy(reason: string): void;
}

interface PendingPublish {
  readonly settle: (outcome: PublishOutcome) => void;
  readonly timer: NodeJS.Timeout;
}

export function openConnection(url: BrokerUrl, config: BrokerLinkConfig, counters: MutableCounters): Connection {
  const { log, nowMs } = config;
  const connected = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<string>();
  const pending = new Map<string, PendingPublish>();
  const subscriptionReceipts = new Map<string, string>();
  let open = false;
  let reason: string | undefined;
  let transactions = 0;
  let lastActivityMs = nowMs();
  let watchdog: NodeJS.Timeout | undefined;
  // Created by the factory below, which stompjs calls while it activates.
  let socket: StompSocket | undefined;

  const settle = (id: string, outcome: PublishOutcome) => {
    const publish = pending.get(id);
    if (publish === undefined) return;
    pending.delete(id);
    clearTimeout(publish.timer);
    publish.settle(outcome);
  };
  const settleAll = (outcome: PublishOutcome) => {
    for (const id of [...pending.keys()]) settle(id, outcome);
  };

  const destroy = (why: string) => {
    reason ??= why;
    socket?.close();
  };

  const onClose = () => {
    open = false;
    clearTimeout(connectTimer);
    clearInterval(watchdog);
    const why = reason ?? socket?.failure()?.message ?? "the broker closed the connection";
    settleAll({ outcome: "unconfirmed", reason: "disconnected", detail: why });
    closed.resolve(why);
  };

  const onError = (frame: IFrame) => {
    const detail = describeError(frame, config.passcode);
    const receiptId = frame.headers["receipt-id"];
    const destination = receiptId === undefined ? undefined : subscriptionReceipts.get(receiptId);
    if (destination !== undefined) {
      destroy(`the subscription to ${destination} was refused: ${detail}`);
      return;
    }
    const refused = { outcome: "unconfirmed", reason: "refused", detail } as const;
    if (receiptId !== undefined && pending.has(receiptId)) settle(receiptId, refused);
    // An ERROR that names no receipt may be about any frame not yet confirmed.
    else settleAll(refused);
    if (!open) {
      destroy(`the broker refused the connection: ${detail}`);
      return;
    }
    // A broker that means to end the connection after an ERROR (all but Classic) does so; its reason is kept.
    errorBeforeClose = `the broker closed the connection: ${detail}`;
    log.warn({ broker: url.text, error: detail }, "The broker answered with an ERROR frame.");
  };
  let errorBeforeClose: string | undefined;

  const startWatchdog = (frame: IFrame) => {
    const serverSendsMs = Number.parseInt(frame.headers["heart-beat"]?.split(",")[0] ?? "0", 10) || 0;
    if (serverSendsMs === 0) {
      log.warn({ broker: url.text }, "The broker sends no heart-beats: a dead connection will be noticed late.");
      return;
    }
    const expectedMs = Math.max(serverSendsMs, config.heartbeatMs);
    const tickMs = expectedMs / 4;
    let lastTickMs = nowMs();
    watchdog = setInterval(() => {
      const now = nowMs();
      // After a pause of this very process what the broker sent meanwhile is still unread: it gets the whole time again.
      if (now - lastTickMs > expectedMs) lastActivityMs = now;
      lastTickMs = now;
      if (now - lastActivityMs <= expectedMs * 2) return;
      counters.heartbeatsLost += 1;
      destroy(`no heart-beat from the broker for ${Math.round(now - lastActivityMs)} ms`);
    }, tickMs);
  };

  const client = new Client({
    webSocketFactory: () => {
      socket = createStompSocket(url.text, openStream(url, config.tls), () => {
        lastActivityMs = nowMs();
      });
      // stompjs asks for the socket a moment after it was activated: it may already have been given up.
      if (reason !== undefined) process.nextTick(socket.close);
      return socket;
    },
    stompVersions: new Versions([Versions.V1_2]),
    connectHeaders: { login: config.login, passcode: config.passcode, host: url.host },
    heartbeatOutgoing: config.heartbeatMs,
    heartbeatIncoming: config.heartbeatMs,
    heartbeatToleranceMultiplier: Number.POSITIVE_INFINITY,
    reconnectDelay: 0,
    onConnect: (frame) => {
      clearTimeout(connectTimer);
      if (client.connectedVersion !== Versions.V1_2) {
        destroy(`the broker speaks STOMP ${client.connectedVersion ?? "1.0"}, not 1.2`);
        return;
      }
      open = true;
      startWatchdog(frame);
      connected.resolve(frame.headers["server"] ?? "unknown");
    },
    onStompError: onError,
    onUnhandledReceipt: (frame) => {
      const id = frame.headers["receipt-id"];
      if (id === undefined) return;
      if (subscriptionReceipts.delete(id)) return;
      settle(id, { outcome: "receipted" });
    },
    // Frames of a subscription that was just closed: the broker takes them back by itself.
    onUnhandledMessage: () => {},
    onWebSocketClose: () => {
      reason ??= errorBeforeClose;
      onClose();
    },
  });

  const connectTimer = setTimeout(
    () => destroy(`no answer to CONNECT within ${config.connectTimeoutMs} ms`),
    config.connectTimeoutMs,
  );
  client.activate();

  return {
    connected: connected.promise,
    closed: closed.promise,
    isOpen: () => open && socket?.readyState === 1,
    publish(frames) {
      const wire = socket;
      if (!open || wire === undefined || wire.readyState !== 1) {
        return Promise.resolve({ outcome: "unconfirmed", reason: "disconnected", detail: "the link is not connected" });
      }
      if (wire.bufferedBytes() > config.maxBufferedBytes) {
        return Promise.resolve({
          outcome: "unconfirmed",
          reason: "timeout",
          detail: "the broker does not take what was sent before",
        });
      }
      transactions += 1;
      const id = `publish-${transactions}`;
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          counters.receiptTimeouts += 1;
          settle(id, {
            outcome: "unconfirmed",
            reason: "timeout",
            detail: `no receipt within ${config.receiptTimeoutMs} ms`,
          });
        }, config.receiptTimeoutMs);
        pending.set(id, { settle: resolve, timer });
        wire.batch(() => {
          client.begin(id);
          for (const { destination, body } of frames) {
            client.publish({ destination, body, headers: { transaction: id, persistent: "true" } });
          }
          // stompjs offers no headers on COMMIT, and the receipt of the COMMIT is the one that counts.
          wire.send(
            FrameImpl.marshall({
              command: "COMMIT",
              headers: { transaction: id, receipt: id },
              escapeHeaderValues: true,
            }),
          );
        });
        counters.framesSent += frames.length;
      });
    },
    subscribe(id, destination, onMessage) {
      if (!open) return;
      const receipt = `subscribe-${id}`;
      subscriptionReceipts.set(receipt, destination);
      client.subscribe(destination, onMessage, {
        id,
        ack: "client-individual",
        receipt,
        "activemq.prefetchSize": String(config.prefetch),
        // Artemis reads the header above as bytes; this one of its own goes first there.
        "consumer-window-size": String(config.prefetch * 1024),
      });
    },
    unsubscribe(id) {
      if (open) client.unsubscribe(id);
    },
    acknowledge: (message) => message.ack(),
    disconnect() {
      reason ??= "closed";
      void client.deactivate();
    },
    destroy,
  };
}

/** One line of at most 300 characters: brokers put whole stack traces into the body, so only the `message` is kept. */
function describeError(frame: IFrame, passcode: string): string {
  const text = (frame.headers["message"] ?? "no reason given").replaceAll(/\p{Cc}+/gu, " ");
  return (passcode === "" ? text : text.replaceAll(passcode, "[redacted]")).slice(0, 300);
}
