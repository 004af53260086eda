/** One response as server-sent events. It says something every `aliveMs`, so that a dead client is noticed. */
import type { ServerResponse } from "node:http";

export interface StreamEvent {
  /** What the client names to go on behind this event. */
  readonly id?: string;
  readonly data: string;
}

export class EventStream {
  readonly #response: ServerResponse;
  readonly #maxUnreadBytes: number;
  readonly #alive: NodeJS.Timeout;

  constructor(
    response: ServerResponse,
    headers: Readonly<Record<string, string>>,
    limits: { readonly streamAliveMs: number; readonly maxUnreadBytes: number },
  ) {
    this.#response = response;
    this.#maxUnreadBytes = limits.maxUnreadBytes;
    response.writeHead(200, {
      ...headers,
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      // Asks a proxy not to collect it.
      "x-accel-buffering": "no",
    });
    response.flushHeaders();
    this.#alive = setInterval(() => this.#write(":\n\n"), limits.streamAliveMs);
    this.onClosed(() => clearInterval(this.#alive));
  }

  /** The client is there, as far as is known. */
  get open(): boolean {
    return !this.#response.writableEnded && !this.#response.destroyed;
  }

  /** An event without data: gives the client an id to come back with, and the time to wait before it does. */
  prime(id: string, retryMs: number): void {
    this.#write(`id: ${id}\nretry: ${retryMs}\ndata:\n\n`);
  }

  send({ id, data }: StreamEvent): void {
    this.#write(`event: message\n${id === undefined ? "" : `id: ${id}\n`}data: ${data}\n\n`);
  }

  end(): void {
    clearInterval(this.#alive);
    if (this.open) this.#response.end();
  }

  /** Calls back once when the response is over, whoever ended it; also when it was over before it was a stream. */
  onClosed(callback: () => void): void {
    if (this.#response.destroyed) queueMicrotask(callback);
    else this.#response.once("close", callback);
  }

  #write(text: string): void {
    if (!this.open) return;
    // Who does not read costs itself this stream; what it missed is asked for again, within limits.
    if (this.#response.writableLength > this.#maxUnreadBytes) this.#response.destroy();
    else this.#response.write(text);
  }
}
