import { randomUUID } from "node:crypto";
import { ANALYST, COMMANDER, DEVELOPER, driveMission, LEAD } from "@federation/store/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Attack, ballotCall, ballotOperation, endsOn } from "./testing/attack.ts";
import { printAttacks, record } from "./testing/attack-table.ts";
import { attacksByStrangers } from "./testing/attacks-by-strangers.ts";
import { attacksOnBallots } from "./testing/attacks-on-ballots.ts";
import { attacksOnDecisions } from "./testing/attacks-on-decisions.ts";
import type { Attempt } from "./testing/doors.ts";
import { GUEST, LATECOMER, NEIGHBOUR, NEWCOMER, STRAY, WATCHER } from "./testing/vote-cast.ts";
import { type Ground, type Grounds, type Kind, kinds, layGrounds } from "./testing/vote-grounds.ts";

/**
 * Every way to cheat in a vote that we know, on the plan of a mission and on an amendment, at the gate and past it:
 * refused both times, and nothing is changed.
 */
let grounds: Grounds;
beforeAll(async () => {
  grounds = await layGrounds();
});
afterAll(async () => {
  printAttacks();
  await grounds.end();
});

const different = (ends: readonly string[]): readonly string[] => [...new Set(ends)];

async function oneByOne(attempts: readonly Attempt[]): Promise<readonly string[]> {
  const ends: string[] = [];
  for (const attempt of attempts) ends.push(await attempt());
  return different(ends);
}

const groundOf = (attack: Attack, kind: Kind): Ground =>
  attack.on === "entrenched" ? grounds.entrenched : grounds.of(attack.on, kind);

const tried = [...attacksByStrangers, ...attacksOnBallots, ...attacksOnDecisions].flatMap((attack) =>
  kinds
    .filter((kind) => (attack.on === "entrenched" ? kind === "motion" : (attack.only ?? kind) === kind))
    .map((kind) => ({ attack, kind, what: attack.what })),
);

describe("an attack is refused at the gate and past it, and no row is changed", () => {
  test.each(tried)("$what ($kind)", async ({ attack, kind }) => {
    const ground = groundOf(attack, kind);
    const before = await grounds.rows();
    const gate = await oneByOne(attack.gate(ground, grounds));
    const database = await oneByOne(attack.database(ground, grounds));
    record(attack, kind, gate, database);
    expect({ gate, database }).toEqual({
      gate: endsOn(attack.ends.gate, kind),
      database: endsOn(attack.ends.database, kind),
    });
    expect(await grounds.rows()).toEqual(before);
  });
});

