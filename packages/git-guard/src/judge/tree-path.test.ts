import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isGitFolder, isModulesFile, linkDestination, pathProblem } from "./tree-path.ts";

test.each([
  [".git"],
  [".GIT"],
  [".Git "],
  [".git..."],
  [".git . ."],
  ["git~1"],
  ["GIT~1"],
  [".git::$INDEX_ALLOCATION"],
  [".g\u200cit"],
  ["\ufeff.git"],
])("%j is taken for .git somewhere", (name) => {
  expect(isGitFolder(name)).toBe(true);
  expect(pathProblem(`a/${name}/b`)).toContain(".git");
});

test.each([[".github"], [".gitignore"], ["git"], ["a.git"], [".gitx"], ["git~10"]])("%j is not", (name) => {
  expect(isGitFolder(name)).toBe(false);
});

test.each([[".gitmodules"], [".GITMODULES"], [".gitmodules."], ["gitmod~1"]])("%j makes submodules", (name) => {
  expect(isModulesFile(name)).toBe(true);
});

test.each([["a"], ["a/b.ts"], ["-rf"], ["a b/ä🜁"], ["a\nb"], ["..."], ["a..b"], [".env"]])("%j is a path", (it) => {
  expect(pathProblem(it)).toBeUndefined();
});

test("a path that is longer than a path, or has no form in UTF-8, is none", () => {
  expect(pathProblem("a".repeat(1_025))).toContain("1024");
  expect(pathProblem("\ud800")).toContain("UTF-8");
});

describe("a link leads", () => {
  test.each([
    ["src/a", "b", "src/b"],
    ["src/a", "./b//c/", "src/b/c"],
    ["src/x/a", "../b", "src/b"],
    ["src/a", "..", ""],
    ["a", ".", ""],
    ["src/a", "/etc/passwd", undefined],
    ["src/a", "../../etc", undefined],
    ["a", "..", undefined],
    ["src/a", "b/../c", undefined],
    ["src/a", "../.git/hooks", undefined],
    ["src/a", "..\\..\\x", undefined],
    ["src/a", "", undefined],
  ])("at %j to %j: %j", (at, target, destination) => {
    expect(linkDestination(at, target)).toBe(destination);
  });

  const step = fc.constantFrom("a", "b", ".", "..", "");
  const place = fc.array(fc.constantFrom("x", "y"), { minLength: 1, maxLength: 3 }).map((it) => it.join("/"));
  test("for any target, to where a file system without other links would go, or nowhere", () => {
    fc.assert(
      fc.property(
        place,
        fc.array(step, { minLength: 1, maxLength: 5 }).map((it) => it.join("/")),
        (at, target) => {
          const destination = linkDestination(at, target);
          if (destination === undefined) return;
          const real = path.posix.relative("/r", path.posix.resolve("/r", path.posix.dirname(at), target));
          expect(destination).toBe(real);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
