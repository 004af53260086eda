/** Cuts a stream of bytes into lines, of which one that grows too long is only noted. */
export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  #overlong = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in this chunk, without their line end. */
  *push(chunk: Buffer): Generator<Buffer | "too long"> {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      this.#add(chunk.subarray(from, end));
      yield this.#take();
      from = end + 1;
    }
    this.#add(chunk.subarray(from));
  }

  #add(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) {
      this.#overlong = true;
      this.#parts = [];
    } else if (part.length > 0) {
      this.#parts.push(part);
    }
  }

  #take(): Buffer | "too long" {
    const line = this.#overlong ? "too long" : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    this.#overlong = false;
    return line;
  }
}
