import { expect, test } from "vitest";
import type { AnyOutcome, Ask } from "../protocol/wire.ts";
import { createJobTable, type JobListener } from "./job-table.ts";

const outcome = (text: string): AnyOutcome => ({
  outcome: "complete",
  text,
  fields: {},
  stopped: "end",
  tokens: { input: 1, output: 1 },
  durationMs: 1,
});

function ask(id: string, maxTokens = 10): Ask {
  return {
    op: "generate",
    id,
    actor: "a",
    messages: [{ role: "user", text: "x" }],
    deadlineMs: 1_000,
    output: { kind: "text" },
    maxTokens,
    sampling: { temperature: 1, topP: 1, minP: 0, seed: 1 },
  };
}

function listener(): JobListener & { readonly heard: string[]; readonly ended: Promise<AnyOutcome> } {
  const heard: string[] = [];
  const { promise, resolve } = Promise.withResolvers<AnyOutcome>();
  return { heard, ended: promise, onPiece: (from, text) => heard.push(`${from}:${text}`), onOutcome: resolve };
}

test("an id asked again joins: it hears what was missed, and nothing runs twice", async () => {
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const jobs = createJobTable({
    run: async (_, onText) => {
      runs += 1;
      onText("ab");
      await gate.promise;
      onText("c");
      return outcome("abc");
    },
  });
  const first = listener();
  const second = listener();
  jobs.ask(ask("1"), first);
  await Promise.resolve();
  jobs.ask({ ...ask("1"), deadlineMs: 5 }, second);
  gate.resolve();
  expect(await second.ended).toBe(await first.ended);
  expect(first.heard).toEqual(["0:ab", "2:c"]);
  expect(second.heard).toEqual(["0:ab", "2:c"]);
  const third = listener();
  jobs.ask(ask("1"), third);
  expect(await third.ended).toBe(await first.ended);
  expect(third.heard).toEqual(["0:abc"]);
  expect(runs).toBe(1);
  expect(jobs.ask(ask("1", 11), listener())).toBe(false);
});

test("outcomes are forgotten after their time and beyond their number, work under way never", async () => {
  let now = 0;
  const held = Promise.withResolvers<void>();
  const jobs = createJobTable({
    run: async (request) => {
      if (request.id === "held") await held.promise;
      return outcome(request.id);
    },
    keepMs: 100,
    maxKept: 3,
    nowMs: () => now,
  });
  const waiting = listener();
  jobs.ask(ask("held"), waiting);
  for (const id of ["1", "2", "3", "4", "5"]) {
    const each = listener();
    jobs.ask(ask(id), each);
    await each.ended;
  }
  expect(jobs.kept).toBe(3);
  expect(jobs.running).toBe(1);
  now = 101;
  const other = listener();
  jobs.ask(ask("6"), other);
  await other.ended;
  expect(jobs.kept).toBe(1);
  held.resolve();
  expect(await waiting.ended).toMatchObject({ text: "held" });
  await jobs.idle();
  expect(jobs.running).toBe(0);
});
