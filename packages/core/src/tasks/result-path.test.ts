import fc from "fast-check";
import { expect, test } from "vitest";
import { filePathSchema } from "../ids.ts";
import { inScope } from "./path-scope.ts";
import { pathInScope, resultPath } from "./result-path.ts";

test.each([
  [[], "docs/retry-policy.md"],
  [["docs/**"], "docs/retry-policy.md"],
  [["src/**/notes/*"], "src/notes/retry-policy.md"],
  [["docs/*.md"], "docs/retry-policy.md"],
  [["LICENSE"], "LICENSE"],
  [["**"], "retry-policy.md"],
])("in the scope %j it is %s", (scope, path) => {
  expect(resultPath(scope, "Retry policy!")).toBe(path);
});

test.each([
  [[], "src/a.ts", "src/a.ts"],
  [["docs/**"], "docs/a.md", "docs/a.md"],
  [["docs/**"], "a.json", "docs/a.json"],
  [["docs/**"], "src/deep/a.json", "docs/a.json"],
  [["docs/*.md"], "a.json", "docs/a-json.md"],
  [["src/*/notes/**", "docs/**"], "a.md", "src/result/notes/a.md"],
  [["LICENSE"], "a.md", "LICENSE"],
])("in the scope %j the file %s lies at %s", (scope, path, placed) => {
  expect(pathInScope(scope, path)).toBe(placed);
});

test("whatever the title, the path is one that may be submitted, and inside the scope", () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom([], ["docs/**"], ["a/*/b/**"], ["x*.md", "notes/**"]), (title, scope) => {
      const path = resultPath(scope, title);
      expect(filePathSchema.safeParse(path).success).toBe(true);
      if (scope.length > 0) expect(inScope(scope, path ?? "")).toBe(true);
    }),
  );
});
