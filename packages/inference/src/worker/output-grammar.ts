/**
 * An output shape as a GBNF grammar, and a model's answer under it as checked values.
 *
 * 1. The skeleton of the JSON is fixed text: fields in the order asked, nothing optional, no free keys.
 * 2. Every repetition is bounded, and the bounds are fitted to the token limit before the first token: sentences get
 *    shorter, then fewer, so that the skeleton can be closed. What does not fit even at its smallest is refused.
 * 3. The grammar is not the check: the finished text is parsed and every value is looked at.
 *
 * The library's own JSON-schema grammar is not used: it has no pattern for paths and no bound on words, and two
 * builders of one thing would drift apart.
 */
import type { OutputField, OutputValue } from "@federation/runtime/ports";

export type OutputStyle = "sentences" | "prose";

export interface OutputBudget {
  readonly maxTokens: number;
  /** Tokens a common English word costs in this model's vocabulary, its space included. */
  readonly tokensPerWord: number;
  /** Tokens of a text: used on the fixed skeleton. */
  readonly count: (text: string) => number;
}

export interface CompiledOutput {
  readonly grammar: string;
  readonly wordsPerSentence: { readonly min: number; readonly max: number };
}

export type CompileResult =
  | { readonly ok: true; readonly output: CompiledOutput }
  | { readonly ok: false; readonly neededTokens: number };

const wordBounds = { least: 5, most: 18, comfortable: 10 };
const pathPattern = /^[a-z0-9][a-z0-9-]{1,29}\.(?:md|txt|ts|json)$/;
/** llama.cpp bounds the count of one repetition (2,000), so long texts are so many chunks and a rest. */
const chunkChars = 100;
const charsPerWord = 7;
const leastSentenceChars = 12;
/** Words may be rarer than the sample the ratio comes from. */
const safety = 1.35;

export function compileOutput(fields: readonly OutputField[], style: OutputStyle, budget: OutputBudget): CompileResult {
  const skeletonTokens = budget.count(skeleton(fields)) + 8;
  const words = Math.floor((budget.maxTokens - skeletonTokens) / (budget.tokensPerWord * safety));
  const least = fields.reduce((sum, field) => sum + (field.kind === "sentences" ? field.min : 0), 0);
  if (words < least * wordBounds.least || budget.maxTokens <= skeletonTokens) {
    const neededTokens = Math.ceil(skeletonTokens + least * wordBounds.least * budget.tokensPerWord * safety);
    return { ok: false, neededTokens };
  }
  const fitted = fit(fields, words);
  const rules = new Map<string, string>();
  const parts = fitted.fields.map(
    (field, index) =>
      `"${literal(`${JSON.stringify(field.name)}: `)}" ${rule(field, index, style, rules, fitted.most)}`,
  );
  rules.set("root", `"{" ${parts.join(' ", " ')} "}"`);
  if (style === "sentences") addSentenceRules(rules, fitted.most);
  const grammar = [...rules].map(([name, body]) => `${name} ::= ${body}`).join("\n");
  return {
    ok: true,
    output: { grammar: `${grammar}\n`, wordsPerSentence: { min: wordBounds.least, max: fitted.most } },
  };
}

export type ParsedFields =
  | { readonly ok: true; readonly fields: Readonly<Record<string, OutputValue>> }
  | { readonly ok: false; readonly problem: string };

/** The text as values, checked against the fields (rule 3). */
export function parseOutput(text: string, fields: readonly OutputField[]): ParsedFields {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { ok: false, problem: "the text is not JSON; it was probably cut off by the token limit" };
  }
  if (!isRecord(parsed)) return { ok: false, problem: "the text is not a JSON object" };
  const values: Record<string, OutputValue> = {};
  for (const field of fields) {
    const value = checkValue(parsed[field.name], field);
    if (value === undefined) return { ok: false, problem: `the field ${field.name} is not what was asked for` };
    Object.defineProperty(values, field.name, { value, enumerable: true });
  }
  return { ok: true, fields: values };
}

function checkValue(value: unknown, field: OutputField): OutputValue | undefined {
  switch (field.kind) {
    case "sentences":
      return typeof value === "string" && value.trim().length > 0 ? value : undefined;
    case "enum":
      return typeof value === "string" && field.values.includes(value) ? value : undefined;
    case "files":
      return checkFiles(value, field.maxFiles);
  }
}

function checkFiles(value: unknown, maxFiles: number): OutputValue | undefined {
  if (!Array.isArray(value) || value.length > maxFiles) return undefined;
  const files: { path: string; content: string }[] = [];
  for (const file of value) {
    if (!isRecord(file)) return undefined;
    const { path, content } = file;
    if (typeof path !== "string" || typeof content !== "string" || !pathPattern.test(path)) return undefined;
    // Two files of one name would overwrite each other: the first stands.
    if (!files.some((other) => other.path === path)) files.push({ path, content });
  }
  return files;
}

interface Fitted {
  readonly fields: readonly OutputField[];
  readonly most: number;
}

