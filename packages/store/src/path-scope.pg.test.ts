import { scopeSchema, scopesOverlap } from "@federation/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Federation, startFederation } from "./testing/federation-fixture.ts";

/** The language of paths is written twice, in core and in SQL: here they are held against each other. */
let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.drop());

const part = fc.oneof(
  { weight: 2, arbitrary: fc.constant("**") },
  { weight: 5, arbitrary: fc.string({ unit: fc.constantFrom("a", "b", "*", "%", "_"), minLength: 1, maxLength: 4 }) },
);
const pattern = fc
  .array(part, { minLength: 1, maxLength: 5 })
  .map((parts) => parts.map((p) => (p === "**" ? p : p.replace(/\*+/g, "*"))).join("/"));

test("two patterns have a path in common in the database exactly when core says so", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(pattern, pattern), { minLength: 200, maxLength: 200 }), async (pairs) => {
      const rows = await federation.owner<{ meet: boolean }>(
        "select federation.patterns_meet(a, b) as meet from unnest($1::text[], $2::text[]) with ordinality as p (a, b, n) order by n",
        [pairs.map(([a]) => a), pairs.map(([, b]) => b)],
      );
      rows.forEach(({ meet }, i) => {
        const [a, b] = pairs[i] ?? ["", ""];
        expect([a, b, meet]).toEqual([a, b, scopesOverlap([a], [b])]);
      });
    }),
    { numRuns: 20 },
  );
});

test("a scope is at fault in the database exactly when core refuses it", async () => {
  const piece = fc.constantFrom(
    "a",
    "*",
    "**",
    ".",
    "..",
    "/",
    "",
    " ",
    "?",
    "[",
    "]",
    "{",
    "!",
    "\\",
    "\t",
    "\u0085",
    "é",
  );
  const scope = fc.array(
    fc.array(piece, { maxLength: 5 }).map((p) => p.join("")),
    { maxLength: 3 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(scope, { minLength: 100, maxLength: 100 }), async (scopes) => {
      const rows = await federation.owner<{ fault: string | null }>(
        "select federation.scope_fault(federation.texts(s)) as fault from jsonb_array_elements($1::jsonb) with ordinality as p (s, n) order by n",
        [JSON.stringify(scopes)],
      );
      rows.forEach(({ fault }, i) => {
        expect([scopes[i], fault === null]).toEqual([scopes[i], scopeSchema.safeParse(scopes[i]).success]);
      });
    }),
    { numRuns: 20 },
  );
  const tooMuch = [
    Array.from({ length: 65 }, (_, i) => `f${i}`),
    Array.from({ length: 30 }, () => "x".repeat(150)),
    ["x".repeat(201)],
  ];
  for (const wide of tooMuch) {
    const [row] = await federation.owner<{ fault: string | null }>("select federation.scope_fault($1) as fault", [
      wide,
    ]);
    expect(row?.fault).not.toBeNull();
    expect(scopeSchema.safeParse(wide).success).toBe(false);
  }
});

test("two scopes of the largest size are compared within a fraction of a second", async () => {
  const wide = (letter: string) =>
    Array.from({ length: 16 }, (_, i) => `${letter}${i}/${"*/".repeat(60)}**/${letter}*`);
  const startedMs = performance.now();
  await federation.owner("select federation.scopes_overlap($1, $2)", [wide("*a"), wide("*b")]);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});
