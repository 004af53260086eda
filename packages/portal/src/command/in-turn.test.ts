import { MeshError } from "@federation/core";
import { expect, it } from "vitest";
import type { CommandEnd } from "./give-command.ts";
import { createInTurn, type Step } from "./in-turn.ts";

const done: CommandEnd = { end: "done", answer: {}, secret: undefined };
const failed: CommandEnd = { end: "failed", error: new MeshError("unavailable", "The node is away.") };

/** Writes down what is given, and ends as it is told. */
function node(...ends: CommandEnd[]) {
  const given: unknown[] = [];
  const step = (request: Step["request"]): Step => ({
    request,
    give: (it) => {
      given.push(it);
      return Promise.resolve(ends.shift() ?? done);
    },
  });
  return { given, step };
}

it("what has gone through is not given again: only what is left", async () => {
  const { given, step } = node(done, failed, done);
  const both = createInTurn();
  const [say, mark] = [step({ text: "Yes." }), step({ message: "m" })];
  expect(await both.give(say, mark)).toEqual({ ended: failed, half: true });
  expect(await both.give(say, mark)).toEqual({ ended: done, half: false });
  expect(given).toEqual([say.request, mark.request, mark.request]);
});

it("other words are another answer, and after both have gone through so are the same", async () => {
  const { given, step } = node(done, failed);
  const both = createInTurn();
  const mark = step({ message: "m" });
  for (const text of ["Yes.", "Yes, but.", "Yes, but."]) await both.give(step({ text }), mark);
  expect(given.filter((it) => it !== mark.request)).toEqual([
    { text: "Yes." },
    { text: "Yes, but." },
    { text: "Yes, but." },
  ]);
});

it("the second is not given when the first failed", async () => {
  const { given, step } = node(failed);
  expect(await createInTurn().give(step({ text: "Yes." }), step({ message: "m" }))).toEqual({
    ended: failed,
    half: false,
  });
  expect(given).toEqual([{ text: "Yes." }]);
});
