/** `resources/subscribe` and its opposite, which clients of the 2025 era have; later ones listen (`listen-request.ts`). */
import { MeshError } from "@federation/core";
import { type McpServer, ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from "@modelcontextprotocol/server";
import { isKnownUri, scheme } from "./resource-table.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface ServeSubscriptionsOptions {
  readonly subscriptions: Subscriptions;
  readonly resumed: boolean;
  readonly onInitialized: () => void;
}

export function serveSubscriptions(mcp: McpServer, options: ServeSubscriptionsOptions): void {
  const { subscriptions, resumed } = options;
  const keyOf = (uri: string): string => `uri ${uri}`;
  mcp.server.setRequestHandler("resources/subscribe", async ({ params: { uri } }) => {
    if (uri.startsWith(scheme) && !isKnownUri(uri)) {
      throw new ResourceNotFoundError(
        uri,
        `There is no ${uri}; resources/list and resources/templates/list name them.`,
      );
    }
    try {
      await subscriptions.add(keyOf(uri), { uris: [uri], lists: false });
    } catch (thrown) {
      const { code, message } = MeshError.from(thrown);
      const theirs = code === "invalid_input" || code === "limit_exceeded";
      throw new ProtocolError(theirs ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError, message);
    }
    if (resumed) subscriptions.tell(keyOf(uri));
    return {};
  });
  mcp.server.setRequestHandler("resources/unsubscribe", ({ params: { uri } }) => {
    subscriptions.remove(keyOf(uri));
    return {};
  });
  mcp.server.oninitialized = options.onInitialized;
}
