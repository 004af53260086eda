/** A STOMP 1.2 frame as the broker holds it: header values unescaped, of repeated headers the first. */
export interface Frame {
  readonly command: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\r": "\\r", "\n": "\\n", ":": "\\c" };
const unescapes: Readonly<Record<string, string>> = { "\\\\": "\\", "\\r": "\r", "\\n": "\n", "\\c": ":" };

export function escapeHeader(text: string): string {
  return text.replaceAll(/[\\\r\n:]/g, (character) => escapes[character] ?? character);
}

/** One pass, so that `\\n` stays a backslash and an n. Undefined for a sequence STOMP does not know. */
export function unescapeHeader(text: string): string | undefined {
  if (!text.includes("\\")) return text;
  if (!/^(?:[^\\]|\\[\\rnc])*$/u.test(text)) return undefined;
  return text.replaceAll(/\\[\\rnc]/g, (sequence) => unescapes[sequence] ?? sequence);
}

export function encodeFrame(
  command: string,
  headers: Iterable<readonly [name: string, value: string]>,
  body?: Uint8Array,
): Buffer {
  // As the protocol has it, CONNECTED alone is not escaped: its values are the broker's own and hold nothing to escape.
  const written = command === "CONNECTED" ? (text: string) => text : escapeHeader;
  let head = `${command}\n`;
  for (const [name, value] of headers) head += `${written(name)}:${written(value)}\n`;
  if (body === undefined) return Buffer.from(`${head}\n\0`);
  return Buffer.concat([Buffer.from(`${head}content-length:${body.length}\n\n`), body, Buffer.of(0)]);
}
