/**
 * One SUBSCRIBE of one session.
 *
 * 1. With `client` and `client-individual` at most `prefetch` messages are unacknowledged at a time.
 * 2. A message is `auto`-acknowledged when it is written, and is then nobody's any more.
 * 3. An acknowledgement inside a transaction counts when the transaction commits, and until then keeps its room taken.
 */
import type { BrokerContext } from "./context.ts";
import type { Attachment } from "./exchange.ts";
import { encodeFrame } from "./frame.ts";
import type { Consumer, QueuedMessage } from "./message-queue.ts";
import type { Session } from "./session.ts";
import { StompError } from "./stomp-error.ts";

export type AckMode = "auto" | "client" | "client-individual";

export interface ServerSubscription {
  readonly id: string;
  readonly destination: string;
  readonly prefetch: number;
  unacknowledged(): number;
  holds(ackId: string): boolean;
  acknowledge(ackId: string): void;
  dispatch(): void;
  /** Unacknowledged messages go back where they came from. */
  close(): void;
}

export interface SubscribeRequest {
  readonly id: string;
  readonly destination: string;
  readonly mode: AckMode;
  readonly prefetch: number;
}

/** @throws StompError when the broker holds as many queues as it may. */
export function openSubscription(
  { exchange, counters }: BrokerContext,
  session: Session,
  { id, destination, mode, prefetch }: SubscribeRequest,
): ServerSubscription {
  const unacknowledged = new Map<string, QueuedMessage>();
  let deliveries = 0;

  const consumer: Consumer = {
    hasRoom: () => session.hasRoom() && unacknowledged.size < prefetch,
    deliver(message) {
      deliveries += 1;
      // The session's own number is in it, so that an id of another connection is never one of this.
      const ackId = `${session.id}-${id}-${deliveries}`;
      const headers: [string, string][] = [
        ["subscription", id],
        ["message-id", message.id],
        ["destination", destination],
        ["JMSXUserID", message.sender],
      ];
      if (mode !== "auto") {
        headers.push(["ack", ackId]);
        unacknowledged.set(ackId, message);
      }
      if (message.redelivered) {
        headers.push(["redelivered", "true"]);
        counters.redelivered += 1;
      }
      counters.messagesOut += 1;
      session.write(encodeFrame("MESSAGE", [...headers, ...message.headers], message.body));
    },
  };

  const attachment: Attachment | undefined = exchange.attach(destination, consumer);
  if (attachment === undefined) throw new StompError("The broker holds as many queues as it may.");

  return {
    id,
    destination,
    prefetch,
    unacknowledged: () => unacknowledged.size,
    holds: (ackId) => unacknowledged.has(ackId),
    acknowledge(ackId) {
      if (!unacknowledged.has(ackId)) return;
      for (const held of mode === "client" ? [...unacknowledged.keys()] : [ackId]) {
        unacknowledged.delete(held);
        counters.acknowledged += 1;
        if (held === ackId) break;
      }
      attachment.dispatch();
    },
    dispatch: () => attachment.dispatch(),
    close() {
      attachment.detach([...unacknowledged.values()]);
      unacknowledged.clear();
    },
  };
}
