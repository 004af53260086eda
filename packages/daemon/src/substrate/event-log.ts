/**
 * The last events of one session, for a client whose stream broke: at most so many, and at most so many bytes, but
 * always the last.
 */
export interface KeptEvent {
  readonly number: number;
  readonly stream: string;
  readonly data: string;
}

export class EventLog {
  readonly #events: KeptEvent[] = [];
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  #bytes = 0;
  #count = 0;

  constructor(limits: { readonly maxKeptEvents: number; readonly maxKeptBytes: number }) {
    this.#maxEvents = limits.maxKeptEvents;
    this.#maxBytes = limits.maxKeptBytes;
  }

  /** The number of the last event. */
  get last(): number {
    return this.#count;
  }

  add(stream: string, data: string): KeptEvent {
    const event = { number: ++this.#count, stream, data };
    this.#events.push(event);
    this.#bytes += data.length;
    while (this.#events.length > this.#maxEvents || (this.#bytes > this.#maxBytes && this.#events.length > 1)) {
      this.#bytes -= this.#events.shift()?.data.length ?? 0;
    }
    return event;
  }

  /** The events of a stream that are still kept, behind `number`. */
  after(stream: string, number: number): readonly KeptEvent[] {
    return this.#events.filter((event) => event.stream === stream && event.number > number);
  }
}
