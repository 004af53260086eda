import { randomUUID } from "node:crypto";
import { type Choice, phaseDuties } from "@federation/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { agents, charterOf, enact, type MotionDriver, openMotion, setParameter } from "./testing/motion-driver.ts";

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
const all = (choice: Choice) => Object.fromEntries(agents.map((voter) => [voter, choice]));
const talk = (value: number) => setParameter("budgets.talkPerPhase", value);
const talkPerPhase = async () => (await federation.store(LEAD).me()).parameters.budgets.talkPerPhase;
const proposalOf = async (motion: MotionDriver) => {
  const [proposal] = (await motion.view()).proposals;
  if (proposal === undefined) throw new Error("the motion has no proposal");
  return proposal;
};
const outcomeOf = async (motion: MotionDriver) => (await motion.view()).outcome;
const reasonOf = async (motion: MotionDriver) => {
  const [row] = await federation.owner<{ reason: string }>(
    "select reason from federation.mission_phases where conversation = $1 order by phase_no desc limit 1",
    [motion.id],
  );
  return row?.reason;
};
/** A motion whose ballots are open. */
async function atVote(author = DEVELOPER, value = 9): Promise<MotionDriver> {
  const motion = await openMotion(federation, author, { change: talk(value) });
  await motion.comment();
  return motion;
}
const end = (motion: MotionDriver) =>
  federation
    .apply(COMMANDER, { op: "veto", proposal: motion.proposal, reason: "The test is over." })
    .then(motion.move.bind(null, LEAD));