describe.each(kinds)("a hundred at once, on a %s", (kind) => {
  const hundred = <T>(nth: (i: number) => T): readonly T[] => Array.from({ length: 100 }, (_, i) => nth(i));
  const atOnce = (attempts: readonly Attempt[]) => Promise.all(attempts.map((attempt) => attempt()));
  const votersOf = async ({ proposal }: Ground) =>
    (
      await grounds.federation.owner<{ voter: string }>("select voter from federation.ballots where proposal = $1", [
        proposal,
      ])
    ).map((row) => row.voter);
  const ballots = (ground: Ground) => {
    const choice = (i: number) => ({ choice: i % 3 === 0 ? "no" : "yes" });
    return {
      gate: (i: number) => grounds.doors.call(ANALYST, "cast_ballot", ballotCall(ground, choice(i))),
      database: (i: number) => grounds.doors.apply(ANALYST, ballotOperation(ground, choice(i))),
    };
  };

  test("of one voter's ballots at the gate, past it, and over both, one counts", async () => {
    const ends = { gate: [] as readonly string[], database: [] as readonly string[] };
    for (const door of ["gate", "database"] as const) {
      const ground = await grounds.another(kind);
      const all = await atOnce(hundred(ballots(ground)[door]));
      expect(all.filter((end) => end === "done")).toHaveLength(1);
      expect(await votersOf(ground)).toEqual([ANALYST]);
      ends[door] = different(all).filter((end) => end !== "done");
    }
    const ground = await grounds.another(kind);
    const mixed = await atOnce(hundred((i) => ballots(ground)[i % 2 === 0 ? "gate" : "database"](i)));
    expect(mixed.filter((end) => end === "done")).toHaveLength(1);
    expect(await votersOf(ground)).toEqual([ANALYST]);
    expect(ends).toEqual({ gate: ["refused one-ballot"], database: ["FD004 one-ballot"] });
    record(
      { what: "parallel: 100 ballots of one voter; one counts, of the other 99", against: "one-ballot" },
      kind,
      ends.gate,
      ends.database,
    );
  });

  test("of those who have no vote none counts", async () => {
    const { doors } = grounds;
    const ground = grounds.of("open", kind);
    const before = await grounds.rows();
    const strangers = [
      [NEWCOMER],
      [NEIGHBOUR],
      [LATECOMER],
      [WATCHER],
      [DEVELOPER, STRAY],
      [DEVELOPER, GUEST],
      [DEVELOPER, ANALYST],
    ] as const;
    const stranger = (i: number) => strangers[i % strangers.length] ?? strangers[0];
    const all = await atOnce(
      hundred((i) => {
        const [node, actor] = stranger(i);
        return i % 2 === 0
          ? doors.call(node, "cast_ballot", ballotCall(ground), actor === undefined ? {} : { actor })
          : doors.apply(node, ballotOperation(ground), actor === undefined ? {} : { as: actor });
      }),
    );
    const gate = different(all.filter((_, i) => i % 2 === 0)).toSorted();
    const database = different(all.filter((_, i) => i % 2 === 1)).toSorted();
    expect({ gate, database }).toEqual({
      gate: ["forbidden", "refused one-ballot", "refused one-voice"],
      database: ["FD004 one-ballot", "FD004 one-voice"],
    });
    expect(await grounds.rows()).toEqual(before);
    record({ what: "parallel: 100 ballots of those who have none", against: "one-ballot" }, kind, gate, database);
  });

  const movers = [LEAD, DEVELOPER, ANALYST, COMMANDER] as const;
  const decided = async ({ conversation }: Ground) =>
    await grounds.federation.owner(
      "select subject from federation.events where kind = 'ProposalDecided' and conversation = $1",
      [conversation],
    );

  test("of those who count one does", async () => {
    const ground = await grounds.uncounted(kind);
    const { conversation, phaseNo } = ground;
    const tally = { op: "tally", conversation, phaseNo };
    const all = await atOnce(hundred((i) => grounds.doors.apply(movers[i % movers.length] ?? LEAD, tally)));
    expect(all.filter((end) => end === "done")).toHaveLength(1);
    expect(different(all).toSorted()).toEqual(["done", "not moved"]);
    expect(await decided(ground)).toHaveLength(1);
    const tasks = await grounds.federation.owner("select 1 from federation.tasks where conversation = $1", [
      conversation,
    ]);
    expect(tasks).toHaveLength(kind === "plan" ? 1 : 0);
    const gate = await oneByOne([grounds.doors.call(LEAD, "tally")]);
    record({ what: "parallel: 100 counts; one is made, of the other 99", against: "quorum-and-deadline" }, kind, gate, [
      "not moved",
    ]);
  });

  // A plan is not enacted: its task is there with the tally.
  if (kind === "motion")
    test("of those who put it in force one does", async () => {
      const ground = await grounds.unenacted();
      const versions = () => grounds.federation.owner("select version from federation.charter_versions");
      const before = await versions();
      const { conversation, phaseNo } = ground;
      const end = {
        op: "enter_phase",
        conversation,
        fromPhaseNo: phaseNo,
        phase: "closed",
        round: 1,
        reason: "nobody vetoed it",
        outcome: "enacted",
        duties: [],
      };
      const all = await atOnce(hundred((i) => grounds.doors.apply(movers[i % movers.length] ?? LEAD, end)));
      expect(all.filter((it) => it === "done")).toHaveLength(1);
      expect(different(all).toSorted()).toEqual(["done", "not moved"]);
      expect(await versions()).toHaveLength(before.length + 1);
      const gate = await oneByOne([grounds.doors.call(LEAD, "enact")]);
      record(
        { what: "parallel: 100 put it in force; one version is made, of the other 99", against: "amendments" },
        kind,
        gate,
        ["not moved"],
      );
    });
});

