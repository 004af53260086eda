import { maySend } from "../authorise.ts";
import type { BrokerContext } from "../context.ts";
import type { Frame } from "../frame.ts";
import type { QueuedMessage } from "../message-queue.ts";
import type { Session } from "../session.ts";
import { StompError } from "../stomp-error.ts";
import { requiredHeader, shortHeader } from "./headers.ts";
import { openTransaction } from "./transactions.ts";

/** Meant for the broker, or asserted by it: what the client says here is never passed on. */
const ownHeaders = new Set([
  "destination",
  "receipt",
  "transaction",
  "content-length",
  "persistent",
  "priority",
  "expires",
  "JMSXUserID",
  "message-id",
  "subscription",
  "ack",
  "redelivered",
]);

export function handleSend(context: BrokerContext, session: Session, frame: Frame): void {
  const destination = requiredHeader(frame, "destination");
  if (!maySend(destination)) throw new StompError("Not authorised to send to this destination.");
  const message = toMessage(context, session, destination, frame);
  const transaction = shortHeader(frame, "transaction");
  if (transaction === undefined) {
    routeMessage(context, message);
    return;
  }
  const { maxTransactionFrames, maxTransactionBytes } = context.limits;
  const open = openTransaction(session, transaction);
  open.bytes += message.body.length;
  if (open.steps.length >= maxTransactionFrames || open.bytes > maxTransactionBytes) {
    throw new StompError("The transaction is larger than this broker takes.");
  }
  open.steps.push({ kind: "send", message });
}

/** @throws StompError when the broker holds as many queues as it may. */
export function routeMessage({ exchange, counters }: BrokerContext, message: QueuedMessage): void {
  if (!exchange.route(message)) throw new StompError("The broker holds as many queues as it may.");
  counters.messagesIn += 1;
}

function toMessage(context: BrokerContext, session: Session, destination: string, frame: Frame): QueuedMessage {
  const headers = new Map<string, string>();
  for (const [name, value] of frame.headers) {
    checkHeader(name, value);
    if (!ownHeaders.has(name)) headers.set(name, value);
  }
  const seq = context.nextSeq();
  return {
    id: `${session.id}-${seq}`,
    seq,
    destination,
    headers,
    body: frame.body,
    sender: session.login(),
    redelivered: false,
  };
}

function checkHeader(name: string, value: string): void {
  if (!/^[A-Za-z0-9._-]{1,128}$/.test(name))
    throw new StompError("A header's name is not letters, digits, dots and dashes.");
  if (name === "priority" && !/^[0-9]$/.test(value)) throw new StompError("The priority is not 0 to 9.");
  if (name === "persistent" && value !== "true" && value !== "false") {
    throw new StompError("The persistent header is neither true nor false.");
  }
  if (name === "expires" && value !== "0") throw new StompError("Nothing expires in this broker.");
  if (/^(?:JMS|AMQ_|_AMQ)/.test(name) && name !== "JMSXUserID") {
    throw new StompError("JMS and AMQ headers are not taken from clients.");
  }
}
