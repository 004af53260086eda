import { randomUUID } from "node:crypto";
import type { Choice, Operation } from "@federation/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { overrideCharter } from "./adopt-charter.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { driveMission, type MissionDriver, startMission, toVote } from "./testing/mission-driver.ts";

let federation: Federation;
const voters = [LEAD, DEVELOPER, ANALYST, "dan", "eve"];
beforeAll(async () => {
  federation = await startFederation();
  await federation.addNode("dan", "developer");
  await federation.addNode("eve", "analyst");
  await federation.addNode("stranger", "developer");
});
afterAll(() => federation.drop());

async function atVote(): Promise<{ readonly mission: MissionDriver; readonly proposal: string; readonly sha: string }> {
  const mission = await startMission(federation);
  const proposal = await toVote(mission);
  return { mission, proposal, sha: (await mission.view()).proposals[0]?.textSha256 ?? "" };
}

const ballot = (proposal: string, sha: string, choice: Choice = "yes"): Operation => ({
  op: "cast_ballot",
  proposal,
  choice,
  reason: "As I see it.",
  textSha256: sha,
});
const ballotsOf = async (mission: MissionDriver) => (await mission.view()).proposals[0]?.ballots ?? [];
const close = (mission: MissionDriver) =>
  federation.owner("update federation.missions set phase_deadline = clock_timestamp() where conversation = $1", [
    mission.id,
  ]);
const refusedBy = (article: string) => ({ code: "refused", details: { article } });

test("a ballot is final: a second one is refused, also with another choice", async () => {
  const { mission, proposal, sha } = await atVote();
  await federation.apply(LEAD, ballot(proposal, sha, "no"));
  for (const choice of ["no", "yes"] as const)
    await expect(federation.apply(LEAD, ballot(proposal, sha, choice))).rejects.toMatchObject(refusedBy("one-ballot"));
  expect(await ballotsOf(mission)).toEqual([{ voter: LEAD, choice: "no", reason: "As I see it.", byDeadline: false }]);
});

test("of a hundred ballots of one voter at once one counts", async () => {
  const { mission, proposal, sha } = await atVote();
  const cast = await Promise.allSettled(
    Array.from({ length: 100 }, (_, i) => federation.apply(ANALYST, ballot(proposal, sha, i % 2 === 0 ? "yes" : "no"))),
  );
  expect(cast.filter((c) => c.status === "fulfilled")).toHaveLength(1);
  for (const c of cast) if (c.status === "rejected") expect(c.reason).toMatchObject(refusedBy("one-ballot"));
  expect(await ballotsOf(mission)).toHaveLength(1);
});

test("who is not in the electorate does not vote, member or stranger", async () => {
  const { mission, proposal, sha } = await atVote();
  for (const actor of [COMMANDER, "stranger"])
    await expect(federation.apply(actor, ballot(proposal, sha))).rejects.toMatchObject(refusedBy("one-ballot"));
  expect(await ballotsOf(mission)).toEqual([]);
});

test("who becomes a voter after the ballots opened votes on the next proposal, not on this one", async () => {
  const { mission, proposal, sha } = await atVote();
  await federation.owner(
    "insert into federation.members (conversation, actor, votes) values ($1, 'stranger', true) on conflict do nothing",
    [mission.id],
  );
  await expect(federation.apply("stranger", ballot(proposal, sha))).rejects.toMatchObject(refusedBy("one-ballot"));
  expect((await mission.view()).proposals[0]?.electorate).not.toContain("stranger");
});

test("a ballot for another text of the proposal is refused", async () => {
  const { mission, proposal } = await atVote();
  for (const sha of ["", "0".repeat(64)])
    await expect(federation.apply(LEAD, ballot(proposal, sha))).rejects.toMatchObject({ code: "conflict" });
  const op = { op: "cast_ballot", proposal, choice: "yes", reason: "Without a hash." };
  await expect(federation.applyRaw(LEAD, [op])).rejects.toMatchObject({ code: "FD006" });
  expect(await ballotsOf(mission)).toEqual([]);
});

