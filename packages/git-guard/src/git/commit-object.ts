/**
 * A commit as git stores it, read strictly.
 *
 * 1. Every header is one we know, at its place and not twice: what git would skip, or read differently, is refused.
 * 2. `payload` is exactly what was signed: the object's bytes without the signature's header.
 */
import type { Ident } from "../judge/identity.ts";

export interface CommitObject {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Ident;
  readonly committer: Ident;
  readonly message: string;
  /** Armoured, as it stands in the header; undefined: unsigned. */
  readonly signature: string | undefined;
  readonly payload: Buffer;
}

export type ReadCommit =
  | { readonly kind: "commit"; readonly commit: CommitObject }
  | { readonly kind: "refused"; readonly reason: string };

const hash = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const ident = /^(?<name>[^<>\n\0]*?) ?<(?<email>[^<>\n\0]*)> \d{1,12} [+-]\d{4}$/;
const order = ["tree", "parent", "author", "committer", "mergetag", "signature"] as const;
type HeaderName = (typeof order)[number];
const repeatable: readonly HeaderName[] = ["parent", "mergetag"];

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const refused = (reason: string): ReadCommit => ({ kind: "refused", reason });

export function readCommit(raw: Buffer): ReadCommit {
  if (raw.includes(0)) return refused("it holds a NUL, behind which git shows nothing");
  let text: string;
  try {
    text = decoder.decode(raw);
  } catch {
    return refused("it is not written in UTF-8");
  }
  const end = text.indexOf("\n\n");
  if (end < 0) return refused("it has no message");
  const headers = readHeaders(text.slice(0, end));
  if (typeof headers === "string") return refused(headers);
  const one = (name: HeaderName): string => headers.find((it) => it.name === name)?.value ?? "";
  const parents = headers.filter((it) => it.name === "parent").map((it) => it.value);
  const author = readIdent(one("author"));
  const committer = readIdent(one("committer"));
  if (![one("tree"), ...parents].every((it) => hash.test(it))) return refused("it names a tree or parent by no hash");
  if (new Set(parents).size !== parents.length) return refused("it names the same parent twice");
  if (author === undefined || committer === undefined) return refused("its author or committer line is malformed");
  const signature = headers.find((it) => it.name === "signature");
  return {
    kind: "commit",
    commit: {
      tree: one("tree"),
      parents,
      author,
      committer,
      message: text.slice(end + 2),
      signature: signature?.value,
      payload: signature === undefined ? raw : without(raw, text, signature),
    },
  };
}

interface Header {
  readonly name: HeaderName;
  readonly value: string;
  /** Where the header stands in the text, its last newline included. */
  readonly from: number;
  readonly to: number;
}

/** The headers in their one lawful order, or what is wrong with them. */
function readHeaders(text: string): readonly Header[] | string {
  const headers: Header[] = [];
  let from = 0;
  for (const block of text.split(/\n(?! )/)) {
    const [key = "", ...rest] = block.split(" ");
    const value = rest.join(" ");
    // A repository of the newer hash keeps its signatures under the second name.
    const name = key === "gpgsig" || key === "gpgsig-sha256" ? "signature" : order.find((it) => it === key);
    if (name === undefined) return `it has a header that is not understood here: ${key.slice(0, 40)}`;
    const before = headers.at(-1)?.name;
    const place = order.indexOf(name);
    if (before !== undefined && place < order.indexOf(before)) return `its header ${name} is not at its place`;
    if (before === name && !repeatable.includes(name)) return `it has two headers ${name}`;
    if (block.includes("\n") && name !== "signature" && name !== "mergetag") return `its header ${name} has two lines`;
    const to = from + block.length + 1;
    headers.push({ name, value: value.replaceAll("\n ", "\n"), from, to });
    from = to;
  }
  for (const name of ["tree", "author", "committer"] as const) {
    if (!headers.some((it) => it.name === name)) return `it has no header ${name}`;
  }
  return headers;
}

function readIdent(value: string): Ident | undefined {
  const groups = ident.exec(value)?.groups;
  return groups === undefined ? undefined : { name: groups["name"] ?? "", email: groups["email"] ?? "" };
}

function without(raw: Buffer, text: string, { from, to }: Header): Buffer {
  const start = Buffer.byteLength(text.slice(0, from));
  const length = Buffer.byteLength(text.slice(from, to));
  return Buffer.concat([raw.subarray(0, start), raw.subarray(start + length)]);
}