describe("a motion", () => {
  test("has every actor as a member, the agents as voters, and a comment due from every agent but its author", async () => {
    const motion = await openMotion(federation, DEVELOPER, { change: talk(5) });
    const view = await motion.view();
    expect(view).toMatchObject({ kind: "motion", phase: "critique", createdBy: DEVELOPER });
    expect(view.members.map((m) => m.actor)).toEqual([DEVELOPER, ANALYST, COMMANDER, LEAD, "watcher"].sort());
    expect(view.members.filter((m) => m.votes).map((m) => m.actor)).toEqual([DEVELOPER, ANALYST, LEAD].sort());
    expect(view.obligations.map((o) => [o.actor, o.duty])).toEqual([
      [ANALYST, "critique"],
      [LEAD, "critique"],
    ]);
    expect(phaseDuties(view, "critique").map((d) => [d.actor, d.duty])).toEqual(
      view.obligations.map((o) => [o.actor, o.duty]),
    );
    expect(await motion.move()).toEqual([]);
    await end(motion);
  });

  test("goes through comment, vote and window, and takes effect when the window has passed", async () => {
    const before = await charterOf(federation);
    const motion = await openMotion(federation, DEVELOPER, { title: "Talk more", change: talk(7) });
    expect((await motion.view()).phase).toBe("critique");
    await motion.comment();
    expect((await motion.view()).obligations.map((o) => o.duty)).toEqual(["vote", "vote", "vote"]);
    expect(await motion.vote(all("yes"))).toEqual(["tally", "veto"]);
    // Nothing moves it before its time, and nobody is asked to.
    expect(await motion.move()).toEqual([]);
    expect((await federation.store(LEAD).work()).movable).not.toContain(motion.id);
    await expect(
      federation.apply(LEAD, {
        op: "enter_phase",
        conversation: motion.id,
        fromPhaseNo: (await motion.view()).phaseNo,
        phase: "closed",
        round: 1,
        reason: "in haste",
        outcome: "enacted",
        duties: [],
      }),
    ).rejects.toMatchObject({ code: "conflict" });
    expect(await talkPerPhase()).not.toBe(7);
    expect(await motion.pass()).toEqual(["closed"]);
    expect(await outcomeOf(motion)).toBe("enacted");
    expect(await talkPerPhase()).toBe(7);
    const after = await charterOf(federation);
    expect(after).toMatchObject({
      version: before.version + 1,
      how: "vote",
      adoptedBy: DEVELOPER,
      proposal: motion.proposal,
      motive: "A task was refused that should not have been.",
    });
    expect(after.sha256).not.toBe(before.sha256);
  });

  test("is in force for every node at once, in its deciders and in what the database does", async () => {
    const mission = await openMotion(federation, LEAD, { change: talk(8) });
    await enact(federation, DEVELOPER, { change: setParameter("quorum-and-deadline.phaseDeadlineMs.vote", 77_000) });
    for (const actor of [...agents, COMMANDER]) {
      const view = await federation.store(actor).missionView(mission.id);
      expect(view?.parameters["quorum-and-deadline"].phaseDeadlineMs.vote).toBe(77_000);
      expect(view?.charterVersion).toBe((await charterOf(federation)).version);
    }
    await mission.comment();
    const [phase] = await federation.owner<{ seconds: number }>(
      "select extract(epoch from phase_deadline - phase_entered_at)::float as seconds from federation.missions where conversation = $1",
      [mission.id],
    );
    expect(phase?.seconds).toBeCloseTo(77, 1);
    await end(mission);
  });

  test("without a majority is rejected and changes nothing", async () => {
    const { version } = await charterOf(federation);
    const motion = await atVote();
    expect(await motion.vote({ [LEAD]: "no", [ANALYST]: "no", [DEVELOPER]: "yes" })).toEqual(["tally", "closed"]);
    expect(await outcomeOf(motion)).toBe("rejected");
    expect((await charterOf(federation)).version).toBe(version);
  });

  test("that only its author votes for is rejected, while the article against self-dealing is in force", async () => {
    await enactAsCommander(setParameter("amendments.quorum", 0.1));
    const alone = async () => {
      const motion = await atVote(DEVELOPER);
      await motion.vote({ [DEVELOPER]: "yes", [LEAD]: "abstain", [ANALYST]: "abstain" });
      return motion;
    };
    expect(await outcomeOf(await alone())).toBe("rejected");
    await enactAsCommander({ change: "switch_off", article: "no-self-dealing" });
    const lawful = await alone();
    expect((await lawful.view()).phase).toBe("veto");
    await end(lawful);
    await enactAsCommander({ change: "switch_on", article: "no-self-dealing" });
    await enactAsCommander(setParameter("amendments.quorum", 0.5));
  });

  test("counts by the article amendments, not by that of missions", async () => {
    await enactAsCommander(setParameter("amendments.threshold", 0.7));
    const two = await atVote(DEVELOPER);
    await two.vote({ [DEVELOPER]: "yes", [LEAD]: "yes", [ANALYST]: "no" });
    expect(await outcomeOf(two)).toBe("rejected");
    await enactAsCommander(setParameter("amendments.threshold", 0.5));
  });
});

async function enactAsCommander(change: Parameters<typeof openMotion>[2]["change"]): Promise<void> {
  const motion = await enact(federation, LEAD, { change: change ?? null });
  expect(await outcomeOf(motion)).toBe("enacted");
}

describe("what is entrenched", () => {
  const window = (value: number) => setParameter("human-veto.windowMs", value);

  test("has the commander among its voters, and needs the commander's yes", async () => {
    const { version } = await charterOf(federation);
    const without = await openMotion(federation, DEVELOPER, { change: window(20_000) });
    await without.comment();
    expect((await proposalOf(without)).electorate).toEqual([...agents, COMMANDER].sort());
    await without.vote({ ...all("yes"), [COMMANDER]: "abstain" });
    expect(await outcomeOf(without)).toBe("rejected");
    expect((await charterOf(federation)).version).toBe(version);
    await federation.logSettled();
    const decided = (await federation.store(COMMANDER).events(null, 1_000, without.id)).find(
      (e) => e.kind === "ProposalDecided",
    );
    expect(decided?.data).toMatchObject({ state: "rejected", why: "it needs the yes of the commander", yes: 3 });
  });

  test("is not in force when the commander stays silent until the deadline", async () => {
    const motion = await openMotion(federation, DEVELOPER, { change: window(20_000) });
    await motion.comment();
    await motion.vote(all("yes"));
    expect((await motion.view()).phase).toBe("vote");
    expect(await motion.pass()).toEqual(["tally", "closed"]);
    expect(await outcomeOf(motion)).toBe("rejected");
  });

  test("is in force with it", async () => {
    const motion = await openMotion(federation, DEVELOPER, { change: window(20_000) });
    await motion.comment();
    await motion.vote({ ...all("yes"), [COMMANDER]: "yes" });
    await motion.pass();
    expect(await outcomeOf(motion)).toBe("enacted");
    expect((await federation.store(LEAD).me()).parameters["human-veto"].windowMs).toBe(20_000);
  });
});

