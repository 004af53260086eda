/**
 * The three lines at the end of a commit's message that say under which claim it was made. They prove nothing by
 * themselves: whose commit it is, the signature says.
 *
 * 1. There is exactly one block: the three lines together, in this order, in the last paragraph, behind some text.
 * 2. Nothing else in the message may look like one of them, to a program or to a person: not in the body, not twice,
 *    not in other letters.
 * 3. The message is text: a control character could make it read differently in a terminal.
 */
import { actorNameSchema } from "@federation/core";

export interface NamedClaim {
  readonly task: string;
  readonly fence: number;
  readonly actor: string;
}

export type Trailers =
  | { readonly kind: "none" }
  | ({ readonly kind: "claim" } & NamedClaim)
  | { readonly kind: "refused"; readonly reason: string };

const names = ["Federation-Task", "Federation-Fence", "Federation-Actor"] as const;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const anyTrailer = /^[A-Za-z0-9][A-Za-z0-9-]*: \S.*$/;
const refused = (reason: string): Trailers => ({ kind: "refused", reason });

export function readTrailers(message: string): Trailers {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(message))
    return refused("its message holds characters that control how it is shown");
  const lines = message.replace(/\n+$/, "").split("\n");
  const start = lastParagraph(lines);
  const found = lines.flatMap((line, at) => (looksLikeOurs(line) ? [at] : []));
  if (found.length === 0) return { kind: "none" };
  if (start === 0 || lines.slice(0, start).every(isBlank))
    return refused("its message has no text before the trailers");
  if (found.some((at) => at < start)) return refused("a line outside its last paragraph looks like a trailer of ours");
  const [first = 0] = found;
  const values = names.map((name, n) => valueIn(lines[first + n], name));
  const [task, fence, actor] = values;
  if (found.length > names.length) return refused("it has more than one block of our trailers");
  if (task === undefined || fence === undefined || actor === undefined)
    return refused(`its trailers are not the three lines ${names.join(", ")} together and in this order`);
  if (!lines.slice(start).every((line) => anyTrailer.test(line)))
    return refused("its last paragraph holds more than trailers");
  if (!uuid.test(task)) return refused("its Federation-Task is no task's id in lower-case letters");
  if (!/^[1-9][0-9]{0,14}$/.test(fence)) return refused("its Federation-Fence is no fence");
  if (!actorNameSchema.safeParse(actor).success) return refused("its Federation-Actor is no actor's name");
  return { kind: "claim", task, fence: Number(fence), actor };
}

/** The task a message asks for in its last paragraph, whether or not the rest of the block is there yet. */
export function wantedTask(message: string): string | undefined {
  const lines = message.replace(/\n+$/, "").split("\n");
  const asked = lines.slice(lastParagraph(lines)).flatMap((line) => valueIn(line, "Federation-Task")?.trim() ?? []);
  const [task] = asked;
  return asked.length === 1 && task !== undefined && uuid.test(task) ? task : undefined;
}

/**
 * The message with this claim's block and no other in its last paragraph. `tail` is what git will cut off: comments.
 * What looks like a trailer elsewhere stays: it is for the check to refuse, not for us to hide.
 */
export function withTrailers(message: string, claim: NamedClaim, tail = ""): string {
  const lines = message.trimEnd().split("\n");
  const start = lastParagraph(lines);
  const kept = [...lines.slice(0, start), ...lines.slice(start).filter((line) => !looksLikeOurs(line))];
  while (kept.length > 0 && isBlank(kept.at(-1) ?? "")) kept.pop();
  const text = kept.join("\n");
  const behind = kept.slice(lastParagraph(kept));
  const joins = lastParagraph(kept) > 0 && behind.every((line) => anyTrailer.test(line));
  const block = [claim.task, claim.fence, claim.actor].map((value, n) => `${names[n]}: ${value}`).join("\n");
  return `${text}${joins ? "\n" : "\n\n"}${block}\n${tail === "" ? "" : `\n${tail}`}`;
}

/** A message made of somebody's words: they can neither be a trailer of ours nor end in one. */
export function composeMessage(words: string, claim: NamedClaim): string {
  const text = words
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: every way to end a line.
    .replace(/\r\n?|[\u000b\u000c\u0085\u2028\u2029]/g, "\n")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
    .replace(/[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "")
    .slice(0, 16_384)
    .split("\n")
    .map((line) => (looksLikeOurs(line) ? `> ${line.trim()}` : line.trimEnd()))
    .join("\n")
    .trim();
  const block = withTrailers("", claim).trimStart();
  return `${text === "" ? "Files of a submission" : text}\n\n${block}`;
}

function lastParagraph(lines: readonly string[]): number {
  return lines.findLastIndex(isBlank) + 1;
}

function isBlank(line: string): boolean {
  return line.trim() === "";
}

function valueIn(line: string | undefined, name: string): string | undefined {
  return line?.startsWith(`${name}: `) ? line.slice(name.length + 2) : undefined;
}

/** In other letters, with other dashes or colons, indented, or with letters nobody sees between: still one of ours. */
function looksLikeOurs(line: string): boolean {
  const plain = line
    .slice(0, 200)
    .normalize("NFKC")
    .replace(/[\p{Cf}\p{M}]/gu, "")
    .replace(/\p{Pd}/gu, "-");
  return /^\s*federation[-_\s]?(?:task|fence|actor)\s*[:=]/i.test(plain);
}
