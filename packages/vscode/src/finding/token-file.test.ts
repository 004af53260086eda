import path from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../testing/folder.ts";
import { readTokenFile } from "./token-file.ts";

test.each([
  ["abc", "abc"],
  ["abc\n", "abc"],
  ["abc\r\n", "abc"],
])("a token is a file of one line: %j", async (content, token) => {
  const folder = await folderWith({ token: content });
  expect(await readTokenFile(path.join(folder, "token"), folder)).toBe(token);
});

test.each([
  ["\n", "is empty"],
  ["a\nb\n", "more than one line"],
  ["x".repeat(5_000), "larger than a secret"],
])("what is none is said, and never shown", async (content, problem) => {
  const folder = await folderWith({ token: content });
  await expect(readTokenFile(path.join(folder, "token"), folder)).rejects.toThrow(problem);
});
