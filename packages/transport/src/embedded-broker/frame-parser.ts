/**
 * Bytes of a stranger to STOMP 1.2 frames. Pulled, not pushed: the session takes the next frame when it is ready for it.
 *
 * 1. Memory is bounded by the limits however the bytes are cut into chunks, and work per byte is constant.
 * 2. Strict: what STOMP 1.2 does not allow is a `FrameError`, never a guess; after one the parser must not be used.
 * 3. Nothing of a frame is seen before all of it is here.
 */
import { type Frame, unescapeHeader } from "./frame.ts";

export interface FrameLimits {
  /** Of command, headers and body together. */
  readonly maxFrameBytes: number;
  readonly maxBodyBytes: number;
  readonly maxHeaders: number;
  readonly maxHeaderLineBytes: number;
}

/** Its message is fit to be sent to the client. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

export interface FrameParser {
  push(chunk: Uint8Array): void;
  /** @throws FrameError */
  next(): Frame | undefined;
  setLimits(limits: FrameLimits): void;
}

const LF = 10;
const CR = 13;
const NUL = 0;
const maxCommandBytes = 32;
const initialBytes = 4 * 1024;
const noBody = Buffer.alloc(0);

interface Head {
  readonly command: string;
  readonly headers: Map<string, string>;
  headerLines: number;
}

export function createFrameParser(initialLimits: FrameLimits): FrameParser {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let limits = initialLimits;
  // Unread bytes are buffer[start, end); up to `scanned` they are known to hold no end of the present line or body.
  let buffer = Buffer.allocUnsafe(initialBytes);
  let start = 0;
  let end = 0;
  let scanned = 0;
  let frameBytes = 0;
  let head: Head | undefined;
  // Set when the headers are complete: what is left to read of the frame.
  let body: { readonly length: number | undefined } | undefined;

  const take = (count: number): Buffer => {
    const taken = buffer.subarray(start, start + count);
    start += count;
    scanned = start;
    return taken;
  };

  /** Takes up to and without `terminator`; undefined when it is not here yet. */
  const takeUntil = (terminator: number, maxBytes: number, what: string): Buffer | undefined => {
    const at = buffer.subarray(0, end).indexOf(terminator, scanned);
    const length = (at === -1 ? end : at) - start;
    if (length > maxBytes) throw new FrameError(`${what} is longer than ${maxBytes} bytes.`);
    if (at === -1) {
      scanned = end;
      return undefined;
    }
    const taken = take(length);
    start += 1;
    scanned = start;
    return taken;
  };

  const decode = (bytes: Uint8Array): string => {
    try {
      return decoder.decode(bytes);
    } catch {
      throw new FrameError("A command or header is not valid UTF-8.");
    }
  };

  const takeLine = (maxBytes: number, what: string): string | undefined => {
    const bytes = takeUntil(LF, maxBytes, what);
    if (bytes === undefined) return undefined;
    frameBytes += bytes.length + 1;
    if (frameBytes > limits.maxFrameBytes) throw tooLarge();
    const line = decode(bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes);
    if (/[\r\0]/.test(line)) throw new FrameError("A command or header holds a carriage return or NUL.");
    return line;
  };

  const tooLarge = () => new FrameError(`A frame is larger than ${limits.maxFrameBytes} bytes.`);

  const skipHeartbeats = () => {
    while (start < end) {
      const byte = buffer[start];
      if (byte === CR) {
        if (start + 1 === end) return;
        if (buffer[start + 1] !== LF) throw new FrameError("A carriage return stands alone between frames.");
      } else if (byte !== LF) return;
      start += byte === CR ? 2 : 1;
    }
  };

  const addHeader = (target: Head, line: string) => {
    target.headerLines += 1;
    if (target.headerLines > limits.maxHeaders) throw new FrameError(`A frame has over ${limits.maxHeaders} headers.`);
    const colon = line.indexOf(":");
    if (colon < 1) throw new FrameError("A header line has no name or no colon.");
    const rawName = line.slice(0, colon);
    const rawValue = line.slice(colon + 1);
    // CONNECT alone is not escaped, so that 1.0 clients could be told apart.
    const escaped = target.command !== "CONNECT";
    const name = escaped ? unescapeHeader(rawName) : rawName;
    const value = escaped ? unescapeHeader(rawValue) : rawValue;
    if (name === undefined || value === undefined) throw new FrameError("A header holds an unknown escape sequence.");
    if (escaped && rawValue.includes(":")) throw new FrameError("A header value holds an unescaped colon.");
    if (!target.headers.has(name)) target.headers.set(name, value);
  };

  const bodyLength = (target: Head): number | undefined => {
    const text = target.headers.get("content-length");
    if (text === undefined) return target.command === "SEND" ? undefined : 0;
    if (!/^\d{1,10}$/.test(text)) throw new FrameError("The content-length is not a whole number.");
    const length = Number(text);
    if (length > 0 && target.command !== "SEND") throw new FrameError(`A ${target.command} frame has no body.`);
    if (length > limits.maxBodyBytes) throw new FrameError(`A body is larger than ${limits.maxBodyBytes} bytes.`);
    if (frameBytes + length > limits.maxFrameBytes) throw tooLarge();
    return length;
  };

  const takeBody = (length: number | undefined): Buffer | undefined => {
    if (length === undefined) {
      const allowed = Math.min(limits.maxBodyBytes, limits.maxFrameBytes - frameBytes);
      const bytes = takeUntil(NUL, allowed, "A body");
      return bytes === undefined ? undefined : Buffer.from(bytes);
    }
    if (end - start < length + 1) return undefined;
    if (buffer[start + length] !== NUL) throw new FrameError("A frame does not end with NUL where its length says.");
    const bytes = length === 0 ? noBody : Buffer.from(buffer.subarray(start, start + length));
    take(length + 1);
    return bytes;
  };

  return {
    setLimits(next) {
      limits = next;
    },
    push(chunk) {
      if (start === end) {
        start = end = scanned = 0;
        // Memory of a large frame is not kept for a quiet client.
        if (buffer.length > 16 * initialBytes) buffer = Buffer.allocUnsafe(initialBytes);
      }
      if (end + chunk.length > buffer.length) {
        const unread = end - start;
        const needed = unread + chunk.length;
        // At least half of the new room is free, so that bytes are moved a constant number of times.
        const target = needed * 2 > buffer.length ? Buffer.allocUnsafe(needed * 2) : buffer;
        buffer.copy(target, 0, start, end);
        buffer = target;
        scanned -= start;
        start = 0;
        end = unread;
      }
      buffer.set(chunk, end);
      end += chunk.length;
    },
    next() {
      if (head === undefined) {
        skipHeartbeats();
        if (scanned < start) scanned = start;
        if (start === end || (buffer[start] === CR && start + 1 === end)) return undefined;
        frameBytes = 0;
        const command = takeLine(maxCommandBytes, "A command");
        if (command === undefined) return undefined;
        if (!/^[A-Z]+$/.test(command)) throw new FrameError("A frame does not begin with a STOMP command.");
        head = { command, headers: new Map(), headerLines: 0 };
      }
      while (body === undefined) {
        const line = takeLine(limits.maxHeaderLineBytes, "A header line");
        if (line === undefined) return undefined;
        if (line === "") body = { length: bodyLength(head) };
        else addHeader(head, line);
      }
      const bytes = takeBody(body.length);
      if (bytes === undefined) return undefined;
      const frame: Frame = { command: head.command, headers: head.headers, body: bytes };
      head = undefined;
      body = undefined;
      return frame;
    },
  };
}