/** Shortens sentences down to a comfortable length, then drops sentences and files, then shortens further. */
function fit(fields: readonly OutputField[], words: number): Fitted {
  const sentences = fields.reduce((sum, field) => sum + mostSentences(field), 0);
  if (sentences === 0) return { fields, most: wordBounds.most };
  const most = Math.floor(words / sentences);
  if (most >= wordBounds.comfortable) return { fields, most: Math.min(wordBounds.most, most) };
  let spare =
    Math.floor(words / wordBounds.comfortable) - fields.reduce((sum, field) => sum + leastSentences(field), 0);
  const fewer = fields.map((field): OutputField => {
    if (field.kind === "sentences") {
      const extra = Math.max(0, Math.min(spare, field.max - field.min));
      spare -= extra;
      return { ...field, max: field.min + extra };
    }
    if (field.kind === "files") {
      const perFile = Math.max(1, Math.min(field.maxSentences, spare - 1));
      const maxFiles = Math.max(0, Math.min(field.maxFiles, Math.floor(spare / (perFile + 1))));
      spare -= maxFiles * (perFile + 1);
      return { ...field, maxFiles, maxSentences: perFile };
    }
    return field;
  });
  const kept = fewer.reduce((sum, field) => sum + mostSentences(field), 0);
  const length = kept === 0 ? wordBounds.most : Math.floor(words / kept);
  return { fields: fewer, most: Math.max(wordBounds.least, Math.min(wordBounds.most, length)) };
}

function mostSentences(field: OutputField): number {
  if (field.kind === "sentences") return field.max;
  // A file's name and braces cost about as much as one more sentence.
  return field.kind === "files" ? field.maxFiles * (field.maxSentences + 1) : 0;
}

function leastSentences(field: OutputField): number {
  return field.kind === "sentences" ? field.min : 0;
}

function rule(
  field: OutputField,
  index: number,
  style: OutputStyle,
  rules: Map<string, string>,
  mostWords: number,
): string {
  const name = `f${index}`;
  switch (field.kind) {
    case "enum":
      rules.set(name, field.values.map((value) => `"${literal(JSON.stringify(value))}"`).join(" | "));
      return name;
    case "sentences":
      if (style === "sentences") {
        rules.set(name, `"\\"" ${repeated("sentence", '" "', field.min, field.max)} "\\""`);
      } else {
        rules.set("char", `[^"\\\\\\x00-\\x1f\\x7f] | "\\\\\\""`);
        rules.set("chunk", `char{${chunkChars}}`);
        const least = field.min * leastSentenceChars;
        const chunks = Math.max(1, Math.ceil((field.max * mostWords * charsPerWord - least) / chunkChars));
        rules.set(name, `"\\"" char{${least}} chunk{0,${chunks - 1}} char{1,${chunkChars}} "\\""`);
      }
      return name;
    case "files": {
      if (field.maxFiles === 0) return `"[]"`;
      const file = `${name}file`;
      rules.set(name, `"[" (${repeated(file, '", "', 1, field.maxFiles)})? "]"`);
      rules.set(file, `"{\\"path\\": \\"" path "\\", \\"content\\": \\"" ${name}text "\\"}"`);
      rules.set("path", `[a-z0-9] [a-z0-9-]{1,29} (".md" | ".txt" | ".ts" | ".json")`);
      if (style === "sentences") {
        rules.set(`${name}text`, repeated(`${name}line`, '(" " | "\\\\n")', 1, field.maxSentences));
        rules.set(`${name}line`, `("# " | "- ")? sentence`);
      } else {
        rules.set("linechar", `[^"\\\\\\x00-\\x1f\\x7f] | "\\\\\\"" | "\\\\\\\\" | "\\\\t"`);
        rules.set(`${name}text`, repeated(`${name}line`, '"\\\\n"', 1, field.maxSentences * 2));
        rules.set(`${name}line`, "linechar{0,160}");
      }
      return name;
    }
  }
}

function addSentenceRules(rules: Map<string, string>, mostWords: number): void {
  rules.set("sentence", `[A-Z] [a-z]{0,13} (sep word){${wordBounds.least - 1},${mostWords - 1}} [.?]`);
  rules.set("sep", `" " | ", "`);
  rules.set("word", `letters ("-" letters){0,2} ("'" [a-z]{1,2})? | [0-9]{1,4}`);
  rules.set("letters", "[a-zA-Z]{1,16}");
}

function repeated(item: string, separator: string, min: number, max: number): string {
  if (max <= 1) return item;
  return `${item} (${separator} ${item}){${Math.max(0, min - 1)},${max - 1}}`;
}

/** The text of the object with every value empty: what is spent before the first word. */
function skeleton(fields: readonly OutputField[]): string {
  const parts = fields.map((field) => {
    const value = field.kind === "enum" ? longest(field.values) : "";
    return `${JSON.stringify(field.name)}: ${field.kind === "files" ? "[]" : JSON.stringify(value)}`;
  });
  return `{${parts.join(", ")}}`;
}

function longest(values: readonly string[]): string {
  return values.reduce((best, value) => (value.length > best.length ? value : best), "");
}

/** Escapes a text for a double-quoted GBNF literal. */
function literal(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
