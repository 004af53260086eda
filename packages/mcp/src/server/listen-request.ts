/** `subscriptions/listen` of the 2026 era, as far as its envelope says what the client wants to hear of. Pure. */
import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type RequestId,
  SUBSCRIPTION_ID_META_KEY,
} from "@modelcontextprotocol/server";
import { z } from "zod";

export interface ListenRequest {
  readonly id: RequestId;
  readonly uris: readonly string[];
  readonly lists: boolean;
}

const filterSchema = z.object({
  notifications: z.object({
    resourceSubscriptions: z.array(z.string()).default([]),
    resourcesListChanged: z.boolean().default(false),
  }),
});
const idSchema = z.union([z.string(), z.number()]);
const cancelledSchema = z.object({ requestId: idSchema });
const acknowledgedSchema = z.object({ _meta: z.object({ [SUBSCRIPTION_ID_META_KEY]: idSchema }) });

/** Undefined: it is none, or one that the SDK will refuse. */
export function listenRequest(message: JSONRPCMessage): ListenRequest | undefined {
  if (!isJSONRPCRequest(message) || message.method !== "subscriptions/listen") return undefined;
  const filter = filterSchema.safeParse(message.params);
  if (!filter.success) return undefined;
  const { resourceSubscriptions, resourcesListChanged } = filter.data.notifications;
  return { id: message.id, uris: [...new Set(resourceSubscriptions)], lists: resourcesListChanged };
}

/** The request that its client gives up with this message. */
export function cancelledRequest(message: JSONRPCMessage): RequestId | undefined {
  if (!isJSONRPCNotification(message) || message.method !== "notifications/cancelled") return undefined;
  return cancelledSchema.safeParse(message.params).data?.requestId;
}

/** The listen request that is acknowledged with this message. */
export function acknowledgedRequest(message: JSONRPCMessage): RequestId | undefined {
  if (!isJSONRPCNotification(message) || message.method !== "notifications/subscriptions/acknowledged")
    return undefined;
  return acknowledgedSchema.safeParse(message.params).data?._meta[SUBSCRIPTION_ID_META_KEY];
}
