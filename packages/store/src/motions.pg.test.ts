import { phaseDuties } from "@federation/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import {
  agents,
  charterOf,
  enact,
  everyone,
  type MotionDriver,
  openMotion,
  setParameter,
} from "./testing/motion-driver.ts";

let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
  await federation.addNode("watcher", "observer");
});
afterAll(() => federation.drop());

const refusedBy = (article: string) => ({ code: "refused", details: { article } });
const talk = (value: number) => setParameter("budgets.talkPerPhase", value);
const talkPerPhase = async () => (await federation.store(LEAD).me()).parameters.budgets.talkPerPhase;
/** A motion whose ballots are open. */
async function atVote(author = DEVELOPER, value = 9): Promise<MotionDriver> {
  const motion = await openMotion(federation, author, { change: talk(value) });
  await motion.comment();
  return motion;
}

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
    await motion.end();
  });

  test("goes through comment, vote and window, and takes effect when the window has passed", async () => {
    const before = await charterOf(federation);
    const motion = await openMotion(federation, DEVELOPER, { title: "Talk more", change: talk(7) });
    expect((await motion.view()).phase).toBe("critique");
    await motion.comment();
    expect((await motion.view()).obligations.map((o) => o.duty)).toEqual(["vote", "vote", "vote"]);
    expect(await motion.vote(everyone("yes"))).toEqual(["tally", "veto"]);
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
    expect(await motion.outcome()).toBe("enacted");
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
    await enact(federation, DEVELOPER, { change: setParameter("quorum-and-deadline.phaseDeadlineMs.vote", 400_000) });
    for (const actor of [...agents, COMMANDER]) {
      const view = await federation.store(actor).missionView(mission.id);
      expect(view?.parameters["quorum-and-deadline"].phaseDeadlineMs.vote).toBe(400_000);
      expect(view?.charterVersion).toBe((await charterOf(federation)).version);
    }
    await mission.comment();
    const [phase] = await federation.owner<{ seconds: number }>(
      "select extract(epoch from phase_deadline - phase_entered_at)::float as seconds from federation.missions where conversation = $1",
      [mission.id],
    );
    expect(phase?.seconds).toBeCloseTo(400, 1);
    await mission.end();
  });

  test("has at least the time of the charter that was shipped, so that a vote for haste can be undone by a vote", async () => {
    const key = "quorum-and-deadline.phaseDeadlineMs.vote";
    const { parameters } = await federation.store(LEAD).me();
    const [shipped] = await federation.owner<{ ms: number }>(
      "select (parameters -> 'quorum-and-deadline' -> 'phaseDeadlineMs' ->> 'vote')::int as ms from federation.charter_versions where version = 0",
      [],
    );
    await enactAsCommander(setParameter(key, 100));
    const motion = await atVote();
    const [phase] = await federation.owner<{ ms: number }>(
      "select extract(epoch from phase_deadline - phase_entered_at)::float * 1000 as ms from federation.missions where conversation = $1",
      [motion.id],
    );
    expect(phase?.ms).toBeCloseTo(shipped?.ms ?? 0, -1);
    await motion.end();
    await enactAsCommander(setParameter(key, parameters["quorum-and-deadline"].phaseDeadlineMs.vote));
  });

  test("without a majority is rejected and changes nothing", async () => {
    const { version } = await charterOf(federation);
    const motion = await atVote();
    expect(await motion.vote({ [LEAD]: "no", [ANALYST]: "no", [DEVELOPER]: "yes" })).toEqual(["tally", "closed"]);
    expect(await motion.outcome()).toBe("rejected");
    expect((await charterOf(federation)).version).toBe(version);
  });

  test("that only its author votes for is rejected, while the article against self-dealing is in force", async () => {
    await enactAsCommander(setParameter("amendments.quorum", 0.1));
    const alone = async () => {
      const motion = await atVote(DEVELOPER);
      await motion.vote({ [DEVELOPER]: "yes", [LEAD]: "abstain", [ANALYST]: "abstain" });
      return motion;
    };
    expect(await (await alone()).outcome()).toBe("rejected");
    await enactAsCommander({ change: "switch_off", article: "no-self-dealing" });
    const lawful = await alone();
    expect((await lawful.view()).phase).toBe("veto");
    await lawful.end();
    await enactAsCommander({ change: "switch_on", article: "no-self-dealing" });
    await enactAsCommander(setParameter("amendments.quorum", 0.5));
  });

  test("counts by the article amendments, not by that of missions", async () => {
    await enactAsCommander(setParameter("amendments.threshold", 0.7));
    const two = await atVote(DEVELOPER);
    await two.vote({ [DEVELOPER]: "yes", [LEAD]: "yes", [ANALYST]: "no" });
    expect(await two.outcome()).toBe("rejected");
    await enactAsCommander(setParameter("amendments.threshold", 0.5));
  });
});

