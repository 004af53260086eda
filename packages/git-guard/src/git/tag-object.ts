/** An annotated tag as git stores it, read as strictly as a commit. */
import type { Ident } from "../judge/identity.ts";

export interface TagObject {
  readonly name: string;
  readonly targetType: string;
  readonly tagger: Ident | undefined;
  readonly signature: string | undefined;
  /** What was signed: all before the signature. */
  readonly payload: Buffer;
}

const head =
  /^object [0-9a-f]{40,64}\ntype (?<type>[a-z]+)\ntag (?<name>[^\n]+)\ntagger (?<by>[^<>\n]*?) ?<(?<email>[^<>\n]*)> \d{1,12} [+-]\d{4}\n\n/;
const begin = "-----BEGIN ";
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The tag, or why it cannot be read. */
export function readTag(raw: Buffer): TagObject | string {
  if (raw.includes(0)) return "the tag holds a NUL";
  let text: string;
  try {
    text = decoder.decode(raw);
  } catch {
    return "the tag is not written in UTF-8";
  }
  const groups = head.exec(text)?.groups;
  if (groups === undefined) return "the tag has headers that are not understood here";
  const starts = text.split("\n").filter((line) => line.startsWith(begin)).length;
  if (starts > 1) return "the tag holds more than one signature";
  const at = text.indexOf(`\n${begin}`) + 1;
  return {
    name: groups["name"] ?? "",
    targetType: groups["type"] ?? "",
    tagger: { name: groups["by"] ?? "", email: groups["email"] ?? "" },
    signature: starts === 0 ? undefined : text.slice(at),
    payload: starts === 0 ? raw : raw.subarray(0, Buffer.byteLength(text.slice(0, at))),
  };
}
