import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inScope, scopeSchema, scopesOverlap } from "./path-scope.ts";

describe("a path is in scope", () => {
  test.each([
    ["a literal is itself", "src/a.ts", "src/a.ts", true],
    ["a literal is nothing else", "src/a.ts", "src/a.tsx", false],
    ["letters keep their case", "src/a.ts", "src/A.ts", false],
    ["a star stays within its segment", "src/*", "src/a/b.ts", false],
    ["a star may stand for nothing", "src/a*.ts", "src/a.ts", true],
    ["a star takes a leading dot too", "src/*", "src/.env", true],
    ["stars find their way back", "*a*ab*.ts", "xaaabaab.ts", true],
    ["two stars take any number of segments", "src/**/*.ts", "src/a/b/c.ts", true],
    ["and none in the middle", "src/**/a.ts", "src/a.ts", true],
    ["and none in front", "**/a.ts", "a.ts", true],
    ["at the end they stand for what is below", "src/**", "src/a/b.ts", true],
    ["and not for the folder's own name", "src/**", "src", false],
    ["twice is not more than once", "src/**/**", "src/a.ts", true],
    ["alone they are everything", "**", "a/b/c", true],
    ["a sibling is outside", "src/**", "srcs/a.ts", false],
    ["a path that climbs is outside", "**", "src/../../etc/passwd", false],
    ["an absolute path is outside", "**", "/etc/passwd", false],
    ["a star in a name is no wildcard", "src/a.ts", "src/*", false],
    ["a newline is a character like others", "src/*.ts", "src/a\nb.ts", true],
    ["so is one outside the first plane", "src/*.ts", "src/🜁.ts", true],
  ])("%s: %s, %s", (_, pattern, path, expected) => {
    expect(inScope([pattern], path)).toBe(expected);
  });

  test("no patterns are the whole repository, and still not what lies outside", () => {
    expect(inScope([], "any/file")).toBe(true);
    expect(inScope([], "../file")).toBe(false);
    expect(inScope([], "a//b")).toBe(false);
    expect(inScope([], "")).toBe(false);
  });

  test("one pattern of several is enough", () => {
    expect(inScope(["docs/**", "src/a.ts"], "src/a.ts")).toBe(true);
  });
});

describe("two scopes overlap", () => {
  test.each([
    ["src/**", "src/a.ts", true],
    ["src/*.ts", "src/a*", true],
    ["src/a*", "src/*b", true],
    ["src/a*", "src/b*", false],
    ["**/*.md", "docs/**", true],
    ["**/*.md", "docs/*.ts", false],
    ["a/**/z", "**/b/*", true],
    ["a/*/c", "a/b/d", false],
    ["src/**", "src", false],
    ["*", "**", true],
    ["*", "a/*", false],
  ])("%s and %s: %s", (a, b, expected) => {
    expect(scopesOverlap([a], [b])).toBe(expected);
    expect(scopesOverlap([b], [a])).toBe(expected);
  });

  test("a task without patterns has reserved nothing", () => {
    expect(scopesOverlap([], ["src/**"])).toBe(false);
    expect(scopesOverlap([], [])).toBe(false);
  });
});

describe("what is no pattern is refused", () => {
  test.each([
    ["../src/**"],
    ["src/../etc"],
    ["./src"],
    ["/etc/passwd"],
    ["src\\a.ts"],
    ["src/"],
    ["src//a.ts"],
    [""],
    [" "],
    ["src/**.ts"],
    ["src/a?.ts"],
    ["src/[ab].ts"],
    ["src/{a,b}.ts"],
    ["!src/**"],
    ["src/a\nb"],
    ["src/a\0b"],
    ["src/\u0085"],
    ["src/\ud800"],
    ["a".repeat(201)],
  ])("%j", (pattern) => {
    expect(scopeSchema.safeParse([pattern]).success).toBe(false);
  });

  test("too many patterns, and too many characters in all", () => {
    expect(scopeSchema.safeParse(Array.from({ length: 65 }, (_, n) => `a${n}`)).success).toBe(false);
    expect(scopeSchema.safeParse(Array.from({ length: 30 }, () => "a".repeat(150))).success).toBe(false);
    expect(scopeSchema.safeParse(Array.from({ length: 64 }, (_, n) => `src/${n}/**`)).success).toBe(true);
  });
});

