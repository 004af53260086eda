import type { ChatMessage } from "@federation/runtime/ports";
import { expect, test } from "vitest";
import { createBiasMeter } from "./bias-meter.ts";

const references = ["one", "two", "three"].map((text): readonly ChatMessage[] => [{ role: "user", text }]);
const sentences = ["I wait.", "I ask."];

interface Call {
  readonly text: string | undefined;
  readonly sentences: readonly string[];
  finish(scores: readonly number[]): void;
  fail(reason: unknown): void;
}

function bench() {
  const scores = new Map<string, number>();
  const keyOf = (reference: readonly ChatMessage[], sentence: string): string => `${reference[0]?.text} ${sentence}`;
  const calls: Call[] = [];
  const meter = createBiasMeter({
    store: {
      get: (reference, sentence) => scores.get(keyOf(reference, sentence)),
      put: (reference, sentence, score) => scores.set(keyOf(reference, sentence), score),
    },
    score: (reference, asked, { signal }) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        calls.push({ text: reference[0]?.text, sentences: asked, finish: resolve, fail: reject });
      }),
  });
  const run = (control = new AbortController(), asked: readonly string[] = sentences) =>
    meter.measure({ references, sentences: asked, signal: control.signal, tokens: { input: 0, output: 0 } });
  /** The nth call, once it was made. */
  const call = async (index: number): Promise<Call> => {
    await expect.poll(() => calls.length).toBeGreaterThan(index);
    const found = calls[index];
    if (found === undefined) throw new Error("No such call.");
    return found;
  };
  const finish = async (from: number, to: number): Promise<void> => {
    for (let index = from; index < to; index += 1) {
      const { sentences: asked, finish: end } = await call(index);
      end(asked.map((sentence) => index + (sentence === "I ask." ? 0.5 : 0)));
    }
  };
  return { run, call, finish, calls };
}

test("runs that need the same scores measure them once, and all get the mean", async () => {
  const { run, finish, calls } = bench();
  const all = Promise.all([run(), run(), run()]);
  await finish(0, 3);
  expect(await all).toEqual([
    [1, 1.5],
    [1, 1.5],
    [1, 1.5],
  ]);
  expect(calls.map((call) => call.text)).toEqual(["one", "two", "three"]);
});

test("whoever waits takes over where an aborted run stopped", async () => {
  const { run, call, finish, calls } = bench();
  const control = new AbortController();
  const first = run(control);
  const second = run();
  await finish(0, 1);
  await call(1);
  control.abort(new Error("enough"));
  await expect(first).rejects.toThrow("enough");
  await finish(2, 4);
  await second;
  expect(calls.map((each) => each.text)).toEqual(["one", "two", "two", "three"]);
});

test("whoever waits takes over after a failure, and one that gives up waiting disturbs nobody", async () => {
  const { run, call, finish } = bench();
  const first = run();
  const control = new AbortController();
  const impatient = run(control);
  const third = run();
  control.abort(new Error("too long"));
  await expect(impatient).rejects.toThrow("too long");
  (await call(0)).fail(new Error("no memory"));
  await expect(first).rejects.toThrow("no memory");
  await finish(1, 4);
  expect(await third).toEqual([2, 2.5]);
});

test("only sentences that are unknown are measured, and what is known needs nobody's turn", async () => {
  const { run, call, finish, calls } = bench();
  const first = run(undefined, ["I wait."]);
  await finish(0, 3);
  await first;
  const second = run();
  expect((await call(3)).sentences).toEqual(["I ask."]);
  expect(await run(undefined, ["I wait."])).toEqual([1]);
  await finish(3, 6);
  await second;
  expect(calls).toHaveLength(6);
});
