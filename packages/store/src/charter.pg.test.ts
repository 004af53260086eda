import { createHash } from "node:crypto";
import {
  type Amendment,
  amendCharter,
  articleIds,
  type Charter,
  type CharterParameters,
  charterParametersSchema,
} from "@federation/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { CharterText } from "./admin.ts";
import { adoptCharter } from "./adopt-charter.ts";
import { loadCharter } from "./charter-files.ts";
import {
  ANALYST,
  COMMANDER,
  charterDir,
  DEVELOPER,
  type Federation,
  LEAD,
  startFederation,
} from "./testing/federation-fixture.ts";
import { agents, charterOf, enact, type MotionDriver, openMotion, setParameter } from "./testing/motion-driver.ts";

const open: Federation[] = [];
afterAll(() => Promise.all(open.map((federation) => federation.drop())));
async function found(): Promise<Federation> {
  const federation = await startFederation();
  open.push(federation);
  return federation;
}

let shared: Federation;
let shipped: CharterText;
beforeAll(async () => {
  [shared, shipped] = [await found(), await loadCharter(charterDir)];
});

const refusedBy = (article: string) => ({ code: "refused", details: { article } });

/** Every path to a value in the parameters. */
function paths(record: object, prefix: readonly string[] = []): readonly (readonly string[])[] {
  return Object.entries(record).flatMap(([key, value]: [string, unknown]) => {
    const path = [...prefix, key];
    return typeof value === "object" && value !== null && !Array.isArray(value) ? paths(value, path) : [path];
  });
}

function withValue(record: object, [key = "", ...rest]: readonly string[], value: unknown): object {
  const inner: unknown = Object.entries(record).find(([name]) => name === key)?.[1];
  const next = rest.length > 0 && typeof inner === "object" && inner !== null ? withValue(inner, rest, value) : value;
  return { ...record, [key]: next };
}

describe("the bounds of parameters", () => {
  const anyValue = fc.oneof(
    fc.integer(),
    fc.integer({ min: -2, max: 120 }),
    fc.integer({ min: 1, max: 12 }),
    fc.constantFrom(true, 1, 0.5, 5_000, 60_000),
    fc.constantFrom(1, 5_000),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.constantFrom(0, 0.1, 0.5, 0.99, 1, 100, 604_800_000, 604_800_001, 2 ** 53),
    fc.boolean(),
    fc.string(),
    fc.constant(null),
    fc.array(fc.constantFrom("feature", "fix", "chore", "study", "song"), { maxLength: 10 }),
    fc.array(fc.integer(), { maxLength: 2 }),
    fc.constant({}),
    fc.dictionary(fc.string(), fc.integer(), { maxKeys: 2 }),
  );

  test("mean the same in the database as in the schema, for any value in any place", async () => {
    const everyPath = paths(shipped.parameters);
    const candidates = fc.sample(
      fc.tuple(fc.nat({ max: everyPath.length }), anyValue, fc.nat({ max: 5 })).map(([at, value, whole]) => {
        const path = everyPath[at];
        // The whole, an article, or one value in it.
        if (path === undefined) return value;
        return withValue(shipped.parameters, whole > 0 ? path : path.slice(0, -1), value);
      }),
      { numRuns: 1_200, seed: 7 },
    );
    const [{ bounds } = { bounds: {} }] = await shared.owner<{ bounds: object }>(
      "select bounds from federation.charter_versions where version = 0",
    );
    expect(bounds).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(charterParametersSchema))));
    const rows = await shared.owner<{ ok: boolean }>(
      "select federation.within($1::jsonb, c.value) as ok from jsonb_array_elements($2::jsonb) with ordinality c order by c.ordinality",
      [JSON.stringify(bounds), JSON.stringify(candidates)],
    );
    const parsed = candidates.map((it) => charterParametersSchema.safeParse(JSON.parse(JSON.stringify(it))).success);
    for (const [i, row] of rows.entries()) expect(row.ok, JSON.stringify(candidates[i])).toBe(parsed[i]);
    expect(parsed.filter((it) => it).length).toBeGreaterThan(100);
    expect(parsed.filter((it) => !it).length).toBeGreaterThan(100);
  });

  test("of a keyword that the database does not know allow nothing", async () => {
    for (const schema of [
      { type: "string", pattern: "." },
      { anyOf: [{}] },
      [],
      null,
      "x",
      { additionalProperties: {} },
    ]) {
      const [row] = await shared.owner<{ ok: boolean }>("select federation.within($1::jsonb, '\"x\"') as ok", [
        JSON.stringify(schema),
      ]);
      expect(row?.ok, JSON.stringify(schema)).toBe(false);
    }
  });
});

