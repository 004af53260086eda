import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { actionHeadSchema, wordsOf } from "../actions.ts";
import { viewForTest } from "../testing/missions.ts";
import { articles } from "./articles.ts";
import { decide } from "./decide.ts";
import { articleIds } from "./parameters.ts";
import { claim, say, veto, wait } from "./rule-fixture.ts";
import { articlesInForce, rules } from "./rules.ts";

test("every article has a standing, a rule, a file of its own and a test beside it, and no rule is without an article", () => {
  const ids = [...articleIds].sort();
  expect(Object.keys(rules).sort()).toEqual(ids);
  expect(Object.keys(articles).sort()).toEqual(ids);
  const files = readdirSync(new URL("./rules", import.meta.url)).sort();
  expect(files).toEqual(ids.flatMap((id) => [`${id}.test.ts`, `${id}.ts`]));
  expect(new Set(Object.values(rules)).size).toBe(ids.length);
});

test("every article is written down in the charter, with the same standing", () => {
  const folder = new URL("../../../../charter/", import.meta.url);
  const texts = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), "utf8"));
  const said = texts.map((text) => ({
    id: /^id: (\S+)$/m.exec(text)?.[1],
    optional: /^optional: true$/m.test(text),
    entrenched: /^entrenched: true$/m.test(text),
  }));
  expect(said.sort((a, b) => String(a.id).localeCompare(String(b.id)))).toEqual(
    [...articleIds].sort((a, b) => a.localeCompare(b)).map((id) => ({ id, ...articles[id] })),
  );
});

test("only an article that is optional is not asked, and no entrenched one is optional", () => {
  for (const id of articleIds) expect(articles[id].optional && articles[id].entrenched).toBe(false);
  expect(articlesInForce(viewForTest({ articlesOff: ["last-round", "truthful-completion"] }))).toEqual(
    articleIds.filter((id) => id !== "last-round" && id !== "truthful-completion"),
  );
  // A row that says otherwise does not switch off what must not be.
  expect(articlesInForce(viewForTest({ articlesOff: [...articleIds] }))).toEqual(
    articleIds.filter((id) => !articles[id].optional),
  );
});

test("every kind of action has its words, and no words are for an action that is not there", () => {
  const kinds = actionHeadSchema.options.map((o) => o.shape.kind.value);
  expect(Object.keys(wordsOf).sort()).toEqual([...kinds].sort());
});

test("a refusal names the first article that is broken, and what would be lawful", () => {
  expect(decide(viewForTest({ phase: "vote" }), "dev", { kind: "propose" })).toEqual({
    allowed: false,
    charterVersion: 1,
    article: "propose-before-implement",
    reason: "propose does not belong to the phase vote",
    lawful: "propose is lawful in: propose",
  });
});

test("a verdict names the version it was decided under", () => {
  expect(decide(viewForTest({ charterVersion: 7 }), "dev", say).charterVersion).toBe(7);
  expect(decide(viewForTest({ charterVersion: 7 }), "eve", say).charterVersion).toBe(7);
});

test.each(["mission", "motion", "errand"] as const)("in a closed %s one may still remember, wait and speak", (kind) => {
  const closed = viewForTest({ kind, phase: "closed", outcome: "accepted" });
  for (const head of [{ kind: "remember" }, wait, say] as const) expect(decide(closed, "dev", head).allowed).toBe(true);
  for (const head of [{ kind: "propose" }, veto, claim] as const)
    expect(decide(closed, "rob", head)).toMatchObject({ allowed: false, reason: `the ${kind} is closed` });
});