// A small alphabet, so that what is made up meets often.
const segment = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 3 });
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const wild = fc
  .string({ unit: fc.constantFrom("a", "b", "*"), minLength: 1, maxLength: 3 })
  .filter((it) => !it.includes("**"));
const pattern = fc
  .array(fc.oneof({ weight: 3, arbitrary: wild }, { weight: 1, arbitrary: fc.constant("**") }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join("/"));

/** The language once more, as a regular expression: another way to the same answer. */
function expression(it: string): RegExp {
  const parts = it.split("/");
  const text = parts.map((part, n) => {
    const last = n === parts.length - 1;
    if (part === "**") return last ? "[^/]+(?:/[^/]+)*" : "(?:[^/]+/)*";
    return part.replaceAll("*", "[^/]*") + (last ? "" : "/");
  });
  return new RegExp(`^${text.join("")}$`);
}

/** Every path of up to three segments of up to two letters. */
const names = ["a", "b", "aa", "ab", "ba", "bb"];
const smallPaths = names.flatMap((a) => [
  a,
  ...names.flatMap((b) => [`${a}/${b}`, ...names.map((c) => `${a}/${b}/${c}`)]),
]);

describe("for any patterns", () => {
  test("a path is in scope exactly when the same language as a regular expression says so", () => {
    fc.assert(
      fc.property(pattern, path, (p, it) => inScope([p], it) === expression(p).test(it)),
      { numRuns: 2_000 },
    );
  });

  test("a path in two scopes is proof that they overlap", () => {
    fc.assert(
      fc.property(pattern, pattern, path, (a, b, it) => {
        fc.pre(inScope([a], it) && inScope([b], it));
        return scopesOverlap([a], [b]);
      }),
      { numRuns: 500 },
    );
  });

  test("an overlap is never claimed without a path that proves it", () => {
    // With patterns of two short segments and at most one run, the shortest witness is among the small paths.
    const small = fc
      .array(fc.oneof(fc.constantFrom("a", "b", "*", "a*", "*b"), fc.constant("**")), { minLength: 1, maxLength: 2 })
      .filter((parts) => parts.filter((part) => part === "**").length < 2)
      .map((parts) => parts.join("/"));
    fc.assert(
      fc.property(
        small,
        small,
        (a, b) => scopesOverlap([a], [b]) === smallPaths.some((it) => inScope([a], it) && inScope([b], it)),
      ),
      { numRuns: 1_000 },
    );
  });

  test("overlap is mutual, and every pattern overlaps with itself", () => {
    fc.assert(fc.property(pattern, pattern, (a, b) => scopesOverlap([a], [b]) === scopesOverlap([b], [a])));
    fc.assert(fc.property(pattern, (a) => scopesOverlap([a], [a])));
  });

  test("no text makes the schema or the walk throw", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 300 }),
        fc.string({ unit: "binary", maxLength: 300 }),
        (a, b) => {
          scopeSchema.safeParse([a]);
          inScope([a], b);
        },
      ),
    );
  });
});

test("the largest scopes are compared in well under a second", () => {
  const worst = (letter: string): string[] =>
    scopeSchema.parse(Array.from({ length: 20 }, () => `${`*${letter}`.repeat(99)}*`));
  const started = performance.now();
  expect(scopesOverlap(worst("a"), worst("b"))).toBe(true);
  expect(scopesOverlap(worst("a"), ["c".repeat(200)])).toBe(false);
  expect(performance.now() - started).toBeLessThan(1_000);
});
