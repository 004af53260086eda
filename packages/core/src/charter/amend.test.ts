import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parametersForTest } from "../testing/missions.ts";
import { amendCharter, type Charter, diffCharter, isEntrenched, MAX_ADVISORIES } from "./amend.ts";
import { type Amendment, amendmentSchema } from "./amendment.ts";
import { articles } from "./articles.ts";
import { articleIds, charterParametersSchema } from "./parameters.ts";

const charter: Charter = { parameters: parametersForTest, off: [], advisories: [] };
const advice = (id: string) => ({ id, title: "Short meetings", text: "A question is asked once." });
const set = (
  article: string,
  parameter: string,
  value: Extract<Amendment, { value: unknown }>["value"],
): Amendment => ({
  change: "set_parameter",
  article,
  parameter,
  value,
});
const add = (article: string): Amendment => ({
  change: "add_advisory",
  article,
  title: "Short meetings",
  text: "A question is asked once.",
});
const turn = (change: "switch_on" | "switch_off", article: string): Amendment => ({ change, article });

describe("an amendment", () => {
  test("sets a parameter, and leaves everything else as it was", () => {
    expect(amendCharter(charter, set("budgets", "talkPerPhase", 5))).toEqual({
      ok: true,
      charter: {
        ...charter,
        parameters: { ...parametersForTest, budgets: { ...parametersForTest.budgets, talkPerPhase: 5 } },
      },
    });
  });

  test("sets a nested parameter by its name with a dot", () => {
    const made = amendCharter(charter, set("quorum-and-deadline", "phaseDeadlineMs.vote", 5_000));
    expect(made.ok && made.charter.parameters["quorum-and-deadline"].phaseDeadlineMs).toEqual({
      ...parametersForTest["quorum-and-deadline"].phaseDeadlineMs,
      vote: 5_000,
    });
  });

  test("sets a list", () => {
    const made = amendCharter(charter, set("propose-before-implement", "kindsNeedingProposal", ["feature", "fix"]));
    expect(made.ok && made.charter.parameters["propose-before-implement"].kindsNeedingProposal).toEqual([
      "feature",
      "fix",
    ]);
  });

  test("switches an optional article off and on again", () => {
    const off = amendCharter(charter, turn("switch_off", "last-round"));
    expect(off.ok && off.charter.off).toEqual(["last-round"]);
    expect(off.ok && amendCharter(off.charter, turn("switch_on", "last-round"))).toEqual({ ok: true, charter });
  });

  test("adds advice and drops it again", () => {
    const made = amendCharter(charter, add("short-meetings"));
    expect(made.ok && made.charter.advisories).toEqual([advice("short-meetings")]);
    const dropped = made.ok && amendCharter(made.charter, { change: "drop_advisory", article: "short-meetings" });
    expect(dropped).toEqual({ ok: true, charter });
  });

  const full = { ...charter, advisories: Array.from({ length: MAX_ADVISORIES }, (_, i) => advice(`advice-${i}`)) };

  test.each<readonly [string, Charter, Amendment, RegExp]>([
    ["of an article that is not there", charter, set("meetings", "length", 1), /no article meetings/],
    ["of a parameter that is not there", charter, set("budgets", "talk", 1), /no parameter talk/],
    ["of what only looks like a parameter", charter, set("budgets", "constructor", 1), /no parameter constructor/],
    [
      "of a group instead of one parameter",
      charter,
      set("quorum-and-deadline", "phaseDeadlineMs", 5_000),
      /no parameter phaseDeadlineMs/,
    ],
    [
      "below a parameter that has no parts",
      charter,
      set("budgets", "talkPerPhase.vote", 1),
      /no parameter talkPerPhase.vote/,
    ],
    ["beyond the bounds", charter, set("budgets", "talkPerPhase", 101), /cannot be 101/],
    ["below the bounds", charter, set("amendments", "threshold", 0.4), /cannot be 0.4/],
    ["to a number that is not whole", charter, set("budgets", "maxHops", 2.5), /cannot be 2.5/],
    ["to another kind of value", charter, set("explicit-assignment", "pool", "yes"), /cannot be "yes"/],
    [
      "to a kind of task that is not there",
      charter,
      set("propose-before-implement", "kindsNeedingProposal", ["party"]),
      /cannot be/,
    ],
    ["to what it is", charter, set("budgets", "talkPerPhase", 2), /is 2 already/],
    ["of an article that is necessary", charter, turn("switch_off", "budgets"), /not optional/],
    ["of an article that is entrenched", charter, turn("switch_off", "human-veto"), /not optional/],
    ["that switches on what is in force", charter, turn("switch_on", "last-round"), /in force already/],
    [
      "that switches off what is off",
      { ...charter, off: ["last-round"] },
      turn("switch_off", "last-round"),
      /off already/,
    ],
    ["whose advice has the name of an article", charter, add("audit"), /code enforces/],
    ["whose advice has the name of another", full, add("advice-3"), /already/],
    ["that is one piece of advice too many", full, add("one-more"), /at most 32/],
    [
      "that drops advice that is not there",
      charter,
      { change: "drop_advisory", article: "short-meetings" },
      /no advisory/,
    ],
  ])("is not made: one %s", (_, from, change, expected) => {
    const made = amendCharter(from, change);
    expect(made.ok ? "" : made.problem).toMatch(expected);
  });
});

