import type { JsonRpcNotification, JsonRpcRequest } from "./json-rpc.ts";

/** What the next impl of a conversation must be told to go on with it; filled as the conversation goes. */
export class SessionMemory {
  initialized: JsonRpcNotification | undefined;
  #initialize: JsonRpcRequest | undefined;
  #logLevel: JsonRpcRequest | undefined;
  readonly #subscriptions = new Map<unknown, JsonRpcRequest>();

  /** Answered with a result, so it holds; undefined in a conversation that needs no beginning. */
  get initialize(): JsonRpcRequest | undefined {
    return this.#initialize;
  }

  /** What is replayed after `initialize`, in order. */
  get settings(): readonly JsonRpcRequest[] {
    return [...(this.#logLevel === undefined ? [] : [this.#logLevel]), ...this.#subscriptions.values()];
  }

  /** Takes note of a request that was answered with a result. True when it is one of the settings. */
  note(message: JsonRpcRequest): boolean {
    const uri = message.params?.["uri"];
    switch (message.method) {
      case "initialize":
        this.#initialize = message;
        return false;
      case "logging/setLevel":
        this.#logLevel = only(message, "level");
        return true;
      case "resources/subscribe":
        this.#subscriptions.set(uri, only(message, "uri"));
        return true;
      case "resources/unsubscribe":
        this.#subscriptions.delete(uri);
        return true;
      default:
        return false;
    }
  }
}

/** A client may put a megabyte beside what is replayed, and many such requests are kept as long as the session. */
function only({ id, method, params }: JsonRpcRequest, field: string): JsonRpcRequest {
  return { jsonrpc: "2.0", id, method, params: { [field]: params?.[field] } };
}
