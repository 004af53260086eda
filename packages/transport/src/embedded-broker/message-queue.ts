/**
 * What waits for its consumers, oldest first.
 *
 * 1. Messages leave in the order they came. One given back is delivered again in its old place, marked redelivered.
 * 2. A message is in the queue or with exactly one consumer, never both.
 * 3. Over its limits the queue loses its oldest waiting message: loss is latency by design.
 */
export interface QueuedMessage {
  readonly id: string;
  /** Rises with every message of the broker: its place in the order. */
  readonly seq: number;
  readonly destination: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** The login of the session that sent it. */
  readonly sender: string;
  redelivered: boolean;
}

export interface Consumer {
  /** Whether one more message may be given to it now. */
  hasRoom(): boolean;
  deliver(message: QueuedMessage): void;
}

export interface MessageQueue {
  /** Returns how many of the oldest were dropped to make room. */
  add(message: QueuedMessage): number;
  /** Puts back what consumers did not acknowledge, in its old place. */
  giveBack(messages: readonly QueuedMessage[]): void;
  attach(consumer: Consumer): void;
  detach(consumer: Consumer): void;
  /** Gives out what consumers have room for; called when room may have appeared. */
  dispatch(): void;
  waiting(): number;
  consumers(): number;
  clear(): void;
}

export interface QueueLimits {
  readonly maxFrames: number;
  readonly maxBytes: number;
}

/** Bytes waiting in all queues of a broker together. */
export interface ByteBudget {
  used: number;
  readonly max: number;
}

export function createMessageQueue(limits: QueueLimits, budget: ByteBudget): MessageQueue {
  let waiting: QueuedMessage[] = [];
  let first = 0;
  let bytes = 0;
  const consumers: Consumer[] = [];
  let turn = 0;

  const count = (message: QueuedMessage, sign: 1 | -1) => {
    bytes += sign * message.body.length;
    budget.used += sign * message.body.length;
  };

  const takeFirst = (): QueuedMessage | undefined => {
    const message = waiting[first];
    if (message === undefined) return undefined;
    first += 1;
    count(message, -1);
    // Moving the rest down only now and then keeps taking cheap.
    if (first > 1_024 && first * 2 > waiting.length) {
      waiting = waiting.slice(first);
      first = 0;
    }
    return message;
  };

  const nextConsumer = (): Consumer | undefined => {
    for (let tried = 0; tried < consumers.length; tried += 1) {
      const consumer = consumers[(turn + tried) % consumers.length];
      if (consumer?.hasRoom() === true) {
        turn = (turn + tried + 1) % consumers.length;
        return consumer;
      }
    }
    return undefined;
  };

  const overLimit = () =>
    waiting.length - first > limits.maxFrames || bytes > limits.maxBytes || budget.used > budget.max;

  const dispatch = () => {
    while (first < waiting.length) {
      const consumer = nextConsumer();
      if (consumer === undefined) return;
      const message = takeFirst();
      if (message !== undefined) consumer.deliver(message);
    }
  };

  const dropOldest = (): number => {
    let dropped = 0;
    while (overLimit() && takeFirst() !== undefined) dropped += 1;
    return dropped;
  };

  return {
    add(message) {
      waiting.push(message);
      count(message, 1);
      dispatch();
      return dropOldest();
    },
    giveBack(messages) {
      if (messages.length === 0) return;
      for (const message of messages) {
        message.redelivered = true;
        count(message, 1);
      }
      waiting = [...messages, ...waiting.slice(first)].sort((a, b) => a.seq - b.seq);
      first = 0;
      dispatch();
    },
    attach(consumer) {
      consumers.push(consumer);
    },
    detach(consumer) {
      const at = consumers.indexOf(consumer);
      if (at !== -1) consumers.splice(at, 1);
    },
    dispatch,
    waiting: () => waiting.length - first,
    consumers: () => consumers.length,
    clear() {
      while (takeFirst() !== undefined);
    },
  };
}