describe("a veto", () => {
  test.each(["critique", "vote", "veto"] as const)(
    "ends a motion in the phase %s, and nothing comes of it",
    async (phase) => {
      const { version } = await charterOf(federation);
      const motion = await openMotion(federation, DEVELOPER, { change: talk(11) });
      if (phase !== "critique") await motion.comment();
      if (phase === "veto") await motion.vote(all("yes"));
      expect((await motion.view()).phase).toBe(phase);
      await motion.act(COMMANDER, { kind: "veto", proposal: motion.proposal }, { text: "Not on my watch." });
      // Whoever looks next moves it, also when the one who vetoed is gone by then.
      expect((await federation.store(ANALYST).work()).movable).toContain(motion.id);
      expect(await motion.move(ANALYST)).toEqual(["closed"]);
      expect(await outcomeOf(motion)).toBe("vetoed");
      await motion.pass();
      expect((await charterOf(federation)).version).toBe(version);
      expect((await motion.view()).obligations.filter((o) => o.state === "open")).toEqual([]);
    },
  );

  test("after the window is too late", async () => {
    const motion = await enact(federation, DEVELOPER, { kind: "decision", motive: "" });
    await expect(
      federation.apply(COMMANDER, { op: "veto", proposal: motion.proposal, reason: "Too late." }),
    ).rejects.toMatchObject(refusedBy("human-veto"));
  });

  test("and the end of the window at the same moment make one ending", async () => {
    for (let i = 0; i < 5; i++) {
      const before = await talkPerPhase();
      const motion = await atVote(LEAD, 20 + i);
      await motion.vote(all("yes"));
      await federation.owner(
        "update federation.missions set phase_deadline = clock_timestamp() where conversation = $1",
        [motion.id],
      );
      const { phaseNo } = await motion.view();
      await Promise.allSettled([
        federation.apply(COMMANDER, { op: "veto", proposal: motion.proposal, reason: "Stop." }),
        federation.apply(ANALYST, {
          op: "enter_phase",
          conversation: motion.id,
          fromPhaseNo: phaseNo,
          phase: "closed",
          round: 1,
          reason: "nobody vetoed it",
          outcome: "enacted",
          duties: [],
        }),
      ]);
      await motion.move();
      const outcome = await outcomeOf(motion);
      expect(["vetoed", "enacted"]).toContain(outcome);
      expect(await talkPerPhase()).toBe(outcome === "enacted" ? 20 + i : before);
    }
  });
});

describe("a withdrawal", () => {
  test("by its author ends a motion before its vote and during it; ballots that were cast stay", async () => {
    for (const phase of ["critique", "vote"]) {
      const motion = await openMotion(federation, DEVELOPER, { change: talk(12) });
      if (phase === "vote") {
        await motion.comment();
        await motion.vote({ [LEAD]: "yes" });
      }
      await expect(
        federation.apply(LEAD, { op: "withdraw_proposal", proposal: motion.proposal, reason: "Mine now." }),
      ).rejects.toMatchObject(refusedBy("amendments"));
      await motion.act(DEVELOPER, { kind: "withdraw", proposal: motion.proposal }, { text: "I was wrong." });
      expect(await motion.move()).toEqual(["closed"]);
      expect(await outcomeOf(motion)).toBe("withdrawn");
      expect((await proposalOf(motion)).ballots.map((b) => b.voter)).toEqual(phase === "vote" ? [LEAD] : []);
    }
  });

  test("of what was decided is refused", async () => {
    const motion = await atVote();
    await motion.vote(all("yes"));
    await expect(
      federation.apply(DEVELOPER, { op: "withdraw_proposal", proposal: motion.proposal, reason: "No." }),
    ).rejects.toMatchObject(refusedBy("amendments"));
    await end(motion);
  });
});