test("before the vote, after its deadline and after the count no ballot is taken", async () => {
  const early = await startMission(federation);
  await early.act(LEAD, { kind: "propose" }, { title: "T", text: "Some text." });
  const open = (await early.view()).proposals[0];
  await expect(federation.apply(LEAD, ballot(open?.id ?? "", open?.textSha256 ?? ""))).rejects.toMatchObject(
    refusedBy("one-ballot"),
  );

  const { mission, proposal, sha } = await atVote();
  await close(mission);
  await expect(federation.apply(LEAD, ballot(proposal, sha))).rejects.toMatchObject(refusedBy("quorum-and-deadline"));
  await mission.move();
  await expect(federation.apply(LEAD, ballot(proposal, sha))).rejects.toMatchObject(refusedBy("one-ballot"));
});

test("nobody counts a vote that is still open", async () => {
  const { mission, proposal, sha } = await atVote();
  await federation.apply(LEAD, ballot(proposal, sha));
  const { phaseNo } = await mission.view();
  for (const actor of [LEAD, COMMANDER])
    await expect(federation.apply(actor, { op: "tally", conversation: mission.id, phaseNo })).rejects.toMatchObject({
      code: "conflict",
    });
  expect((await mission.view()).proposals[0]?.state).toBe("voting");
});

test("a caller that opens the vote without duties leaves no voter out", async () => {
  const mission = await startMission(federation);
  await mission.act(LEAD, { kind: "propose" }, { title: "T", text: "Some text." });
  const duty = (await mission.view()).obligations.find((o) => o.actor === DEVELOPER);
  await mission.act(DEVELOPER, { kind: "abstain", obligation: duty?.id ?? "" });
  for (const phase of ["critique", "vote"] as const) {
    const { phaseNo } = await mission.view();
    await federation.apply(DEVELOPER, {
      op: "enter_phase",
      conversation: mission.id,
      fromPhaseNo: phaseNo,
      phase,
      round: 1,
      reason: "in haste",
      outcome: null,
      duties: [],
    });
    // The critique it left out was due all the same, and is waited for.
    await federation.owner(
      "update federation.missions set phase_deadline = clock_timestamp() where conversation = $1 and phase = 'critique'",
      [mission.id],
    );
  }
  const { phaseNo, obligations } = await mission.view();
  expect(obligations.map((o) => [o.actor, o.duty, o.state]).sort()).toEqual(
    [ANALYST, DEVELOPER, LEAD].map((actor) => [actor, "vote", "open"]).sort(),
  );
  await expect(federation.apply(DEVELOPER, { op: "tally", conversation: mission.id, phaseNo })).rejects.toMatchObject({
    code: "conflict",
  });
});

test("at the deadline who has not voted abstains, on record as such", async () => {
  const { mission, proposal, sha } = await atVote();
  await federation.apply(LEAD, ballot(proposal, sha));
  await federation.apply(DEVELOPER, ballot(proposal, sha));
  await close(mission);
  expect(await mission.move(ANALYST)).toEqual(["tally", "assign"]);
  expect(await ballotsOf(mission)).toContainEqual({
    voter: ANALYST,
    choice: "abstain",
    reason: expect.stringContaining("no ballot was cast"),
    byDeadline: true,
  });
  const report = await federation.store(LEAD).query("ReportMission", { mission: mission.id }, LEAD);
  expect(report.decisions.byDeadline).toBe(1);
  expect(report.proposals[0]?.ballots.filter((b) => b.byDeadline)).toHaveLength(1);
});

