import { MeshError } from "@federation/core";
import { describe, expect, test } from "vitest";
import { endOf, endText } from "./give-command.ts";

describe("a command that did not come about", () => {
  test("is told by its article and what would be lawful, in sentences", () => {
    const text = endText({
      end: "refused",
      article: "truthful-completion",
      reason: "a result needs evidence",
      lawful: "name a proposal",
    });
    expect(text).toBe(
      "Refused by the article truthful-completion: a result needs evidence. Lawful now: name a proposal.",
    );
  });

  test("ends with one full stop, whatever the node wrote", () => {
    const text = endText({ end: "refused", article: "a", reason: "It is late.", lawful: "" });
    expect(text).toBe("Refused by the article a: It is late.");
  });

  test("is a value, with the code that the node gave", async () => {
    const end = await endOf(async () => {
      throw new MeshError("conflict", "it was approved");
    });
    expect(end).toMatchObject({ end: "failed", error: { code: "conflict" } });
    if (end.end === "failed") expect(endText(end)).toMatch(/^It was approved\. \S/);
  });
});
