import { expect, test } from "vitest";
import { parametersForTest as shipped } from "../testing/missions.ts";
import { articles } from "./articles.ts";
import { carryOver } from "./carry-over.ts";
import { articleIds } from "./parameters.ts";

const shippedCharter = {
  articles: articleIds.map((id) => ({ id, optional: articles[id].optional })),
  parameters: shipped,
};
const none = { off: [], advisories: [] };

test("what was agreed stays, also where the build ships another number", () => {
  const parameters = {
    ...shipped,
    "quorum-and-deadline": { ...shipped["quorum-and-deadline"], quorum: 0.75 },
    budgets: { ...shipped.budgets, talkPerPhase: 9 },
  };
  expect(carryOver({ parameters, ...none }, shippedCharter)).toEqual({ parameters, ...none, dropped: [] });
});

test("a parameter or an article that is new has the value the build ships", () => {
  const { "no-self-dealing": _, audit: __, ...older } = shipped;
  const budgets = { talkPerPhase: 9 };
  const kept = carryOver({ parameters: { ...older, budgets }, ...none }, shippedCharter);
  expect(kept.parameters).toEqual({ ...shipped, budgets: { ...shipped.budgets, talkPerPhase: 9 } });
  expect(kept.dropped).toEqual([]);
});

test("what is no more, or may no longer be what it is, is said by name", () => {
  const parameters = {
    ...shipped,
    budgets: { ...shipped.budgets, talkPerPhase: 100_000, candles: 3 },
    "quorum-and-deadline": {
      ...shipped["quorum-and-deadline"],
      phaseDeadlineMs: { ...shipped["quorum-and-deadline"].phaseDeadlineMs, vote: "soon" },
    },
    alchemy: { gold: true },
  };
  const kept = carryOver({ parameters, ...none }, shippedCharter);
  expect(kept.parameters).toEqual(shipped);
  expect(kept.dropped.toSorted()).toEqual([
    "alchemy is no more",
    "budgets.candles is no more",
    `budgets.talkPerPhase was 100000, and is ${shipped.budgets.talkPerPhase} now`,
    'quorum-and-deadline.phaseDeadlineMs.vote was "soon", and is 60000 now',
  ]);
});

test("an article stays off while it is optional, and advice stays until it is an article", () => {
  const advisories = [
    { id: "be-kind", title: "Be kind", text: "Be kind to each other." },
    { id: "budgets", title: "Budgets", text: "Spend little." },
  ];
  const kept = carryOver(
    { parameters: shipped, off: ["last-round", "one-ballot", "alchemy"], advisories },
    shippedCharter,
  );
  expect(kept.off).toEqual(["last-round"]);
  expect(kept.advisories).toEqual(advisories.slice(0, 1));
  expect(kept.dropped).toHaveLength(3);
});
