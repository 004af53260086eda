import { z } from "zod";
import { textSchema } from "../text.ts";

/**
 * Which paths of a repository a task's holder may write.
 *
 * 1. The language is closed: `/` between segments, `*` within a segment for any characters, a segment `**` for any
 *    number of segments. What means something in other glob languages is refused and never taken literally.
 * 2. Both questions are exact, and answered by one walk: a path is a pattern without wildcards.
 * 3. The walk's work is bounded by the product of two lengths, and the lengths are bounded here.
 */
const MAX_PATTERNS = 64;
const MAX_PATTERN = 200;
/** Characters of all patterns of one scope: with it an overlap check stays in milliseconds. */
const MAX_SCOPE = 4_096;

const scopePatternSchema = textSchema(MAX_PATTERN)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  .refine((it) => !/[\u0000-\u001f\u007f-\u009f]/.test(it), "must not contain control characters")
  .refine((it) => !it.includes("\\"), "separates segments with /, not with a backslash")
  .refine((it) => !/[?[\]{}]/.test(it) && !it.startsWith("!"), "has no wildcards but * and **: not ? [ ] { } !")
  .refine((it) => !it.startsWith("/"), "is relative to the repository: without a leading /")
  .refine((it) => !it.endsWith("/"), "names files: for all files below a folder write folder/**")
  .refine((it) => it.split("/").every((part) => part !== "." && part !== ".."), "must not have a segment . or ..")
  .refine((it) => !it.includes("//"), "must not have an empty segment")
  .refine(
    (it) => it.split("/").every((part) => part === "**" || !part.includes("**")),
    "has ** as a whole segment only",
  );

/** The path patterns of one task. None: the whole repository. */
export const scopeSchema = z
  .array(scopePatternSchema)
  .max(MAX_PATTERNS)
  .refine((scope) => scope.reduce((sum, it) => sum + it.length, 0) <= MAX_SCOPE, {
    error: `has more than ${MAX_SCOPE} characters in all`,
  });

/** Any number of elements, none included. */
const run = Symbol("run");
type Sequence<T> = readonly (T | typeof run)[];
type Segments = Sequence<Sequence<string>>;

/** A path inside the repository; one that leaves it, or is not in its simplest form, is in no scope. */
export function inScope(scope: readonly string[], path: string): boolean {
  const names = path.split("/");
  if (names.some((name) => name === "" || name === "." || name === "..")) return false;
  const segments = names.map((name) => [...name]);
  return scope.length === 0 || scope.some((pattern) => meet(segmentsOf(pattern), segments, nameable));
}

/**
 * Whether some path is in both. A task without patterns has reserved no path, and overlaps with nobody: whether two
 * such tasks may be held at once is not decided by their paths.
 */
export function scopesOverlap(a: readonly string[], b: readonly string[]): boolean {
  const other = b.map(segmentsOf);
  return a.map(segmentsOf).some((one) => other.some((two) => meet(one, two, nameable)));
}

function segmentsOf(pattern: string): Segments {
  const segments: (Sequence<string> | typeof run)[] = pattern
    .split("/")
    .map((part) => (part === "**" ? run : [...part].map((character) => (character === "*" ? run : character))));
  // At the end `**` stands for what is below a folder, not for the folder's own name.
  return segments.at(-1) === run ? [...segments, [run]] : segments;
}

/** Two segments have a name in common; the empty one, which only two of wildcards alone could share, has longer company. */
function nameable(a: Sequence<string>, b: Sequence<string>): boolean {
  return meet(a, b, (x, y) => x === y);
}

/**
 * Whether two sequences with runs have a reading in common: every pair of places that both can have reached together is
 * visited once, row by row.
 */
function meet<T>(a: Sequence<T>, b: Sequence<T>, same: (x: T, y: T) => boolean): boolean {
  let reached = new Array<boolean>(b.length + 1).fill(false);
  reached[0] = true;
  for (let i = 0; i <= a.length; i++) {
    const x = a[i];
    const below = new Array<boolean>(b.length + 1).fill(false);
    for (let j = 0; j <= b.length; j++) {
      if (reached[j] !== true) continue;
      const y = b[j];
      // A run ends here, or takes one more element of the other side.
      if (x === run || (y === run && x !== undefined)) below[j] = true;
      if (y === run || (x === run && y !== undefined)) reached[j + 1] = true;
      if (x !== undefined && y !== undefined && x !== run && y !== run && same(x, y)) below[j + 1] = true;
    }
    if (i === a.length) return reached[b.length] === true;
    reached = below;
  }
  return false;
}