describe("an amendment", () => {
  const anyArticle = fc.constantFrom(...articleIds, "be-kind", "be-brief", "alchemy");
  const anyParameter = fc.constantFrom(
    "quorum",
    "threshold",
    "talkPerPhase",
    "windowMs",
    "pool",
    "kindsNeedingProposal",
    "phaseDeadlineMs.vote",
    "phaseDeadlineMs",
    "candles",
  );
  const anyAmendment: fc.Arbitrary<Amendment> = fc.oneof(
    fc.record({
      change: fc.constant("set_parameter" as const),
      article: fc.constantFrom(
        "quorum-and-deadline",
        "budgets",
        "amendments",
        "human-veto",
        "explicit-assignment",
        "propose-before-implement",
        "alchemy",
      ),
      parameter: anyParameter,
      value: fc.oneof(
        fc.constantFrom<number | boolean>(0, 0.5, 0.6, 1, 5, 60_000, true, false),
        fc.array(fc.constantFrom("feature", "fix", "song"), { maxLength: 2 }),
      ),
    }),
    fc.record({ change: fc.constantFrom("switch_on" as const, "switch_off" as const), article: anyArticle }),
    fc.record({
      change: fc.constant("add_advisory" as const),
      article: anyArticle,
      title: fc.constant("A piece of advice"),
      text: fc.constantFrom("Be brief.", "Be kind."),
    }),
    fc.record({ change: fc.constant("drop_advisory" as const), article: anyArticle }),
  );

  test("makes of any version in the database what it makes of it in core, or is refused in both", async () => {
    const { parameters, articlesOff, advisories } = await shared.store(LEAD).me();
    let charter: Charter = { parameters, off: articlesOff, advisories };
    let made = 0;
    for (const change of fc.sample(anyAmendment, { numRuns: 1_000, seed: 11 })) {
      const amended = amendCharter(charter, change);
      const [row] = await shared.owner<{ fault: string | null }>(
        "select federation.enact_charter(jsonb_populate_record(null::federation.proposals, $1)) as fault",
        [JSON.stringify({ kind: "amendment", change, motive: "A test.", author: LEAD })],
      );
      expect(row?.fault === null, `${JSON.stringify(change)}: ${row?.fault}`).toBe(amended.ok);
      if (!amended.ok) continue;
      made++;
      charter = amended.charter;
      const now = await shared.store(LEAD).me();
      expect({ parameters: now.parameters, off: now.articlesOff, advisories: now.advisories }).toEqual(charter);
    }
    expect(made).toBeGreaterThan(40);
  });

  test("leaves every version before it as it was, each with the hash of what it says", async () => {
    const wrong = await shared.owner(
      `select version from federation.charter_versions
       where sha256 <> federation.charter_sha256(articles, parameters, off, advisories)`,
    );
    expect(wrong).toEqual([]);
    const hashes = await shared.owner<{ n: number; distinct: number }>(
      "select count(*)::int as n, count(distinct version)::int as distinct from federation.charter_versions",
    );
    expect(hashes[0]?.n).toBe(hashes[0]?.distinct);
    // What is hashed can be read off the row, by anyone.
    const [row] = await shared.owner<{ text: string; sha256: string }>(
      `select jsonb_build_object('articles', articles, 'parameters', parameters, 'off', off, 'advisories', advisories)::text as text, sha256
       from federation.charter_versions where version = 0`,
    );
    expect(
      createHash("sha256")
        .update(row?.text ?? "")
        .digest("hex"),
    ).toBe(row?.sha256);
  });
});

