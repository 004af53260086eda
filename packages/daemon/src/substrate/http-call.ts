/**
 * One POST of the 2026-07-28 era as the wire of a session of its own, which lasts as long as the answer.
 *
 * 1. The answer is JSON. Once something is to be said before it, or it takes long, it is a stream, if the client takes
 *    one; otherwise what comes before the answer is dropped.
 * 2. The client that hangs up cancels the call: the session ends with the response.
 * 3. Some errors have a status of their own; all others are answers like any other.
 */
import type { ServerResponse } from "node:http";
import { EventStream } from "./event-stream.ts";
import { answerMessage, answerRefusal, type HttpRefusal } from "./http-answer.ts";
import type { Accepted } from "./http-headers.ts";
import type { HttpLimits } from "./http-limits.ts";
import { isResponse, type JsonRpcMessage, type JsonRpcRequest, rpcCodes } from "./json-rpc.ts";
import type { SessionHandle, Wire } from "./wire.ts";

const statusOfError: ReadonlyMap<number, number> = new Map([
  [rpcCodes.parseError, 400],
  [rpcCodes.invalidRequest, 400],
  [rpcCodes.methodNotFound, 404],
  [rpcCodes.headerMismatch, 400],
  [rpcCodes.missingCapability, 400],
  [rpcCodes.unsupportedVersion, 400],
  [rpcCodes.limitExceeded, 429],
  [rpcCodes.unavailable, 503],
]);

export interface HttpCallOptions {
  readonly request: JsonRpcRequest;
  readonly response: ServerResponse;
  readonly accepted: Accepted;
  readonly limits: Pick<HttpLimits, "streamAliveMs"> & { readonly maxUnreadBytes: number };
}

export class HttpCall implements Wire {
  readonly #options: HttpCallOptions;
  readonly #patience: NodeJS.Timeout;
  #stream: EventStream | undefined;
  #handle: SessionHandle | undefined;
  #over = false;

  constructor(options: HttpCallOptions) {
    this.#options = options;
    this.#patience = setTimeout(() => this.#open(), options.limits.streamAliveMs);
    options.response.once("close", () => this.#end(1000));
  }

  /** Gives the request to the session. */
  begin(handle: SessionHandle): void {
    this.#handle = handle;
    if (this.#over) {
      handle.closed(1000);
      return;
    }
    handle.receive({ kind: "message", message: this.#options.request }, (error) => this.send(error));
  }

  /** What is unread costs its reader the stream, see `EventStream`. */
  get unreadBytes(): number {
    return 0;
  }

  send(message: JsonRpcMessage): void {
    if (this.#over) return;
    if (!isResponse(message)) {
      // This era knows no requests to the client.
      if (!("id" in message)) this.#open()?.send({ data: JSON.stringify(message) });
      return;
    }
    const { response, accepted } = this.#options;
    if (this.#stream === undefined && accepted.json) {
      answerMessage(response, message, "error" in message ? (statusOfError.get(message.error.code) ?? 200) : 200);
    } else {
      this.#open()?.send({ data: JSON.stringify(message) });
      this.#stream?.end();
    }
    this.#end(1000);
  }

  close(code: number, reason: string): void {
    this.#refuse({ status: statusOfClose(code), message: reason });
    this.#end(code);
  }

  terminate(): void {
    this.#options.response.destroy();
  }

  #refuse(refusal: HttpRefusal): void {
    const { response, request } = this.#options;
    if (this.#stream === undefined) answerRefusal(response.req, response, { ...refusal, id: request.id });
    else this.#stream.end();
  }

  #open(): EventStream | undefined {
    const { response, accepted, limits } = this.#options;
    if (accepted.stream && this.#stream === undefined && !response.headersSent) {
      this.#stream = new EventStream(response, {}, limits);
    }
    return this.#stream;
  }

  #end(code: number): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#patience);
    this.#handle?.closed(code);
  }
}

/** The status that tells why a session was closed. */
export function statusOfClose(code: number): HttpRefusal["status"] {
  const statuses: ReadonlyMap<number, HttpRefusal["status"]> = new Map([
    [1001, 503],
    [1008, 429],
    [4401, 401],
    [4403, 403],
    [4409, 403],
  ]);
  return statuses.get(code) ?? 500;
}
