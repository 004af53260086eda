import type { MeshEvent } from "@federation/core";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createQuestions, type QuestionsOptions } from "./questions.ts";

const answer = { items: [], unread: 0 };
const event: MeshEvent = {
  cursor: "1.1.1",
  at: "2026-11-28T12:00:00.000Z",
  kind: "ApprovalAsked",
  actor: "baby",
  conversation: null,
  subject: null,
  data: {},
};

/** Answers that a test lets go one by one. */
function asked(restMs = 0) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const under: (() => void)[] = [];
  const call = ((): Promise<unknown> =>
    new Promise((resolve) => under.push(() => resolve(answer)))) as QuestionsOptions["call"];
  const onAnswer = vi.fn();
  const questions = createQuestions({ call, onAnswer, onError: vi.fn(), restMs });
  onTestFinished(() => questions.stop());
  return { questions, under, onAnswer };
}

describe("a question", () => {
  test("under way when an event comes is asked once more after it", async () => {
    const { questions, under } = asked();
    questions.keep("ListWaiting", {}).refresh();
    await vi.waitFor(() => expect(under).toHaveLength(1));
    questions.touchedBy(event);
    questions.touchedBy(event);
    under[0]?.();
    await vi.waitFor(() => expect(under).toHaveLength(2));
    under[1]?.();
    await vi.runAllTimersAsync();
    expect(under).toHaveLength(2);
  });

  test("keeps its answer while a newer one is asked for", async () => {
    const { questions, under } = asked();
    const question = questions.keep("ListWaiting", {});
    question.refresh();
    await vi.waitFor(() => expect(under).toHaveLength(1));
    under[0]?.();
    await vi.waitFor(() => expect(question.answer()).toEqual(answer));
    question.refresh();
    await vi.waitFor(() => expect(under).toHaveLength(2));
    expect(question.answer()).toEqual(answer);
  });

  test("is asked once in a while, however many events there are", async () => {
    const { questions, under } = asked(10_000);
    questions.keep("ListWaiting", {}).refresh();
    await vi.waitFor(() => expect(under).toHaveLength(1));
    under[0]?.();
    for (let count = 0; count < 100; count++) questions.touchedBy(event);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(under).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(under).toHaveLength(2);
  });

  test("that was dropped is not asked, and its late answer tells nobody", async () => {
    const { questions, under, onAnswer } = asked();
    const question = questions.keep("ListWaiting", {});
    question.refresh();
    await vi.waitFor(() => expect(under).toHaveLength(1));
    question.drop();
    under[0]?.();
    questions.touchedBy(event);
    await vi.runAllTimersAsync();
    expect(under).toHaveLength(1);
    expect(onAnswer).not.toHaveBeenCalled();
  });
});