describe("ballots on a motion, at the door itself", () => {
  const ballot = async (motion: MotionDriver, over: Readonly<Record<string, unknown>> = {}) => ({
    op: "cast_ballot",
    proposal: motion.proposal,
    choice: "yes",
    reason: "As I see it.",
    textSha256: (await proposalOf(motion)).textSha256,
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
    expect((await proposalOf(motion)).ballots.map((b) => b.voter).sort()).toEqual([DEVELOPER, LEAD].sort());
    for (const textSha256 of ["0".repeat(64), "", null])
      await expect(federation.applyRaw(ANALYST, [await ballot(motion, { textSha256 })])).rejects.toMatchObject(
        raw("FD006"),
      );
    expect((await proposalOf(motion)).ballots).toHaveLength(2);
    await end(motion);
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
    expect(await outcomeOf(motion)).toBe("rejected");
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
    await end(accepted);
  });

  test("of a hundred at once of one voter one counts, also when the count comes in between", async () => {
    const motion = await atVote();
    const cast = await Promise.allSettled(
      Array.from({ length: 100 }, async (_, i) =>
        federation.applyRaw(ANALYST, [await ballot(motion, { choice: i % 2 === 0 ? "yes" : "no" })]),
      ),
    );
    expect(cast.filter((c) => c.status === "fulfilled")).toHaveLength(1);
    expect((await proposalOf(motion)).ballots).toHaveLength(1);
    await end(motion);
  });

  test("the hash binds title, text and change", async () => {
    const change = talk(14);
    const base = await openMotion(federation, LEAD, { title: "A", text: "Some text.", change });
    const others = [
      await openMotion(federation, DEVELOPER, { title: "B", text: "Some text.", change }),
      await openMotion(federation, ANALYST, { title: "A", text: "Other text.", change }),
      await openMotion(federation, COMMANDER, { title: "A", text: "Some text.", change: talk(15) }),
    ];
    const hashes = await Promise.all([base, ...others].map(async (m) => (await proposalOf(m)).textSha256));
    expect(new Set(hashes).size).toBe(4);
    for (const motion of [base, ...others]) await end(motion);
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
    for (const motion of opened) await end(motion);
    await end(await openMotion(federation, ANALYST, { change: talk(40) }));
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
    await end(motion);
  });
});

