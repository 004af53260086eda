import { afterAll, beforeAll, expect, test } from "vitest";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { objective, startMission, toImplement } from "./testing/mission-driver.ts";

let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.drop());

test("a mission goes from objective to an accepted result, and the report tells what happened", async () => {
  const mission = await startMission(federation);
  const task = await toImplement(mission);
  expect(await mission.act(DEVELOPER, { kind: "claim", task })).toMatchObject({
    results: [{ claimed: true, holder: DEVELOPER, fence: 1 }],
  });
  const files = [{ path: "docs/retry.md", content: "Pauses double from 1 s to 5 min.\n" }];
  await mission.act(DEVELOPER, { kind: "submit", task }, { text: "Here is the policy.", files });
  expect(await mission.move()).toEqual(["review"]);
  await mission.act(ANALYST, { kind: "accept", task }, { text: "It is bounded and jittered." });
  expect(await mission.move()).toEqual(["synthesise"]);
  await mission.act(LEAD, { kind: "report" }, { text: "We back off with jitter." });
  expect(await mission.move()).toEqual(["closed"]);

  for (const actor of [LEAD, DEVELOPER, ANALYST]) {
    const store = federation.store(actor);
    const due = await store.dueMessages(mission.id);
    expect(due.map((m) => m.seq)).toEqual(due.map((m) => m.seq).sort((a, b) => a - b));
    await store.markReceived("all_due", "poll");
    const { turn } = await store.beginTurn(mission.id);
    await federation.apply(actor, {
      op: "finish_turn",
      turn,
      deliveries: due.map((m) => m.id),
      read: true,
      obligation: null,
      model: "hand",
      tokensIn: 10,
      tokensOut: 5,
      failure: null,
    });
  }
  const inbox = await federation
    .store(COMMANDER)
    .query("ListInbox", { due: true, markRead: true, limit: 100 }, COMMANDER);
  await federation.apply(COMMANDER, { op: "mark_read", messages: inbox.items.map((item) => item.id) });

  const view = await mission.view();
  expect(view).toMatchObject({
    phase: "closed",
    outcome: "accepted",
    overdue: false,
    report: "We back off with jitter.",
  });
  const report = await federation.store(COMMANDER).query("ReportMission", { mission: mission.id }, COMMANDER);
  expect(report).toMatchObject({
    mission: mission.id,
    objective,
    outcome: "accepted",
    files: [{ path: "docs/retry.md" }],
    phases: ["propose", "critique", "vote", "assign", "implement", "review", "synthesise", "closed"].map((name) => ({
      name,
      round: 1,
    })),
    proposals: [
      { author: LEAD, state: "accepted", ballots: [{ voter: LEAD }, { voter: DEVELOPER }, { voter: ANALYST }] },
    ],
    tasks: [{ id: task, assignee: DEVELOPER, claimedBy: DEVELOPER, fence: 1, state: "accepted" }],
    deliveries: { dead: 0, open: [] },
    tokens: { [LEAD]: { in: 10, out: 5 }, [DEVELOPER]: { in: 10, out: 5 }, [ANALYST]: { in: 10, out: 5 } },
  });
  expect(report?.deliveries.acted).toBe(report?.deliveries.stored);
  expect(report?.deliveries.stored).toBeGreaterThan(20);
  for (const words of ["We back off with jitter.", "Pauses double from 1 s", "It is bounded and jittered.", ANALYST])
    expect(report?.result).toContain(words);

  const store = federation.store(COMMANDER);
  await federation.logSettled();
  const kinds: string[] = [];
  const inMission = { conversation: mission.id };
  for (let cursor: string | null = null; ; ) {
    const { events } = await store.events(cursor, 7, inMission);
    if (events.length === 0) break;
    kinds.push(...events.map((event) => event.kind));
    cursor = events.at(-1)?.cursor ?? null;
  }
  const order = ["MissionStarted", "ProposalMade", "BallotCast", "ProposalDecided", "TaskAssigned", "TaskClaimed"];
  order.push("TaskSubmitted", "TaskAccepted", "ReportWritten", "MissionClosed");
  const places = order.map((kind) => kinds.indexOf(kind));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(kinds.filter((kind) => kind === "PhaseEntered")).toHaveLength(7);
  expect(kinds).toEqual((await store.events(null, 1_000, inMission)).events.map((event) => event.kind));
});