test("of many who count at once one does, and all see the same decision", async () => {
  const { mission, proposal, sha } = await atVote();
  for (const voter of [LEAD, DEVELOPER, ANALYST])
    await mission.act(voter, { kind: "vote", proposal, choice: "yes" }, { text: "Yes." });
  const { phaseNo } = await mission.view();
  const counts = await Promise.all(
    [LEAD, DEVELOPER, ANALYST, COMMANDER, LEAD, ANALYST].map((actor) =>
      federation.apply(actor, { op: "tally", conversation: mission.id, phaseNo }),
    ),
  );
  expect(counts.filter((c) => c.results[0]?.moved)).toHaveLength(1);
  const view = await mission.view();
  expect(view.proposals[0]?.state).toBe("accepted");
  expect(view.tasks).toHaveLength(1);
  await expect(federation.apply(LEAD, ballot(proposal, sha))).rejects.toMatchObject(refusedBy("one-ballot"));
});

test.each([
  ["by somebody else is accepted by that agent's vote", COMMANDER, "accepted"],
  ["by that agent, who left the others out, is not", LEAD, "rejected"],
])("what one agent alone proposes in a mission that was opened %s", async (_, opener, state) => {
  const id = randomUUID();
  const members = [{ actor: LEAD, votes: true }];
  await federation.apply(opener, { op: "start_mission", id, objective: "Alone", seed: 1, members, duties: [] });
  const mission = driveMission(federation, id);
  await mission.act(LEAD, { kind: "propose" }, { title: "Mine", text: "I do as I like." });
  for (let i = 0; i < 2; i++) {
    await close(mission);
    await mission.move();
  }
  const [proposal] = (await mission.view()).proposals;
  await federation.apply(LEAD, ballot(proposal?.id ?? "", proposal?.textSha256 ?? ""));
  await close(mission);
  const { phaseNo } = await mission.view();
  await federation.apply(LEAD, { op: "tally", conversation: id, phaseNo });
  expect((await mission.view()).proposals.map((p) => [p.electorate, p.state])).toEqual([[[LEAD], state]]);
});

test("a human stops a proposal, also what was built on it; nobody else does", async () => {
  const { mission, proposal } = await atVote();
  await expect(federation.apply(LEAD, { op: "veto", proposal, reason: "No." })).rejects.toMatchObject(
    refusedBy("human-veto"),
  );
  for (const voter of [LEAD, DEVELOPER, ANALYST])
    await mission.act(voter, { kind: "vote", proposal, choice: "yes" }, { text: "Yes." });
  await mission.move();
  await mission.act(COMMANDER, { kind: "veto", proposal }, { text: "Not on my watch." });
  expect((await mission.view()).tasks[0]?.state).toBe("cancelled");
  expect(await mission.move()).toEqual(["closed"]);
  expect((await mission.view()).outcome).toBe("vetoed");
  await expect(federation.apply(COMMANDER, { op: "veto", proposal, reason: "Again." })).rejects.toMatchObject(
    refusedBy("human-veto"),
  );
});

test("after the last round the lead may adopt one proposal of it, and nobody else one at all", async () => {
  const mission = await startMission(federation);
  for (const round of [1, 2]) {
    const proposal = await toVote(mission);
    const voting = (await mission.view()).proposals.find((p) => p.state === "voting")?.id ?? proposal;
    for (const voter of [LEAD, DEVELOPER, ANALYST])
      await mission.act(voter, { kind: "vote", proposal: voting, choice: "no" }, { text: "No." });
    expect(await mission.move()).toEqual(round === 1 ? ["tally", "propose"] : ["tally", "open_duties"]);
  }
  const { proposals, phaseNo } = await mission.view();
  const [first, last] = proposals;
  const adopt = (actor: string, proposal: string | undefined) =>
    federation.apply(actor, { op: "adopt", proposal: proposal ?? "", reason: "Somebody must decide." });
  await expect(
    federation.apply(DEVELOPER, {
      op: "open_duties",
      conversation: mission.id,
      phaseNo,
      duties: [{ actor: DEVELOPER, duty: "adopt", subject: null }],
    }),
  ).rejects.toMatchObject({ code: "conflict" });
  await expect(adopt(DEVELOPER, last?.id)).rejects.toMatchObject(refusedBy("last-round"));
  await expect(adopt(LEAD, first?.id)).rejects.toMatchObject(refusedBy("last-round"));
  await expect(adopt(LEAD, last?.id)).rejects.toMatchObject(refusedBy("no-self-dealing"));
  const off = (article: string) =>
    federation.owner(
      "update federation.charter_versions set off = $1 where version = (select max(version) from federation.charter_versions)",
      [article === "" ? [] : [article]],
    );
  await off("last-round");
  await expect(adopt(LEAD, last?.id)).rejects.toMatchObject(refusedBy("last-round"));
  await off("no-self-dealing");
  await adopt(LEAD, last?.id);
  await expect(adopt(LEAD, last?.id)).rejects.toMatchObject(refusedBy("last-round"));
  await off("");
  expect((await mission.view()).proposals[1]?.state).toBe("adopted");
});

