import { MAX_SITUATION, MAX_SYSTEM_PROMPT } from "@federation/core";
import { idOf } from "@federation/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8Bytes } from "./fit-text.ts";
import { turnRecord } from "./turn-record.ts";

const situation = { text: "Team: ana.", quoted: [], included: [idOf(102)], messages: [idOf(101), idOf(102)] };
const prompt = { system: "You are the Analyst.", situation };
const options = [{ id: "wait", sentence: "I wait and say nothing now." }];

describe("what a model was given, on record", () => {
  test("is the stable prompt, the situation with what was asked, what was offered, and what was shown", () => {
    expect(turnRecord(prompt, "What do you do now?", options)).toEqual({
      system: "You are the Analyst.",
      situation: "Team: ana.\nWhat do you do now?",
      offered: [{ key: "wait", sentence: "I wait and say nothing now." }],
      read: [idOf(101), idOf(102)],
      rejected: [],
    });
  });

  test("has no question where there was nothing to choose", () => {
    expect(turnRecord(prompt, null, options).situation).toBe("Team: ana.");
  });

  test("fits its bounds in bytes whatever the texts are, and holds nothing that a row cannot", () => {
    const anyCharacter = fc.nat({ max: 0x10ffff }).map((c) => String.fromCodePoint(c));
    const text = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 40_000 }), (piece, times) => {
        const long = piece.repeat(times).slice(0, 400_000);
        const record = turnRecord({ system: long, situation: { ...situation, text: long } }, null, [
          { id: long, sentence: long },
        ]);
        expect(utf8Bytes(record.system)).toBeLessThanOrEqual(MAX_SYSTEM_PROMPT);
        expect(utf8Bytes(record.situation)).toBeLessThanOrEqual(MAX_SITUATION);
        for (const { key, sentence } of record.offered) {
          expect(utf8Bytes(key)).toBeLessThanOrEqual(200);
          expect(utf8Bytes(sentence)).toBeLessThanOrEqual(1_000);
        }
        expect(JSON.stringify(record)).not.toMatch(/\\ud[89a-f]/i);
      }),
      { numRuns: 40 },
    );
  });
});
