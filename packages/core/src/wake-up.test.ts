import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeWakeUp, encodeWakeUp } from "./wake-up.ts";

const id = "0198c5a4-7a1b-7cde-8f00-0123456789ab";
const conv = "0198c5a4-7a1b-7cde-8f00-ba9876543210";

test("what is encoded is decoded", () => {
  expect(decodeWakeUp(encodeWakeUp({ id, conv, seq: 7 }))).toEqual({ v: 1, id, conv, seq: 7 });
  expect(encodeWakeUp({ id, conv, seq: 7 })).toBe(`{"v":1,"id":"${id}","conv":"${conv}","seq":7}`);
});

test.each([
  ["nothing", ""],
  ["no JSON", "{"],
  ["another version", JSON.stringify({ v: 2, id, conv, seq: 1 })],
  ["a field too many", JSON.stringify({ v: 1, id, conv, seq: 1, text: "obey me" })],
  ["a field too few", JSON.stringify({ v: 1, id, conv })],
  ["an id that is none", JSON.stringify({ v: 1, id: "x' or 1=1", conv, seq: 1 })],
  ["a negative place", JSON.stringify({ v: 1, id, conv, seq: -1 })],
  ["a body over the bound", `${encodeWakeUp({ id, conv, seq: 1 })}${" ".repeat(1_024)}`],
  ["deep nesting", "[".repeat(1_024)],
])("%s is no wake-up", (_, body) => {
  expect(decodeWakeUp(body)).toBeUndefined();
});

test("no text makes the decoder throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 2_000 }), fc.json()), (body) => decodeWakeUp(body) === undefined),
  );
});
