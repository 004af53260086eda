import { MAX_TITLE, type Words, wordsOf, wordsSchema } from "@federation/core";
import type { LoadedModel, OutputField, OutputValue } from "../ports/index.ts";
import type { WordedKind } from "./model-heads.ts";

/** What a model is asked to write for a kind of action, and its answer as words. */
export interface AnswerShape {
  readonly fields: readonly OutputField[];
  readonly maxTokens: number;
}

interface Bounds {
  readonly text: readonly [min: number, max: number];
  readonly maxTokens: number;
  readonly files?: { readonly maxFiles: number; readonly maxSentences: number };
}

type Style = LoadedModel["style"];

function boundsOf(kind: WordedKind, style: Style): Bounds {
  const small = style === "sentences";
  if (kind === "submit")
    return small
      ? { text: [2, 4], maxTokens: 320, files: { maxFiles: 2, maxSentences: 6 } }
      : { text: [2, 8], maxTokens: 2_400, files: { maxFiles: 4, maxSentences: 40 } };
  if (kind === "report") return small ? { text: [3, 5], maxTokens: 160 } : { text: [3, 14], maxTokens: 900 };
  if (kind === "propose") return small ? { text: [1, 3], maxTokens: 120 } : { text: [2, 10], maxTokens: 700 };
  if (["ask", "vote", "remember", "hold"].includes(kind))
    return small ? { text: [1, 2], maxTokens: 80 } : { text: [1, 3], maxTokens: 240 };
  return small ? { text: [1, 3], maxTokens: 100 } : { text: [1, 6], maxTokens: 480 };
}

export function answerShape(kind: WordedKind, style: Style): AnswerShape {
  const wanted = wordsOf[kind];
  const bounds = boundsOf(kind, style);
  const [min, max] = bounds.text;
  const fields: OutputField[] = [];
  if (wanted.title === true) fields.push({ name: "title", kind: "sentences", min: 1, max: 1 });
  fields.push({ name: "text", kind: "sentences", min, max });
  if (wanted.files === true && bounds.files !== undefined)
    fields.push({ name: "files", kind: "files", ...bounds.files });
  return { fields, maxTokens: bounds.maxTokens };
}

/** A model's fields as words, or undefined when they break the bounds of the mesh. */
export function wordsFrom(kind: WordedKind, values: Readonly<Record<string, OutputValue>>): Words | undefined {
  const wanted = wordsOf[kind];
  const title = values["title"];
  const text = values["text"];
  const files = values["files"];
  const given = {
    ...(wanted.title === true && typeof title === "string" ? { title: asTitle(title) } : {}),
    ...(wanted.text === true && typeof text === "string" ? { text: text.trim() } : {}),
    ...(wanted.files === true && Array.isArray(files) ? { files: files.filter((f) => f.content.trim() !== "") } : {}),
  };
  const parsed = wordsSchema.safeParse(given);
  if (!parsed.success) return undefined;
  const missing = (wanted.title === true && parsed.data.title === undefined) || parsed.data.text === undefined;
  return missing ? undefined : parsed.data;
}

/** A sentence as a title: one line, cut at a word, without its full stop. */
function asTitle(sentence: string): string {
  const line = sentence.replace(/\s+/g, " ").trim();
  const cut = line.length <= MAX_TITLE ? line : line.slice(0, MAX_TITLE).replace(/\s\S*$/, "");
  return cut.replace(/[.\s]+$/, "");
}
