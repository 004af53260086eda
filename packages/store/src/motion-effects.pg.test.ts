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

const reasonOf = async (motion: MotionDriver) => {
  const [row] = await federation.owner<{ reason: string }>(
    "select reason from federation.mission_phases where conversation = $1 order by phase_no desc limit 1",
    [motion.id],
  );
  return row?.reason;
};

describe("what an accepted motion does, in the transaction that closes it", () => {
  test("a decision is recorded, and told to all", async () => {
    const motion = await enact(federation, ANALYST, { kind: "decision", title: "We rest on Sundays", motive: "" });
    await federation.logSettled();
    const { events } = await federation.store(COMMANDER).events(null, 1_000, { conversation: motion.id });
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
    expect(await motion.outcome()).toBe("enacted");
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
      await motion.vote(everyone("yes"));
    }
    expect(await first.pass()).toEqual(["closed"]);
    const { version } = await charterOf(federation);
    expect(await second.pass()).toEqual(["closed"]);
    expect(await second.outcome()).toBe("rejected");
    expect(await reasonOf(second)).toBe("it no longer applies: the article last-round is off already");
    expect((await second.proposed()).state).toBe("rejected");
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
    await motion.vote(everyone("yes"));
    await motion.pass();
    await federation.owner("update federation.actors set retired_at = clock_timestamp() where name = 'leaver'");
    await motion.pass();
    expect(await motion.outcome()).toBe("rejected");
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
      await motion.vote(everyone("yes"));
    }
    await federation.owner(
      "update federation.missions set phase_deadline = clock_timestamp() where conversation = any ($1)",
      [motions.map((m) => m.id)],
    );
    await Promise.all(motions.map((motion, i) => motion.move([...agents, COMMANDER][i % 4])));
    for (const motion of motions) expect(await motion.outcome(), await reasonOf(motion)).toBe("enacted");
    expect((await charterOf(federation)).version).toBe(version + settings.length);
    const { parameters } = await charterOf(federation);
    for (const [path, value] of settings) {
      const [article = "", parameter = ""] = path.split(".");
      expect(parameters[article]?.[parameter], path).toBe(value);
    }
  });
});