describe("what an accepted motion does, in the transaction that closes it", () => {
  test("a decision is recorded, and told to all", async () => {
    const motion = await enact(federation, ANALYST, { kind: "decision", title: "We rest on Sundays", motive: "" });
    await federation.logSettled();
    const events = await federation.store(COMMANDER).events(null, 1_000, motion.id);
    expect(events.map((e) => e.kind)).toContain("DecisionRecorded");
    const said = await federation.store(COMMANDER).tail(motion.id, 50);
    expect(said.some((m) => m.kind === "notice" && m.text === "It is decided: We rest on Sundays")).toBe(true);
  });

  test("a task is opened and assigned, from an author who could not open it alone", async () => {
    const motion = await enact(federation, ANALYST, {
      kind: "task",
      title: "Write the retry policy",
      motive: "",
      change: {
        change: "open_task",
        taskKind: "feature",
        assignee: DEVELOPER,
        instructions: "Write it into docs/retry.md.",
        scope: ["docs/**"],
        priority: 3,
        dueInMs: 3_600_000,
      },
    });
    expect(await outcomeOf(motion)).toBe("enacted");
    const [task] = await federation.owner(
      `select t.state, t.assignee, t.kind, t.scope, t.priority, t.proposal, m.kind as errand, m.phase from federation.tasks t
       join federation.missions m on m.conversation = t.conversation where t.proposal = $1`,
      [motion.proposal],
    );
    expect(task).toEqual({
      state: "assigned",
      assignee: DEVELOPER,
      kind: "feature",
      scope: ["docs/**"],
      priority: 3,
      proposal: motion.proposal,
      errand: "errand",
      phase: "implement",
    });
  });

  test("advice is added, shown as advice, and dropped again", async () => {
    const advice = { article: "be-brief", title: "Be brief", text: "Three sentences are enough." };
    await enact(federation, LEAD, { change: { change: "add_advisory", ...advice } });
    const shown = [{ id: "be-brief", title: "Be brief", text: "Three sentences are enough." }];
    expect((await charterOf(federation)).advisories).toEqual(shown);
    expect((await federation.store(ANALYST).me()).advisories).toEqual(shown);
    await enact(federation, LEAD, { change: { change: "drop_advisory", article: "be-brief" } });
    expect((await charterOf(federation)).advisories).toEqual([]);
  });

  test("what no longer applies is rejected with the reason, and is not stuck", async () => {
    const [first, second] = [
      await openMotion(federation, LEAD, { change: { change: "switch_off", article: "last-round" } }),
      await openMotion(federation, DEVELOPER, { change: { change: "switch_off", article: "last-round" } }),
    ];
    for (const motion of [first, second]) {
      await motion.comment();
      await motion.vote(all("yes"));
    }
    expect(await first.pass()).toEqual(["closed"]);
    const { version } = await charterOf(federation);
    expect(await second.pass()).toEqual(["closed"]);
    expect(await outcomeOf(second)).toBe("rejected");
    expect(await reasonOf(second)).toBe("it no longer applies: the article last-round is off already");
    expect((await proposalOf(second)).state).toBe("rejected");
    expect((await charterOf(federation)).version).toBe(version);
    await enact(federation, LEAD, { change: { change: "switch_on", article: "last-round" } });
  });

  test("a task for somebody who has left by then is rejected with the reason", async () => {
    await federation.addNode("leaver", "developer");
    const motion = await openMotion(federation, ANALYST, {
      kind: "task",
      motive: "",
      change: {
        change: "open_task",
        taskKind: "chore",
        assignee: "leaver",
        instructions: "Sweep.",
        scope: [],
        priority: 0,
        dueInMs: null,
      },
    });
    await motion.pass();
    await motion.vote(all("yes"));
    await motion.pass();
    await federation.owner("update federation.actors set retired_at = clock_timestamp() where name = 'leaver'");
    await motion.pass();
    expect(await outcomeOf(motion)).toBe("rejected");
    expect(await reasonOf(motion)).toMatch(/there is no actor leaver/);
    expect(await federation.owner("select 1 from federation.tasks where proposal = $1", [motion.proposal])).toEqual([]);
  });

  test("motions that end at the same moment make a version each, one from the other", async () => {
    const { version } = await charterOf(federation);
    const settings = [
      ["budgets.maxHops", 5],
      ["budgets.turnsPerConversation", 123],
      ["duties-are-met.turnsPerDuty", 4],
      ["review-by-another.maxReworks", 3],
      ["leases-and-hand-back.maxReassignments", 4],
      ["claim-before-code.maxScopePatterns", 7],
    ] as const;
    const motions = await Promise.all(
      settings.map(([path, value], i) =>
        openMotion(federation, agents[i % 3] ?? LEAD, { change: setParameter(path, value) }),
      ),
    );
    for (const motion of motions) {
      await motion.comment();
      await motion.vote(all("yes"));
    }
    await federation.owner(
      "update federation.missions set phase_deadline = clock_timestamp() where conversation = any ($1)",
      [motions.map((m) => m.id)],
    );
    await Promise.all(motions.map((motion, i) => motion.move([...agents, COMMANDER][i % 4])));
    for (const motion of motions) expect(await outcomeOf(motion), await reasonOf(motion)).toBe("enacted");
    expect((await charterOf(federation)).version).toBe(version + settings.length);
    const { parameters } = await charterOf(federation);
    for (const [path, value] of settings) {
      const [article = "", parameter = ""] = path.split(".");
      expect(parameters[article]?.[parameter], path).toBe(value);
    }
  });
});
