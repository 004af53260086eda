import { expect, it } from "vitest";
import { createDrafts } from "./drafts.ts";

it("a draft stays until it is sent, each by its name", () => {
  const drafts = createDrafts();
  drafts.change("one", () => "Hello");
  drafts.change("two", () => "Well");
  expect([drafts.of("one"), drafts.of("two"), drafts.of("three")]).toEqual(["Hello", "Well", ""]);
  drafts.change("one", () => "");
  expect([drafts.of("one"), drafts.of("two")]).toEqual(["", "Well"]);
});

it("what is typed while something is sent stays: only what was sent goes", () => {
  const drafts = createDrafts();
  const sent = "Hello";
  drafts.change("one", () => sent);
  drafts.change("one", (now) => `${now}, and`);
  drafts.change("one", (now) => (now === sent ? "" : now));
  expect(drafts.of("one")).toBe("Hello, and");
});