describe("a build that ships", () => {
  const amended = async (federation: Federation): Promise<void> => {
    await enact(federation, LEAD, { change: setParameter("budgets.talkPerPhase", 9) });
    await enact(federation, LEAD, { change: { change: "switch_off", article: "last-round" } });
    await enact(federation, LEAD, {
      change: { change: "add_advisory", article: "be-brief", title: "T", text: "Be brief." },
    });
  };

  test("the same charter changes nothing, however often it is put in force", async () => {
    const federation = await found();
    await amended(federation);
    const runs = await Promise.all([1, 2, 3].map(() => adoptCharter(federation.adminUrl, shipped)));
    expect(runs).toEqual(Array(3).fill({ version: 3, dropped: [] }));
  });

  test("other articles makes the next version, in which what was agreed stays", async () => {
    const federation = await found();
    await amended(federation);
    const articles = shipped.articles.map((a) => (a.id === "budgets" ? { ...a, text: "Spend what you need." } : a));
    const parameters = { ...shipped.parameters, budgets: { ...shipped.parameters.budgets, maxHops: 3 } };
    const runs = await Promise.all([1, 2, 3].map(() => adoptCharter(federation.adminUrl, { articles, parameters })));
    expect(runs).toEqual(Array(3).fill({ version: 4, dropped: [] }));
    const now = await charterOf(federation);
    expect(now).toMatchObject({ version: 4, how: "shipped", off: ["last-round"] });
    expect(now.articles.find((a) => a.id === "budgets")?.text).toBe("Spend what you need.");
    expect(now.parameters["budgets"]).toMatchObject({
      talkPerPhase: 9,
      maxHops: shipped.parameters.budgets.maxHops,
    });
    expect(now.advisories).toHaveLength(1);
    // And it can be amended further.
    await enact(federation, LEAD, { change: setParameter("budgets.talkPerPhase", 10) });
    expect((await charterOf(federation)).version).toBe(5);
  });

  test("a parameter it did not have before adds it, and says what it could not keep", async () => {
    const federation = await found();
    await amended(federation);
    // As an older build left it: one parameter is missing, one is no more, one may no longer be so high.
    await federation.owner(
      `update federation.charter_versions set bounds = '{}', parameters =
         jsonb_set(jsonb_set(parameters #- '{budgets,wallMsPerTask}', '{budgets,candles}', '3'), '{budgets,maxHops}', '1000')`,
    );
    const { version, dropped } = await adoptCharter(federation.adminUrl, shipped);
    expect(version).toBe(4);
    expect(dropped.toSorted()).toEqual([
      "budgets.candles is no more",
      `budgets.maxHops was 1000, and is ${shipped.parameters.budgets.maxHops} now`,
    ]);
    const now = await charterOf(federation);
    expect(now.parameters["budgets"]).toEqual({ ...shipped.parameters.budgets, talkPerPhase: 9 });
    for (const what of dropped) expect(now.motive).toContain(what);
  });
});

