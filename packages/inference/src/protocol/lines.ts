import { StringDecoder } from "node:string_decoder";

/**
 * Cuts a byte stream into lines and refuses one that grows past the bound, so that a peer cannot fill the memory.
 *
 * @returns a function to feed with chunks; it calls `onLine` per whole line and `onTooLong` once, after which the
 *   rest of the stream is ignored.
 */
export function createLineReader(options: {
  readonly maxChars: number;
  readonly onLine: (line: string) => void;
  readonly onTooLong: () => void;
}): (chunk: Buffer) => void {
  const decoder = new StringDecoder("utf8");
  let parts: string[] = [];
  let length = 0;
  let dead = false;
  return (chunk) => {
    if (dead) return;
    const pieces = decoder.write(chunk).split("\n");
    pieces.forEach((piece, index) => {
      if (dead) return;
      length += piece.length;
      if (length > options.maxChars) {
        dead = true;
        parts = [];
        options.onTooLong();
        return;
      }
      parts.push(piece);
      if (index === pieces.length - 1) return;
      const line = parts.join("");
      parts = [];
      length = 0;
      if (line.length > 0) options.onLine(line);
    });
  };
}
