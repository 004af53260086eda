import { describe, expect, it } from "vitest";
import { charterRefusalOf } from "./charter-refusal.ts";
import { MeshError } from "./errors.ts";

describe("a refusal", () => {
  it("names its article, its reason and what would be lawful", () => {
    const details = { article: "one-voice", reason: "You have voted.", lawful: "wait" };
    expect(charterRefusalOf(new MeshError("refused", "No.", { details }))).toEqual(details);
  });

  it("has the error's own words where the reason is missing", () => {
    const error = new MeshError("refused", "You have voted.", { details: { article: "one-voice" } });
    expect(charterRefusalOf(error)).toEqual({ article: "one-voice", reason: "You have voted.", lawful: "" });
  });

  it("is none where no article refused, or the error is another", () => {
    expect(charterRefusalOf(new MeshError("refused", "No."))).toBeUndefined();
    expect(
      charterRefusalOf(new MeshError("conflict", "Moved on.", { details: { article: "one-voice" } })),
    ).toBeUndefined();
  });
});