describe("the founding of a federation", () => {
  const ratify = {
    kind: "ratification",
    title: "Ratify",
    change: { change: "ratify", version: 0 },
    motive: "",
  } as const;
  const adopt = (federation: Federation, actor = COMMANDER) =>
    federation.apply(actor, { op: "ratify_charter", reason: "Somebody must begin." });
  const outcomeOf = async (motion: MotionDriver) => (await motion.view()).outcome;

  test("goes straight to the vote, and makes version 1 of what was shipped, hash on record", async () => {
    const federation = await found();
    const before = await charterOf(federation);
    expect(before).toMatchObject({ version: 0, how: "shipped" });
    await expect(openMotion(federation, DEVELOPER, ratify)).rejects.toMatchObject({ code: "forbidden" });
    const motion = await openMotion(federation, LEAD, ratify);
    expect(await motion.view()).toMatchObject({ phase: "vote" });
    expect((await motion.view()).proposals[0]?.electorate).toEqual([...agents].sort());
    await expect(openMotion(federation, COMMANDER, ratify)).rejects.toMatchObject(refusedBy("amendments"));
    await expect(adopt(federation)).rejects.toMatchObject(refusedBy("amendments"));
    await motion.vote({ [LEAD]: "yes", [DEVELOPER]: "yes", [ANALYST]: "no" });
    await motion.pass();
    expect(await outcomeOf(motion)).toBe("enacted");
    expect(await charterOf(federation)).toMatchObject({
      version: 1,
      how: "vote",
      adoptedBy: LEAD,
      proposal: motion.proposal,
      sha256: before.sha256,
    });
    for (const version of [0, 1])
      await expect(
        openMotion(federation, LEAD, { ...ratify, change: { change: "ratify", version } }),
      ).rejects.toMatchObject(refusedBy("amendments"));
    await expect(adopt(federation)).rejects.toMatchObject(refusedBy("amendments"));
    expect((await charterOf(federation)).version).toBe(1);
  });

  test("that the voters refuse is the commander's to decide, on record as such, and nobody else's", async () => {
    const federation = await found();
    await expect(adopt(federation)).rejects.toMatchObject(refusedBy("amendments"));
    // A vote that was taken back or stopped was not lost.
    const withdrawn = await openMotion(federation, COMMANDER, ratify);
    await withdrawn.act(COMMANDER, { kind: "withdraw", proposal: withdrawn.proposal }, { text: "Not yet." });
    await withdrawn.move();
    await expect(adopt(federation)).rejects.toMatchObject(refusedBy("amendments"));
    const vetoed = await openMotion(federation, LEAD, ratify);
    await vetoed.act(COMMANDER, { kind: "veto", proposal: vetoed.proposal }, { text: "Not yet." });
    await vetoed.move();
    await expect(adopt(federation)).rejects.toMatchObject(refusedBy("amendments"));
    const lost = await openMotion(federation, LEAD, ratify);
    await expect(adopt(federation)).rejects.toMatchObject(refusedBy("amendments"));
    await lost.vote({ [LEAD]: "yes", [DEVELOPER]: "no", [ANALYST]: "no" });
    expect(await outcomeOf(lost)).toBe("rejected");
    for (const actor of agents) await expect(adopt(federation, actor)).rejects.toMatchObject(refusedBy("amendments"));
    await expect(federation.apply(COMMANDER, { op: "ratify_charter", reason: " " })).rejects.toMatchObject({
      code: "invalid_input",
    });
    const runs = await Promise.allSettled([adopt(federation), adopt(federation), adopt(federation)]);
    expect(runs.filter((r) => r.status === "fulfilled")).toHaveLength(1);
    expect(await charterOf(federation)).toMatchObject({
      version: 1,
      how: "commander",
      adoptedBy: COMMANDER,
      motive: "Somebody must begin.",
      proposal: null,
    });
    await expect(
      openMotion(federation, LEAD, { ...ratify, change: { change: "ratify", version: 1 } }),
    ).rejects.toMatchObject(refusedBy("amendments"));
  });

  test("votes on the version it names: after an amendment the vote is taken again", async () => {
    const federation = await found();
    const early = await openMotion(federation, LEAD, ratify);
    await early.vote(Object.fromEntries(agents.map((voter) => [voter, "yes"])));
    await enact(federation, DEVELOPER, { change: setParameter("budgets.talkPerPhase", 9) });
    await early.pass();
    expect(await outcomeOf(early)).toBe("rejected");
    await enact(federation, LEAD, { ...ratify, change: { change: "ratify", version: 1 } });
    expect(await charterOf(federation)).toMatchObject({ version: 2, how: "vote" });
    const { parameters } = await federation.store(LEAD).me();
    expect(parameters satisfies CharterParameters).toMatchObject({ budgets: { talkPerPhase: 9 } });
  });

  test("opened by two at the same time is one vote", async () => {
    const federation = await found();
    const runs = await Promise.allSettled([
      openMotion(federation, LEAD, ratify),
      openMotion(federation, COMMANDER, ratify),
    ]);
    const [motion, ...more] = runs.flatMap((r) => (r.status === "fulfilled" ? [r.value] : []));
    expect(more).toEqual([]);
    await motion?.act(COMMANDER, { kind: "veto", proposal: motion.proposal }, { text: "The test is over." });
    await motion?.move();
  });
});