describe("the commander's yes", () => {
  test("is needed for a change of an entrenched article, and for nothing else", () => {
    for (const id of articleIds) expect(isEntrenched(set(id, "x", 1))).toBe(articles[id].entrenched);
    expect(isEntrenched(turn("switch_off", "last-round"))).toBe(false);
    expect(isEntrenched(add("short-meetings"))).toBe(false);
    expect(isEntrenched({ change: "ratify", version: 0 })).toBe(false);
    expect(isEntrenched(null)).toBe(false);
  });

  test("is needed for identity, the ballot, the veto, the record and amendment itself", () => {
    expect(articleIds.filter((id) => articles[id].entrenched)).toEqual([
      "one-voice",
      "one-ballot",
      "human-veto",
      "audit",
      "amendments",
    ]);
  });
});

describe("what is different", () => {
  test("is named by article and parameter, with both values", () => {
    const after: Charter = {
      parameters: {
        ...parametersForTest,
        budgets: { ...parametersForTest.budgets, talkPerPhase: 5 },
        "quorum-and-deadline": {
          ...parametersForTest["quorum-and-deadline"],
          phaseDeadlineMs: { ...parametersForTest["quorum-and-deadline"].phaseDeadlineMs, vote: 5_000 },
        },
      },
      off: ["last-round"],
      advisories: [advice("short-meetings")],
    };
    expect(diffCharter(charter, after)).toEqual([
      { article: "quorum-and-deadline", what: "phaseDeadlineMs.vote", before: 60_000, after: 5_000 },
      { article: "last-round", what: "in force", before: true, after: false },
      { article: "budgets", what: "talkPerPhase", before: 2, after: 5 },
      { article: "short-meetings", what: "advice", before: null, after: "Short meetings. A question is asked once." },
    ]);
    expect(diffCharter(after, charter)).toHaveLength(4);
    expect(diffCharter(after, after)).toEqual([]);
  });
});

const names = [...articleIds, "short-meetings", "another", "meetings"] as const;
const places = Object.entries(parametersForTest).flatMap(([article, record]) =>
  Object.entries(record).flatMap(([name, part]: [string, unknown]) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.keys(part).map((n) => ({ article, parameter: `${name}.${n}` }))
      : [{ article, parameter: name }],
  ),
);
const value = fc.oneof(
  fc.integer({ min: 1, max: 10 }),
  fc.integer({ min: -2, max: 200_000 }),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.boolean(),
  fc.string({ maxLength: 8 }),
  fc.subarray(["feature", "fix", "chore", "study", "party"]),
);
const amendment: fc.Arbitrary<Amendment> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...places, { article: "budgets", parameter: "constructor" }), value)
    .map(([place, to]) => ({ change: "set_parameter" as const, ...place, value: to })),
  fc.record({
    change: fc.constantFrom("switch_on" as const, "switch_off" as const),
    article: fc.constantFrom(...names),
  }),
  fc.record({
    change: fc.constant("add_advisory" as const),
    article: fc.constantFrom(...names),
    title: fc.constant("A title"),
    text: fc.constant("A text"),
  }),
  fc.record({ change: fc.constant("drop_advisory" as const), article: fc.constantFrom(...names) }),
);

test("an amendment that is made yields a charter, differs in one thing, and is not made twice", () => {
  let made = 0;
  fc.assert(
    fc.property(fc.array(amendment, { minLength: 10, maxLength: 40 }), (changes) => {
      let current = charter;
      for (const change of changes) {
        expect(amendmentSchema.safeParse(change).success).toBe(true);
        const next = amendCharter(current, change);
        if (!next.ok) {
          expect(next.problem).not.toBe("");
          continue;
        }
        made++;
        expect(charterParametersSchema.parse(next.charter.parameters)).toEqual(next.charter.parameters);
        expect(next.charter.off.every((id) => articles[id].optional)).toBe(true);
        expect(diffCharter(current, next.charter)).toHaveLength(1);
        expect(diffCharter(current, next.charter)[0]?.article).toBe(change.article);
        expect(amendCharter(next.charter, change).ok).toBe(false);
        current = next.charter;
      }
    }),
    { numRuns: 300 },
  );
  expect(made).toBeGreaterThan(200);
});
