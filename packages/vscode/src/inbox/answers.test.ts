import { parseControlRequest } from "@federation/core";
import { describe, expect, test } from "vitest";
import { otherId, someId, waitingItem } from "../testing/waiting-item.ts";
import { answersOf, answersOfTask } from "./answers.ts";

const items = [
  waitingItem(),
  waitingItem({ kind: "approval" }),
  waitingItem({ kind: "question" }),
  waitingItem({ kind: "question", from: null }),
  waitingItem({ kind: "task" }),
  waitingItem({ kind: "veto", optional: true }),
  waitingItem({ kind: "duty", duty: "review", subject: otherId }),
  waitingItem({ kind: "duty", duty: "advance" }),
];

describe("an answer", () => {
  test.each(items)("to $kind ($duty) is a request that the control API takes", (item) => {
    const answers = answersOf(item);
    expect(answers.length).toBeGreaterThan(0);
    for (const { give } of answers) {
      const { name, request } = give("For a reason.");
      expect(() => parseControlRequest(name, request)).not.toThrow();
    }
  });

  test("asks for words exactly when the control API refuses it without", () => {
    for (const { words, name, give } of [...items.flatMap(answersOf), ...answersOfTask({ id: someId, fence: 1 })]) {
      const given = give("");
      const taken = (() => {
        try {
          parseControlRequest(given.name, given.request);
          return true;
        } catch {
          return false;
        }
      })();
      expect([name, words === "needed"]).toEqual([name, !taken]);
    }
  });

  test("to a ballot carries the choice on its button", () => {
    const given = answersOf(waitingItem()).map(({ title, give }) => [title, give("Because.").request]);
    expect(given).toEqual([
      ["Vote Yes", { proposal: someId, choice: "yes", reason: "Because." }],
      ["Vote No", { proposal: someId, choice: "no", reason: "Because." }],
      ["Abstain", { proposal: someId, choice: "abstain", reason: "Because." }],
    ]);
  });

  test("to a review is about the task, and not about the duty", () => {
    const [accept] = answersOf(waitingItem({ kind: "duty", duty: "review", subject: otherId }));
    expect(accept?.give("It holds.")).toEqual({
      name: "ReviewTask",
      request: { task: otherId, accept: true, reason: "It holds." },
    });
  });

  test("is not offered at once for what takes more than a few words", () => {
    expect(answersOf(waitingItem({ kind: "duty", duty: "propose" }))).toEqual([]);
    expect(answersOf(waitingItem({ kind: "task", fence: 3 }))).toEqual([]);
  });

  test("of who holds a task carries the fence", () => {
    const back = answersOfTask({ id: someId, fence: 7 }).filter((it) => /back/i.test(it.name));
    expect(back.map((it) => it.give("Later.").request)).toEqual([
      { task: someId, fence: 7, reason: "Later." },
      { task: someId, fence: 7, reason: "Later." },
    ]);
  });
});
