import fc from "fast-check";
import { expect, test } from "vitest";
import { createLineReader } from "./lines.ts";

test("whatever the cuts, the lines come out whole, also within a character", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).map((text) => text.replaceAll("\n", " ")),
        {
          maxLength: 10,
        },
      ),
      fc.array(fc.nat({ max: 6 }), { maxLength: 100 }),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const got: string[] = [];
        const read = createLineReader({
          maxChars: 1_000,
          onLine: (line) => got.push(line),
          onTooLong: () => got.push("!"),
        });
        let at = 0;
        for (const cut of cuts) {
          read(bytes.subarray(at, at + cut));
          at += cut;
        }
        read(bytes.subarray(at));
        expect(got).toEqual(lines.map((line) => Buffer.from(line).toString()));
      },
    ),
  );
});

test("a line over the bound is reported once and nothing follows it", () => {
  const got: string[] = [];
  const read = createLineReader({
    maxChars: 5,
    onLine: (line) => got.push(line),
    onTooLong: () => got.push("too long"),
  });
  read(Buffer.from("one\n"));
  read(Buffer.from("123"));
  read(Buffer.from("456\ntwo\n"));
  read(Buffer.from("three\n"));
  expect(got).toEqual(["one", "too long"]);
});