test("with the last-round article off nobody is asked to adopt, and the mission ends without a decision", async () => {
  await federation.owner("update federation.charter_versions set off = '{last-round}'");
  const mission = await startMission(federation);
  for (const _ of [1, 2]) {
    await toVote(mission);
    const voting = (await mission.view()).proposals.find((p) => p.state === "voting")?.id ?? "";
    for (const voter of [LEAD, DEVELOPER, ANALYST])
      await mission.act(voter, { kind: "vote", proposal: voting, choice: "no" }, { text: "No." });
    const { round, phaseNo } = await mission.view();
    if (round === 1) {
      await mission.move();
      continue;
    }
    await federation.apply(LEAD, { op: "tally", conversation: mission.id, phaseNo });
    const duties = [{ actor: LEAD, duty: "adopt", subject: null }] as const;
    await expect(
      federation.apply(LEAD, { op: "open_duties", conversation: mission.id, phaseNo, duties }),
    ).rejects.toMatchObject({ code: "conflict" });
    expect(await mission.move()).toEqual(["closed"]);
    expect((await mission.view()).outcome).toBe("no_decision");
  }
  await federation.owner("update federation.charter_versions set off = '{}'");
});

test("a proposal of a mission is withdrawn by its author alone, before it is decided; its ballots stay", async () => {
  const { mission, proposal, sha } = await atVote();
  await federation.apply(ANALYST, ballot(proposal, sha, "no"));
  const withdraw = (actor: string) =>
    federation.apply(actor, { op: "withdraw_proposal", proposal, reason: "It was wrong." });
  for (const actor of [DEVELOPER, COMMANDER])
    await expect(withdraw(actor)).rejects.toMatchObject(refusedBy("amendments"));
  await mission.act(LEAD, { kind: "withdraw", proposal }, { text: "It was wrong." });
  await expect(withdraw(LEAD)).rejects.toMatchObject(refusedBy("amendments"));
  await expect(federation.apply(DEVELOPER, ballot(proposal, sha))).rejects.toMatchObject(refusedBy("one-ballot"));
  expect(await mission.move()).toEqual(["propose"]);
  expect((await ballotsOf(mission)).map((b) => [b.voter, b.choice])).toEqual([[ANALYST, "no"]]);
});

