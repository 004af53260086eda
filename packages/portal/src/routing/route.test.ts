import fc from "fast-check";
import { expect, it } from "vitest";
import { hrefOf, parseRoute, viewNames } from "./route.ts";

it("leads to what it was made for, whatever id and words are in it", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...viewNames),
      fc.option(fc.string({ minLength: 1, maxLength: 60 }), { nil: undefined }),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ minLength: 1, maxLength: 60 }), { maxKeys: 4 }),
      (view, id, params) => {
        expect(parseRoute(hrefOf(view, id, params))).toEqual({ view, id, params: { ...params } });
      },
    ),
  );
});

it("that cannot be read leads to the first view, and nothing is thrown", () => {
  const first = { view: "mesh", id: undefined, params: {} };
  for (const hash of ["", "#", "#/", "#/nowhere", "#ticket=abc", `#/mesh/${"x".repeat(5_000)}`, "mesh"])
    expect(parseRoute(hash)).toEqual(first);
  expect(parseRoute("#/tasks/%E0%A4%A").id).toBeUndefined();
  fc.assert(fc.property(fc.string(), (hash) => viewNames.includes(parseRoute(`#/${hash}`).view)));
});

it("leaves out what is empty", () => {
  expect(hrefOf("timeline", undefined, { actor: "", text: undefined, kind: "TaskClaimed" })).toBe(
    "#/timeline?kind=TaskClaimed",
  );
});
