import type { Words } from "@federation/core";

/**
 * Whether what a model wrote is an answer at all.
 *
 * 1. It judges form, never opinion: an answer is thrown away for echoing, repeating itself, missing the objective or
 *    being a template, not for what it wants.
 * 2. Words that mean nothing by design (the fixture model's) are judged by presence only.
 */
export type Flaw = "empty" | "template" | "echo" | "copied_example" | "repetition" | "off_objective";

export interface AnswerCase {
  readonly words: Words;
  readonly objective: string;
  /** Everything the prompt quoted. */
  readonly quoted: readonly string[];
  /** Of that, what it is right to repeat: who assigns a task says again what was decided. */
  readonly mayRepeat: readonly string[];
  readonly example: string;
  /** False: words mean nothing and are not judged. */
  readonly meaningful: boolean;
}

/** Largest share of an answer's n-grams that may come from elsewhere. */
const MAX_SHARE = 0.3;

/** @returns the first flaw found, or null for an answer that may be used. */
export function judgeAnswer(c: AnswerCase): Flaw | null {
  const texts = [c.words.title, c.words.text, ...(c.words.files ?? []).map((f) => f.content)].filter(
    (t) => t !== undefined,
  );
  if (texts.length === 0 || texts.some((t) => !/[\p{L}\p{N}]/u.test(t))) return "empty";
  if (!c.meaningful) return null;
  if (texts.some((t) => TEMPLATE.test(t))) return "template";
  const answer = texts.join("\n");
  const words = wordsIn(answer);
  const runs = (texts: readonly string[]) => texts.flatMap((text) => grams(wordsIn(text), 4));
  const repeatable = new Set(runs(c.mayRepeat));
  const foreign = runs(c.quoted).filter((run) => !repeatable.has(run));
  if (shareFrom(grams(words, 4), foreign) > MAX_SHARE) return "echo";
  if (shareFrom(grams(words, 3), grams(wordsIn(c.example), 3)) > MAX_SHARE) return "copied_example";
  if (borrowsSubject(answer, c)) return "copied_example";
  if (repeatsItself(texts)) return "repetition";
  if (!sharesStem(answer, c.objective)) return "off_objective";
  return null;
}

/** Marks of form letters and of chat templates. Every alternative is linear. */
const TEMPLATE =
  /\{%|%\}|\{\{|\}\}|<\||\|>|\[(?:your|insert|name|the name|date|company|title|placeholder)[^\]\n]{0,40}\]|lorem ipsum|as an ai (?:language )?model|\b(?:dear|sincerely|best regards),?\s*(?:\[|$)/i;

export function wordsIn(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function grams(words: readonly string[], n: number): readonly string[] {
  return Array.from({ length: Math.max(0, words.length - n + 1) }, (_, i) => words.slice(i, i + n).join(" "));
}

function shareFrom(own: readonly string[], foreign: readonly string[]): number {
  if (own.length === 0) return 0;
  const known = new Set(foreign);
  return own.filter((gram) => known.has(gram)).length / own.length;
}

/** Most of what it speaks of is known from the example alone: other runs of words, the same bicycle shed. */
function borrowsSubject(answer: string, c: AnswerCase): boolean {
  const known = new Set([c.objective, ...c.quoted].flatMap(contentWords).map(stem));
  const foreign = new Set(
    contentWords(c.example)
      .map(stem)
      .filter((s) => !known.has(s)),
  );
  const own = [...new Set(contentWords(answer).map(stem))];
  return own.filter((s) => foreign.has(s)).length > own.length * MAX_SHARE;
}

function repeatsItself(texts: readonly string[]): boolean {
  const sentences = texts
    .flatMap((t) => t.split(/[.!?\n]+/))
    .map((s) => wordsIn(s).join(" "))
    .filter((s) => s.includes(" "));
  if (new Set(sentences).size < sentences.length) return true;
  const words = texts.flatMap(wordsIn);
  const four = grams(words, 4);
  if (four.length > 0 && 1 - new Set(four).size / four.length > MAX_SHARE) return true;
  // One word over and over, which n-grams of changing fillers would miss.
  return words.some((w, i) => i >= 3 && w === words[i - 1] && w === words[i - 2] && w === words[i - 3]);
}

const STOP = new Set(
  (
    "a about above after again all also an and any are as at be because been before but by can could do does each for " +
    "from had has have he her his how i if in into is it its let may me more most must my need no not now of on one " +
    "only or other our out over own she should so some such than that the their them then there these they this those " +
    "to too under up us use very was way we well were what when where which who why will with would you your"
  ).split(" "),
);

/** Words that carry a text's subject. */
function contentWords(text: string): readonly string[] {
  return wordsIn(text).filter((w) => w.length >= 3 && !STOP.has(w));
}

/**
 * A crude stem, enough to see that `retries` and `retry` are one word: endings off, five letters kept. A stemming
 * library would be a dependency of the ring that has none, for a threshold of one shared word.
 */
function stem(word: string): string {
  const bare = word.replace(/(?:ations?|ings?|edly|ed|ies|es|s|ly)$/u, "").replace(/[yie]$/u, "");
  return (bare.length >= 3 ? bare : word).slice(0, 5);
}

/** True when the two share a word stem, or when the objective has none that could be shared. */
export function sharesStem(answer: string, objective: string): boolean {
  const wanted = new Set(contentWords(objective).map(stem));
  return wanted.size === 0 || contentWords(answer).some((w) => wanted.has(stem(w)));
}