describe("the count", () => {
  /** What the charter says, in a few lines. The first voter is the author. */
  function accepts(
    ballots: readonly (Choice | null)[],
    quorum: number,
    threshold: number,
    byAnother: boolean,
  ): boolean {
    const yes = ballots.filter((b) => b === "yes").length;
    const cast = yes + ballots.filter((b) => b === "no").length;
    if (byAnother && !ballots.slice(1).includes("yes")) return false;
    return cast >= quorum * ballots.length - 1e-9 && yes > threshold * cast + 1e-9;
  }

  test("agrees with the charter's words for any ballots, quorum and threshold", async () => {
    const shipped = (await federation.store(LEAD).me()).parameters;
    const members = [...voters.map((actor) => ({ actor, votes: true })), { actor: COMMANDER, votes: false }];
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<Choice | null>("yes", "yes", "no", "abstain", null), {
          minLength: voters.length,
          maxLength: voters.length,
        }),
        fc.constantFrom(0, 0.2, 0.5, 0.6, 1),
        fc.constantFrom(0, 0.5, 0.6, 0.75, 1),
        fc.boolean(),
        async (choices, quorum, threshold, byAnother) => {
          await overrideCharter(
            federation.adminUrl,
            { ...shipped, "quorum-and-deadline": { ...shipped["quorum-and-deadline"], quorum, threshold } },
            "test",
          );
          await federation.owner(
            "update federation.charter_versions set off = $1 where version = (select max(version) from federation.charter_versions)",
            [byAnother ? [] : ["no-self-dealing"]],
          );
          const mission = await startMission(federation, members);
          await mission.act(LEAD, { kind: "propose" }, { title: "T", text: "Some text." });
          for (let i = 0; i < 2; i++) {
            await close(mission);
            const view = await mission.view();
            await federation.apply(LEAD, {
              op: "enter_phase",
              conversation: mission.id,
              fromPhaseNo: view.phaseNo,
              phase: i === 0 ? "critique" : "vote",
              round: 1,
              reason: "the deadline passed",
              outcome: null,
              duties: [],
            });
          }
          const proposal = (await mission.view()).proposals[0];
          for (const [i, choice] of choices.entries())
            if (choice !== null)
              await federation.apply(voters[i] ?? "", ballot(proposal?.id ?? "", proposal?.textSha256 ?? "", choice));
          await close(mission);
          const { phaseNo } = await mission.view();
          await federation.apply(LEAD, { op: "tally", conversation: mission.id, phaseNo });
          const after = (await mission.view()).proposals[0];
          expect(after?.state).toBe(accepts(choices, quorum, threshold, byAnother) ? "accepted" : "rejected");
          expect(after?.ballots).toHaveLength(voters.length);
          if (after?.state === "accepted") accepted++;
        },
      ),
      {
        numRuns: 40,
        seed: 1,
        // A yes of the author's alone, under both laws.
        examples: [
          [["yes", null, null, "abstain", null], 0.2, 0.5, true],
          [["yes", null, null, "abstain", null], 0.2, 0.5, false],
        ],
      },
    );
    expect(accepted).toBeGreaterThan(4);
    expect(accepted).toBeLessThan(36);
    await overrideCharter(federation.adminUrl, shipped, "test");
  }, 120_000);

  test("takes the proposal with most yes, and the earlier one on a tie", async () => {
    const voteOn = async (second: Choice): Promise<readonly string[]> => {
      const mission = await startMission(federation);
      await mission.act(LEAD, { kind: "propose" }, { title: "First", text: "The first text." });
      await mission.act(DEVELOPER, { kind: "propose" }, { title: "Second", text: "The second text." });
      await close(mission);
      await mission.move();
      await close(mission);
      await mission.move();
      const { proposals } = await mission.view();
      for (const [i, proposal] of proposals.entries())
        for (const voter of [LEAD, DEVELOPER, ANALYST]) {
          const choice = i === 0 && voter === ANALYST ? second : "yes";
          await federation.apply(voter, ballot(proposal.id, proposal.textSha256, choice));
        }
      await close(mission);
      await mission.move();
      return (await mission.view()).proposals.map((p) => `${p.title} ${p.state}`);
    };
    expect(await voteOn("yes")).toEqual(["First accepted", "Second rejected"]);
    expect(await voteOn("no")).toEqual(["First rejected", "Second accepted"]);
  });
});

test("a voter's ballot id is nobody's but the voter's: a call id of another does not answer for it", async () => {
  const { proposal, sha } = await atVote();
  const callId = randomUUID();
  for (const actor of [LEAD, DEVELOPER])
    expect(
      await federation.store(actor).apply({ callId, command: "CastBallot", operations: [ballot(proposal, sha)] }),
    ).toMatchObject({ replayed: false });
});
