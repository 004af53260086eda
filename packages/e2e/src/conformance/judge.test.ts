import { describe, expect, it } from "vitest";
import { judge } from "./judge.ts";
import type { Check } from "./run-suite.ts";

const good: Check = { id: "good", status: "SUCCESS" };
const bad: Check = { id: "bad", status: "FAILURE", errorMessage: "it went wrong" };
const hint: Check = { id: "hint", status: "WARNING" };
const exception = { scenario: "it", checks: ["bad"], reason: "We do not do that." };

describe("a scenario", () => {
  it("passes when its checks do, and some check was made", () => {
    expect(judge("it", [good, { id: "seen", status: "INFO" }], [])).toEqual({ kind: "passed", checks: 1 });
    expect(judge("it", [{ id: "seen", status: "SKIPPED" }], [])).toMatchObject({ kind: "failed" });
    expect(judge("it", [], [])).toMatchObject({ kind: "failed" });
  });

  it("fails over what failed, and over what was only warned of", () => {
    expect(judge("it", [good, bad], [])).toEqual({ kind: "failed", complaints: ["FAILURE bad: it went wrong"] });
    expect(judge("it", [good, hint], [])).toMatchObject({ kind: "failed" });
  });

  it("is excepted for exactly what its exception names", () => {
    expect(judge("it", [good, bad], [exception])).toEqual({ kind: "excepted", reason: "We do not do that." });
    expect(judge("it", [good, bad, hint], [exception])).toMatchObject({ kind: "failed" });
    expect(judge("other", [good, bad], [exception])).toMatchObject({ kind: "failed" });
  });

  it("fails when it passes although an exception says it does not", () => {
    expect(judge("it", [good], [exception])).toEqual({
      kind: "failed",
      complaints: ["bad is an exception and passes: take it out of the table"],
    });
  });
});