test("each step lawful: a lead that opens a mission without the others gets nothing accepted by itself", async () => {
  const { doors, federation } = grounds;
  const [id, proposal] = [randomUUID(), randomUUID()];
  const step = async (tool: string, request: object) => expect(await doors.call(LEAD, tool, request)()).toBe("done");
  await step("start_mission", { id, objective: "Alone", members: [LEAD] });
  await step("propose", { id: proposal, mission: id, title: "Mine", text: "I do as I like." });
  const mission = driveMission(federation, id);
  for (const _ of ["critique", "vote"]) {
    await federation.owner(
      "update federation.missions set phase_deadline = clock_timestamp() where conversation = $1",
      [id],
    );
    await mission.move();
  }
  await step("cast_ballot", { proposal, choice: "yes", reason: "It is mine." });
  const { phaseNo } = await mission.view();
  expect(await doors.apply(LEAD, { op: "tally", conversation: id, phaseNo })()).toBe("done");
  expect((await mission.view()).proposals[0]?.state).toBe("rejected");

  const task = { title: "Mine", instructions: "Do it.", assignee: DEVELOPER, proposal };
  const before = await grounds.rows();
  const gate = await oneByOne([doors.call(LEAD, "open_task", { kind: "feature", ...task })]);
  const raw = { op: "open_task", id: randomUUID(), task: randomUUID(), taskKind: "feature", scope: [], needs: [] };
  const database = await oneByOne([doors.apply(LEAD, { ...raw, ...task, priority: 0, dueInMs: null })]);
  expect({ gate, database }).toEqual({
    gate: ["refused propose-before-implement"],
    database: ["FD004 propose-before-implement"],
  });
  expect(await grounds.rows()).toEqual(before);
  const what = "accepted by its author's own yes, in a mission opened without the others; what it would permit";
  record({ what, against: "no-self-dealing" }, "plan", gate, database);
});

describe("what is lawful goes through the same doors", () => {
  test("an external actor has its say on what is voted on, through its host, and no more once another hosts it", async () => {
    const { conversation } = await grounds.another("plan");
    const { doors, federation } = grounds;
    const say = (host: string, text: string) =>
      doors.call(host, "send_message", { conversation, text }, { actor: GUEST })();
    expect(await say(ANALYST, "I would not.")).toBe("done");
    await federation.owner("update federation.hosting set host = $1 where actor = $2", [DEVELOPER, GUEST]);
    expect(await say(ANALYST, "But I would!")).toBe("refused one-voice");
    expect(await say(DEVELOPER, "I still would not.")).toBe("done");
    const said = await federation.owner(
      "select body from federation.messages where conversation = $1 and sender = $2 order by seq",
      [conversation, GUEST],
    );
    expect(said.map((row) => row["body"])).toEqual(["I would not.", "I still would not."]);
  });

  test("a verdict is on record in the name of whose daemon writes it, whoever it names", async () => {
    const verdict = { op: "record_verdict", conversation: null, action: "vote", allowed: true, article: null };
    const forged = { ...verdict, reason: "", lawful: "", charterVersion: 0, actor: COMMANDER, as: COMMANDER };
    expect(await grounds.doors.apply(NEWCOMER, forged)()).toBe("done");
    const [last] = await grounds.federation.owner(
      "select actor, allowed from federation.verdicts order by id desc limit 1",
    );
    expect(last).toEqual({ actor: NEWCOMER, allowed: true });
  });
});
