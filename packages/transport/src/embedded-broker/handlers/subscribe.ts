import { maySubscribe } from "../authorise.ts";
import type { BrokerContext } from "../context.ts";
import type { Frame } from "../frame.ts";
import type { Session } from "../session.ts";
import { StompError } from "../stomp-error.ts";
import { type AckMode, openSubscription } from "../subscription.ts";
import { requiredHeader } from "./headers.ts";

const defaultPrefetch = 32;

export function handleSubscribe(context: BrokerContext, session: Session, frame: Frame): void {
  const id = requiredHeader(frame, "id");
  const destination = requiredHeader(frame, "destination");
  if (!maySubscribe(session.login(), destination)) {
    throw new StompError("Not authorised to subscribe to this destination.");
  }
  if (session.subscriptions.has(id)) throw new StompError("This subscription id is taken.");
  if (session.subscriptions.size >= context.limits.maxSubscriptions) throw new StompError("Too many subscriptions.");
  for (const unsupported of ["selector", "activemq.subscriptionName", "durable-subscription-name"]) {
    if (frame.headers.has(unsupported)) throw new StompError("Selectors and durable subscriptions are not supported.");
  }
  const request = {
    id,
    destination,
    mode: ackMode(frame.headers.get("ack")),
    prefetch: prefetchOf(frame.headers.get("activemq.prefetchSize"), context.limits.maxPrefetch),
  };
  const subscription = openSubscription(context, session, request);
  session.subscriptions.set(id, subscription);
  subscription.dispatch();
}

function ackMode(header: string | undefined): AckMode {
  switch (header) {
    case undefined:
    case "auto":
      return "auto";
    case "client":
    case "client-individual":
      return header;
    default:
      throw new StompError("The ack header must be auto, client or client-individual.");
  }
}

function prefetchOf(header: string | undefined, max: number): number {
  if (header === undefined) return defaultPrefetch;
  const prefetch = /^\d{1,6}$/.test(header) ? Number(header) : 0;
  if (prefetch < 1) throw new StompError("The prefetch must be a whole number of at least 1.");
  return Math.min(prefetch, max);
}
