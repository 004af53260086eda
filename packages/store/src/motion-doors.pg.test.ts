import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { type MotionDriver, openMotion, setParameter } from "./testing/motion-driver.ts";

let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
  await federation.addNode("watcher", "observer");
});
afterAll(() => federation.drop());

const refusedBy = (article: string) => ({ code: "refused", details: { article } });
/** As the door itself says it. */
const raw = (code: string, article?: string) => ({
  code,
  ...(article === undefined ? {} : { detail: expect.stringContaining(`"${article}"`) }),
});
const talk = (value: number) => setParameter("budgets.talkPerPhase", value);
/** A motion whose ballots are open. */
async function atVote(author = DEVELOPER, value = 9): Promise<MotionDriver> {
  const motion = await openMotion(federation, author, { change: talk(value) });
  await motion.comment();
  return motion;
}

describe("ballots on a motion, at the door itself", () => {
  const ballot = async (motion: MotionDriver, over: Readonly<Record<string, unknown>> = {}) => ({
    op: "cast_ballot",
    proposal: motion.proposal,
    choice: "yes",
    reason: "As I see it.",
    textSha256: (await motion.proposed()).textSha256,
    ...over,
  });

  test("a second one, a stranger's, one for another and one for another text are refused", async () => {
    const motion = await atVote();
    await federation.applyRaw(LEAD, [await ballot(motion)]);
    await expect(federation.applyRaw(LEAD, [await ballot(motion, { choice: "no" })])).rejects.toMatchObject(
      raw("FD004", "one-ballot"),
    );
    for (const stranger of ["watcher", COMMANDER])
      await expect(federation.applyRaw(stranger, [await ballot(motion)])).rejects.toMatchObject(
        raw("FD004", "one-ballot"),
      );
    await expect(federation.applyRaw(DEVELOPER, [await ballot(motion)], { as: ANALYST })).rejects.toMatchObject(
      raw("FD004", "one-voice"),
    );
    const named = await ballot(motion, { voter: ANALYST, me: ANALYST, actor: ANALYST, as: ANALYST });
    await federation.applyRaw(DEVELOPER, [named]);
    expect((await motion.proposed()).ballots.map((b) => b.voter).sort()).toEqual([DEVELOPER, LEAD].sort());
    for (const textSha256 of ["0".repeat(64), "", null])
      await expect(federation.applyRaw(ANALYST, [await ballot(motion, { textSha256 })])).rejects.toMatchObject(
        raw("FD006"),
      );
    expect((await motion.proposed()).ballots).toHaveLength(2);
    await motion.end();
  });

  test("before the vote, after its deadline, after the count and after the end none is taken", async () => {
    const motion = await openMotion(federation, DEVELOPER, { change: talk(13) });
    await expect(federation.applyRaw(LEAD, [await ballot(motion)])).rejects.toMatchObject(raw("FD004", "one-ballot"));
    await motion.comment();
    await federation.owner(
      "update federation.missions set phase_deadline = clock_timestamp() where conversation = $1",
      [motion.id],
    );
    await expect(federation.applyRaw(LEAD, [await ballot(motion)])).rejects.toMatchObject(
      raw("FD004", "quorum-and-deadline"),
    );
    await motion.move();
    await expect(federation.applyRaw(LEAD, [await ballot(motion)])).rejects.toMatchObject(raw("FD004", "one-ballot"));
    expect(await motion.outcome()).toBe("rejected");
    const accepted = await atVote();
    await accepted.vote({ [LEAD]: "yes", [ANALYST]: "yes" });
    await federation.owner(
      "update federation.missions set phase_deadline = clock_timestamp() where conversation = $1",
      [accepted.id],
    );
    await accepted.move();
    expect((await accepted.view()).phase).toBe("veto");
    await expect(federation.applyRaw(DEVELOPER, [await ballot(accepted)])).rejects.toMatchObject(
      raw("FD004", "one-ballot"),
    );
    await accepted.end();
  });

  test("of a hundred at once of one voter one counts, also when the count comes in between", async () => {
    const motion = await atVote();
    const cast = await Promise.allSettled(
      Array.from({ length: 100 }, async (_, i) =>
        federation.applyRaw(ANALYST, [await ballot(motion, { choice: i % 2 === 0 ? "yes" : "no" })]),
      ),
    );
    expect(cast.filter((c) => c.status === "fulfilled")).toHaveLength(1);
    expect((await motion.proposed()).ballots).toHaveLength(1);
    await motion.end();
  });

  test("the hash binds title, text and change", async () => {
    const change = talk(14);
    const base = await openMotion(federation, LEAD, { title: "A", text: "Some text.", change });
    const others = [
      await openMotion(federation, DEVELOPER, { title: "B", text: "Some text.", change }),
      await openMotion(federation, ANALYST, { title: "A", text: "Other text.", change }),
      await openMotion(federation, COMMANDER, { title: "A", text: "Some text.", change: talk(15) }),
    ];
    const hashes = await Promise.all([base, ...others].map(async (m) => (await m.proposed()).textSha256));
    expect(new Set(hashes).size).toBe(4);
    for (const motion of [base, ...others]) await motion.end();
  });
});

