import { type ActionHead, lawfulSet } from "@federation/core";
import { duty, idOf, member, message, viewOf } from "@federation/core/testing";
import { describe, expect, test } from "vitest";
import { answeredMessage, offeredHeads } from "./offered-heads.ts";

const heads: readonly ActionHead[] = [
  { kind: "say" },
  { kind: "ask", to: "dev" },
  { kind: "remember" },
  { kind: "wait" },
];
const lawful = { focus: undefined, heads };

describe("what a turn is offered", () => {
  test("talk is not offered when every due message stands at the end of its chain", () => {
    const due = [message(1, "dev", "a", { hops: 8 }), message(2, "lea", "b", { hops: 9 })];
    expect(offeredHeads(lawful, due, 8).map((h) => h.kind)).toEqual(["remember", "wait"]);
  });

  test("talk is offered while one due message may still be answered, and for a duty without messages", () => {
    const due = [message(1, "dev", "a", { hops: 8 }), message(2, "lea", "b", { hops: 7 })];
    expect(offeredHeads(lawful, due, 8)).toEqual(heads);
    expect(offeredHeads(lawful, [], 8)).toEqual(heads);
  });

  test("what is lawful and not a model's to choose is not offered", () => {
    const veto: ActionHead = { kind: "veto", proposal: idOf(10) };
    expect(offeredHeads({ focus: undefined, heads: [veto, ...heads] }, [], 8)).toEqual(heads);
  });

  test("a very large team is not offered whole, and what is left is lawful and holds the duty and waiting", () => {
    const crowd = Array.from({ length: 60 }, (_, i) => member(`dev-${i}`, "developer"));
    const view = viewOf({ members: [...viewOf().members, ...crowd], obligations: [duty("lea", "propose")] });
    const set = lawfulSet(view, "lea");
    const offered = offeredHeads(set, [], 8);
    expect(offered.length).toBeLessThanOrEqual(24);
    expect(offered.every((h) => set.heads.includes(h))).toBe(true);
    expect(offered.map((h) => h.kind)).toEqual(expect.arrayContaining(["propose", "say", "wait"]));
  });
});

describe("the message that talk answers", () => {
  const read = [message(1, "dev", "a"), message(2, "lea", "b"), message(3, "rob", "c", { hops: 8 })];

  test("is the latest one whose chain is not at its end", () => {
    expect(answeredMessage({ kind: "say" }, read, 8)).toBe(idOf(102));
  });

  test("is the latest of the one who is asked, where there is one", () => {
    expect(answeredMessage({ kind: "ask", to: "dev" }, read, 8)).toBe(idOf(101));
  });

  test("is never a notice, and a duty's act answers nothing", () => {
    expect(answeredMessage({ kind: "say" }, [message(1, "federation", "n", { kind: "notice" })], 8)).toBeNull();
    expect(answeredMessage({ kind: "propose" }, read, 8)).toBeNull();
  });
});
