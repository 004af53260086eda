import { expect, test } from "vitest";
import { MeshError } from "../errors.ts";
import { parseControlRequest } from "./parse.ts";

function refusal(name: Parameters<typeof parseControlRequest>[0], value: unknown): MeshError {
  try {
    parseControlRequest(name, value);
  } catch (error) {
    if (error instanceof MeshError) return error;
    throw error;
  }
  throw new Error("was accepted");
}

test("what may be left out is filled in", () => {
  expect(parseControlRequest("ListInbox", undefined)).toEqual({ due: true, markRead: false, limit: 50 });
});

test("an unknown argument, a wrong type and a missing one are named", () => {
  const error = refusal("CastBallot", { proposal: "x", choice: "maybe", loud: true });
  expect(error.code).toBe("invalid_input");
  expect(error.message).toMatch(/proposal: must be a UUID/);
  expect(error.message).toMatch(/choice/);
  expect(error.message).toMatch(/loud/);
});

test("text with NUL or a lone surrogate, blank text and text over the bound do not enter", () => {
  for (const text of ["a\0b", "\ud800", "  ", "", "x".repeat(65_537)])
    expect(refusal("SendMessage", { text }).message).toMatch(/^SendMessage: text: must/);
});

test("twenty thousand bad items are one short answer", () => {
  const value = { task: "x", fence: 0, summary: "s", files: Array.from({ length: 20_000 }, () => ({ path: "../x" })) };
  expect(refusal("SubmitTask", value).message.length).toBeLessThanOrEqual(1_024);
  const some = { ...value, files: value.files.slice(0, 500) };
  expect(refusal("SubmitTask", some).message.length).toBeLessThanOrEqual(1_024);
});

test("nesting two thousand deep is refused without an overflow", () => {
  let value: unknown = {};
  for (let i = 0; i < 2_000; i++) value = { deep: value };
  expect(refusal("GetStatus", value).message).toMatch(/too deeply nested/);
});

test("a path that leaves its submission, or hides in .git, is refused", () => {
  const id = "0198c5a4-7a1b-7cde-8f00-0123456789ab";
  for (const path of ["../x", "/etc/passwd", "a/../../b", ".git/hooks/x", "a/.GIT/x", "-rf", "a\0b", "x."])
    expect(refusal("SubmitTask", { task: id, fence: 1, summary: "s", files: [{ path, content: "c" }] }).code).toBe(
      "invalid_input",
    );
});