async function enactAsCommander(change: Parameters<typeof openMotion>[2]["change"]): Promise<void> {
  const motion = await enact(federation, LEAD, { change: change ?? null });
  expect(await motion.outcome()).toBe("enacted");
}

describe("what is entrenched", () => {
  const window = (value: number) => setParameter("human-veto.windowMs", value);

  test("has the commander among its voters, and needs the commander's yes", async () => {
    const { version } = await charterOf(federation);
    const without = await openMotion(federation, DEVELOPER, { change: window(20_000) });
    await without.comment();
    expect((await without.proposed()).electorate).toEqual([...agents, COMMANDER].sort());
    await without.vote({ ...everyone("yes"), [COMMANDER]: "abstain" });
    expect(await without.outcome()).toBe("rejected");
    expect((await charterOf(federation)).version).toBe(version);
    await federation.logSettled();
    const { events } = await federation.store(COMMANDER).events(null, 1_000, { conversation: without.id });
    const decided = events.find((e) => e.kind === "ProposalDecided");
    expect(decided?.data).toMatchObject({ state: "rejected", why: "it needs the yes of the commander", yes: 3 });
  });

  test("is not in force when the commander stays silent until the deadline", async () => {
    const motion = await openMotion(federation, DEVELOPER, { change: window(20_000) });
    await motion.comment();
    await motion.vote(everyone("yes"));
    expect((await motion.view()).phase).toBe("vote");
    expect(await motion.pass()).toEqual(["tally", "closed"]);
    expect(await motion.outcome()).toBe("rejected");
  });

  test("is in force with it", async () => {
    const motion = await openMotion(federation, DEVELOPER, { change: window(20_000) });
    await motion.comment();
    await motion.vote({ ...everyone("yes"), [COMMANDER]: "yes" });
    await motion.pass();
    expect(await motion.outcome()).toBe("enacted");
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
      if (phase === "veto") await motion.vote(everyone("yes"));
      expect((await motion.view()).phase).toBe(phase);
      await motion.act(COMMANDER, { kind: "veto", proposal: motion.proposal }, { text: "Not on my watch." });
      // Whoever looks next moves it, also when the one who vetoed is gone by then.
      expect((await federation.store(ANALYST).work()).movable).toContain(motion.id);
      expect(await motion.move(ANALYST)).toEqual(["closed"]);
      expect(await motion.outcome()).toBe("vetoed");
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
      await motion.vote(everyone("yes"));
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
      const outcome = await motion.outcome();
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
      expect(await motion.outcome()).toBe("withdrawn");
      expect((await motion.proposed()).ballots.map((b) => b.voter)).toEqual(phase === "vote" ? [LEAD] : []);
    }
  });

  test("of what was decided is refused", async () => {
    const motion = await atVote();
    await motion.vote(everyone("yes"));
    await expect(
      federation.apply(DEVELOPER, { op: "withdraw_proposal", proposal: motion.proposal, reason: "No." }),
    ).rejects.toMatchObject(refusedBy("amendments"));
    await motion.end();
  });
});
