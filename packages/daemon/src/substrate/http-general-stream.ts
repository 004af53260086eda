/**
 * What belongs to no call of a session: it goes down the newest GET stream, and is kept while there is none.
 */

import { generalStream } from "./event-id.ts";
import { EventLog } from "./event-log.ts";
import type { EventStream } from "./event-stream.ts";
import type { HttpLimits } from "./http-limits.ts";

export class GeneralStream {
  readonly #maxStreams: number;
  readonly #log: EventLog;
  readonly #idOf: (number: number) => string;
  /** Open ones, the newest last. */
  #streams: EventStream[] = [];
  /** The last event that went down a stream. */
  #told = 0;

  constructor(limits: HttpLimits, idOf: (number: number) => string) {
    this.#maxStreams = limits.maxStreams;
    this.#log = new EventLog(limits);
    this.#idOf = idOf;
  }

  /** Somebody listens. */
  get open(): boolean {
    return this.#streams.length > 0;
  }

  /** The id behind which a stream that is opened now begins. */
  get lastId(): string {
    return this.#idOf(this.#told);
  }

  /** Everything behind this event is told again. */
  goBackTo(number: number): void {
    this.#told = Math.min(this.#told, number);
  }

  add(stream: EventStream, onClosed: () => void): void {
    this.#streams.push(stream);
    if (this.#streams.length > this.#maxStreams) this.#streams.shift()?.end();
    stream.onClosed(() => {
      this.#streams = this.#streams.filter((other) => other !== stream);
      onClosed();
    });
    this.#flush();
  }

  say(data: string): void {
    this.#log.add(generalStream, data);
    this.#flush();
  }

  end(): void {
    for (const stream of this.#streams) stream.end();
  }

  #flush(): void {
    const stream = this.#streams.findLast((candidate) => candidate.open);
    if (stream === undefined) return;
    for (const { number, data } of this.#log.after(generalStream, this.#told)) {
      stream.send({ id: this.#idOf(number), data });
      this.#told = number;
    }
  }
}
