/**
 * Where messages go: a queue per actor, and the subscribers of each topic.
 *
 * 1. A queue exists while it holds a message or has a consumer.
 * 2. Each topic subscriber has a queue of its own, so a slow one holds up nobody; it ends with the subscription.
 */
import type { Log } from "@federation/runtime/ports";
import type { BrokerLimits } from "./limits.ts";
import {
  type ByteBudget,
  type Consumer,
  createMessageQueue,
  type MessageQueue,
  type QueuedMessage,
} from "./message-queue.ts";

export interface Attachment {
  /** Gives out what the consumer has room for. */
  dispatch(): void;
  /** Ends it; `unacknowledged` go back to the queue, or with a topic are forgotten. */
  detach(unacknowledged: readonly QueuedMessage[]): void;
}

export interface Exchange {
  /** False when the queue does not exist and the broker holds as many as it may. */
  route(message: QueuedMessage): boolean;
  attach(destination: string, consumer: Consumer): Attachment | undefined;
  queues(): readonly { readonly destination: string; readonly waiting: number; readonly consumers: number }[];
  dropped(): number;
  waitingBytes(): number;
}

export function createExchange(limits: BrokerLimits, log: Log): Exchange {
  const budget: ByteBudget = { used: 0, max: limits.maxTotalBytes };
  const queues = new Map<string, MessageQueue>();
  const topics = new Map<string, Set<MessageQueue>>();
  let dropped = 0;

  const countDropped = (destination: string, count: number) => {
    if (count === 0) return;
    const before = dropped;
    dropped += count;
    // The first, the tenth, the hundredth, …: a queue that overflows must not overflow the log.
    if (String(dropped).length > String(before).length || before === 0) {
      log.warn({ destination, dropped }, "A queue over its limit lost its oldest frames; polling makes up for them.");
    }
  };

  const newQueue = (maxFrames: number) => createMessageQueue({ maxFrames, maxBytes: limits.maxQueueBytes }, budget);

  const queueFor = (destination: string): MessageQueue | undefined => {
    const existing = queues.get(destination);
    if (existing !== undefined) return existing;
    if (queues.size >= limits.maxQueues) return undefined;
    const created = newQueue(limits.maxQueueFrames);
    queues.set(destination, created);
    return created;
  };

  const forgetIfIdle = (destination: string, queue: MessageQueue) => {
    if (queue.waiting() === 0 && queue.consumers() === 0) queues.delete(destination);
  };

  const attachTopic = (destination: string, consumer: Consumer): Attachment => {
    const own = newQueue(1_000);
    own.attach(consumer);
    const subscribers = topics.get(destination) ?? new Set();
    topics.set(destination, subscribers.add(own));
    return {
      dispatch: own.dispatch,
      detach() {
        own.detach(consumer);
        own.clear();
        subscribers.delete(own);
        if (subscribers.size === 0) topics.delete(destination);
      },
    };
  };

  return {
    route(message) {
      if (isTopic(message.destination)) {
        for (const subscriber of topics.get(message.destination) ?? []) {
          countDropped(message.destination, subscriber.add({ ...message }));
        }
        return true;
      }
      const queue = queueFor(message.destination);
      if (queue === undefined) return false;
      countDropped(message.destination, queue.add(message));
      return true;
    },
    attach(destination, consumer) {
      if (isTopic(destination)) return attachTopic(destination, consumer);
      const queue = queueFor(destination);
      if (queue === undefined) return undefined;
      queue.attach(consumer);
      return {
        dispatch: queue.dispatch,
        detach(unacknowledged) {
          queue.detach(consumer);
          queue.giveBack(unacknowledged);
          forgetIfIdle(destination, queue);
        },
      };
    },
    queues: () =>
      [...queues].map(([destination, queue]) => ({
        destination,
        waiting: queue.waiting(),
        consumers: queue.consumers(),
      })),
    dropped: () => dropped,
    waitingBytes: () => budget.used,
  };
}

function isTopic(destination: string): boolean {
  return destination.startsWith("/topic/");
}