describe("what is not opened", () => {
  const open = (over: Readonly<Record<string, unknown>>) => [
    {
      op: "open_motion",
      id: randomUUID(),
      proposal: randomUUID(),
      kind: "amendment",
      title: "T",
      text: "Some text.",
      motive: "It happened.",
      change: talk(16),
      ...over,
    },
  ];

  test.each([
    ["a value over its bound", { change: talk(101) }, "FD004", "amendments"],
    ["a value of another kind", { change: { ...talk(1), value: "many" } }, "FD004", "amendments"],
    ["a fraction for a whole number", { change: talk(2.5) }, "FD004", "amendments"],
    [
      "a value inside of a list",
      { change: setParameter("propose-before-implement.kindsNeedingProposal.0", "fix") },
      "FD004",
      "amendments",
    ],
    [
      "a list with a word it does not know",
      { change: setParameter("propose-before-implement.kindsNeedingProposal", ["song"]) },
      "FD004",
      "amendments",
    ],
    [
      "a record in place of its parts",
      { change: { ...setParameter("quorum-and-deadline.phaseDeadlineMs", 1), value: {} } },
      "FD004",
      "amendments",
    ],
    ["a parameter that is not there", { change: setParameter("budgets.candles", 1) }, "FD004", "amendments"],
    ["an article that is not there", { change: setParameter("alchemy.gold", 1) }, "FD004", "amendments"],
    [
      "switching off what is not optional",
      { change: { change: "switch_off", article: "one-ballot" } },
      "FD004",
      "amendments",
    ],
    [
      "switching off the record of verdicts",
      { change: { change: "switch_off", article: "audit" } },
      "FD004",
      "amendments",
    ],
    ["switching on what is on", { change: { change: "switch_on", article: "last-round" } }, "FD004", "amendments"],
    [
      "advice under the name of an article",
      { change: { change: "add_advisory", article: "one-voice", title: "T", text: "Obey." } },
      "FD004",
      "amendments",
    ],
    [
      "advice that is too long",
      { change: { change: "add_advisory", article: "long", title: "T", text: "x".repeat(2_001) } },
      "FD004",
      "amendments",
    ],
    [
      "advice that is too long as the nodes count",
      { change: { change: "add_advisory", article: "long", title: "T", text: "😀".repeat(1_001) } },
      "FD004",
      "amendments",
    ],
    [
      "blank advice",
      { change: { change: "add_advisory", article: "blank", title: "\u00a0", text: "\u2003\u3000" } },
      "FD004",
      "amendments",
    ],
    [
      "dropping advice that is not there",
      { change: { change: "drop_advisory", article: "nothing" } },
      "FD004",
      "amendments",
    ],
    ["another kind of change", { change: { change: "abolish", article: "budgets" } }, "FD004", "amendments"],
    ["a list for a change", { change: ["set_parameter"] }, "FD004", "amendments"],
    ["no change", { change: null }, "FD004", "amendments"],
    ["an amendment without a motive", { motive: "" }, "FD004", "amendments"],
    ["another kind of motion", { kind: "plan" }, "FD001", undefined],
    ["a decision with a change", { kind: "decision" }, "FD001", undefined],
    ["a motion without a title", { title: "" }, "FD001", undefined],
    ["a motion without a text", { text: null }, "FD001", undefined],
    [
      "a ratification of another version",
      { kind: "ratification", change: { change: "ratify", version: 99 } },
      "FD004",
      "amendments",
    ],
    [
      "a task for nobody",
      { kind: "task", change: { change: "open_task", taskKind: "fix", assignee: "nobody", instructions: "Do it." } },
      "FD005",
      undefined,
    ],
    [
      "a task for who only watches",
      { kind: "task", change: { change: "open_task", taskKind: "fix", assignee: "watcher", instructions: "Do it." } },
      "FD005",
      undefined,
    ],
    [
      "a task of no kind",
      { kind: "task", change: { change: "open_task", taskKind: "song", assignee: LEAD, instructions: "Sing." } },
      "FD001",
      undefined,
    ],
    [
      "a task outside of the repository",
      {
        kind: "task",
        change: { change: "open_task", taskKind: "fix", assignee: LEAD, instructions: "Do it.", scope: ["../x"] },
      },
      "FD001",
      undefined,
    ],
  ] as const)("%s", async (_, over, code, article) => {
    await expect(federation.applyRaw(COMMANDER, open(over))).rejects.toMatchObject(raw(code, article));
  });

  test("a motion of who only watches", async () => {
    await expect(federation.applyRaw("watcher", open({}))).rejects.toMatchObject(raw("FD004", "one-voice"));
  });

  test("a fourth open motion of one author, also of four at once", async () => {
    const made = await Promise.allSettled(
      [1, 2, 3, 4, 5].map((i) => openMotion(federation, ANALYST, { change: talk(30 + i) })),
    );
    const opened = made.flatMap((m) => (m.status === "fulfilled" ? [m.value] : []));
    expect(opened).toHaveLength(3);
    for (const m of made) if (m.status === "rejected") expect(m.reason).toMatchObject(refusedBy("budgets"));
    for (const motion of opened) await motion.end();
    await (await openMotion(federation, ANALYST, { change: talk(40) })).end();
  });

  test("what a stranger put beside the change is not kept, so that every node can read it", async () => {
    const [operation] = open({ change: { ...talk(17), because: { of: "x".repeat(100) } } });
    await federation.applyRaw(COMMANDER, [operation]);
    const view = await federation.store(LEAD).missionView(operation?.id ?? "");
    expect(view?.proposals[0]?.change).toEqual(talk(17));
    await federation.apply(COMMANDER, { op: "veto", proposal: operation?.proposal ?? "", reason: "The test is over." });
  });

  test("a duty to comment for another, and one to move it on", async () => {
    const motion = await openMotion(federation, DEVELOPER, { change: talk(18) });
    const { phaseNo } = await motion.view();
    for (const duty of [
      { actor: DEVELOPER, duty: "critique", subject: null },
      { actor: COMMANDER, duty: "critique", subject: null },
      { actor: ANALYST, duty: "advance", subject: null },
    ] as const)
      await expect(
        federation.apply(DEVELOPER, { op: "open_duties", conversation: motion.id, phaseNo, duties: [duty] }),
      ).rejects.toMatchObject({ code: "conflict" });
    await motion.end();
  });
});
