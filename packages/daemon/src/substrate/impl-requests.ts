import type { JsonRpcNotification, JsonRpcRequest, JsonRpcResponse, RequestId } from "./json-rpc.ts";

interface Asked {
  readonly impl: number;
  /** The id impl gave it. */
  readonly theirs: RequestId;
  readonly related: RequestId | undefined;
}

/** A message to the client, and the client's request it belongs to. */
export interface Related<M> {
  readonly message: M;
  readonly related: RequestId | undefined;
}

/** What impls ask the client, under ids of our own: a late answer to one that is gone reaches no other. */
export class ImplRequests {
  readonly #asked = new Map<RequestId, Asked>();
  #count = 0;

  /** The request as the client gets it. */
  ask(message: JsonRpcRequest, impl: number, related: RequestId | undefined): JsonRpcRequest {
    const ours = `federation/${++this.#count}`;
    this.#asked.set(ours, { impl, theirs: message.id, related });
    return { ...message, id: ours };
  }

  /** The client's answer as the impl that asked gets it, unless it is void or was given before. */
  answer(message: JsonRpcResponse): { readonly message: JsonRpcResponse; readonly impl: number } | undefined {
    const asked = this.#take(message.id ?? undefined);
    return asked === undefined ? undefined : { message: { ...message, id: asked.theirs }, impl: asked.impl };
  }

  /** An impl's cancellation of its own request, as the client gets it. */
  cancel(message: JsonRpcNotification, impl: number): Related<JsonRpcNotification> | undefined {
    const theirs = message.params?.["requestId"];
    for (const [ours, asked] of this.#asked) {
      if (asked.impl === impl && asked.theirs === theirs) return this.#withdraw(ours, asked, message.params);
    }
    return undefined;
  }

  /** The impl hears no answer any more: the cancellations the client gets. */
  cancelAllOf(impl: number): readonly Related<JsonRpcNotification>[] {
    const reason = "The node's logic was replaced; the request is void.";
    return [...this.#asked]
      .filter(([, asked]) => asked.impl === impl)
      .map(([ours, asked]) => this.#withdraw(ours, asked, { reason }));
  }

  #withdraw(ours: RequestId, { related }: Asked, params: JsonRpcNotification["params"]): Related<JsonRpcNotification> {
    this.#asked.delete(ours);
    const message = {
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { ...params, requestId: ours },
    } as const;
    return { message, related };
  }

  #take(ours: RequestId | undefined): Asked | undefined {
    const asked = ours === undefined ? undefined : this.#asked.get(ours);
    if (ours !== undefined) this.#asked.delete(ours);
    return asked;
  }
}
