import { readdirSync, readFileSync } from "node:fs";
import { control } from "@federation/core";
import { expect, it } from "vitest";
import { touches, touchesOf } from "./touches.ts";

const functions = new URL("../../../../migrations/functions/", import.meta.url);
const kinds = [
  ...new Set(
    readdirSync(functions).flatMap((file) =>
      [...readFileSync(new URL(file, functions), "utf8").matchAll(/emit\('([A-Z]\w+)',/g)].map(([, kind = ""]) => kind),
    ),
  ),
];

it("knows every kind of event that the database writes", () => {
  expect(kinds.length).toBeGreaterThan(30);
  expect(kinds.filter((kind) => touchesOf(kind) === undefined)).toEqual([]);
});

it("names queries only, and arguments that they have", () => {
  for (const kind of kinds)
    for (const touch of touchesOf(kind) ?? []) {
      const [name = "", by] = touch.split("=");
      const entry = Object.entries(control).find(([it]) => it === name)?.[1];
      expect(entry?.kind, touch).toBe("query");
      if (by !== undefined) expect(Object.keys(entry?.request.shape ?? {}).length, touch).toBeGreaterThan(0);
    }
});

it("asks again for what an event is about, and not for another of its kind", () => {
  const claimed = touches({ kind: "BallotCast", subject: "p1", conversation: "m1" });
  expect(claimed("ShowProposal", { proposal: "p1" })).toBe(true);
  expect(claimed("ShowProposal", { proposal: "p2" })).toBe(false);
  expect(claimed("ShowMission", { mission: "m1" })).toBe(true);
  expect(claimed("ShowMission", { mission: "m2" })).toBe(false);
  expect(claimed("ShowCharter", {})).toBe(false);
});

it("asks again for everything after an event of a kind that it does not know", () => {
  expect(touches({ kind: "ModelSwapped", subject: null, conversation: null })("ShowCharter", {})).toBe(true);
});
