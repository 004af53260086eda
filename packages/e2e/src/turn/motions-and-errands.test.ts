import { lawfulSet, type MissionView } from "@federation/core";
import { duty, idOf, message, proposal, task, viewOf } from "@federation/core/testing";
import type { ChatMessage } from "@federation/runtime/ports";
import { createScriptedInference, type ScriptedInference } from "@federation/testkit/scripted-inference";
import { describe, expect, test } from "vitest";
import { conversation, only, running } from "./testing/turn-cases.ts";
import { turnWorld } from "./testing/turn-world.ts";

const lastOf = (messages: readonly ChatMessage[] | undefined): string => messages?.at(-1)?.text ?? "";
const optionsOf = (inference: ScriptedInference): readonly string[] =>
  inference.requests.flatMap((r) => ("options" in r ? r.options.map((o) => o.sentence) : []));

describe("a turn in a motion", () => {
  const motion = (over: Partial<MissionView> = {}): MissionView =>
    viewOf({
      kind: "motion",
      objective: "Decide on the motion: Let questions be answered",
      phase: "vote",
      proposals: [
        proposal(10, {
          kind: "amendment",
          state: "voting",
          title: "Let questions be answered",
          text: "One free message is too few.",
          change: { change: "set_parameter", article: "budgets", parameter: "talkPerPhase", value: 5 },
          motive: "Nobody could answer what ana asked.",
        }),
      ],
      obligations: [duty("ana", "vote", idOf(10))],
      ...over,
    });

  test("shows what the motion is, what it changes and why, and that the vote binds the whole federation", async () => {
    const inference = createScriptedInference({ choose: () => `vote:${idOf(10)}:yes` });
    const world = turnWorld({ inference, views: [motion()], actor: "ana", role: "analyst" });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    for (const request of inference.requests) {
      const shown = lastOf(request.messages);
      expect(shown).toContain("This is a motion to change the charter: its vote binds the whole federation.");
      expect(shown).toContain('What it changes: "It sets talkPerPhase of the article budgets from 2 to 5."');
      expect(shown).toContain('The incident behind it: "Nobody could answer what ana asked."');
      expect(shown).toContain('Motion of dev: "Let questions be answered. One free message is too few."');
      expect(shown).toContain('Objective: "Decide on the motion: Let questions be answered"');
    }
    expect(lastOf(inference.requests[0]?.messages)).toContain(
      "Your duty now: vote on the motion above; the vote binds the whole federation.",
    );
    expect(optionsOf(inference)).toEqual(
      expect.arrayContaining(["I vote yes on this motion.", "I vote no on this motion."]),
    );
    const [operations] = world.applied.map((c) => c.operations);
    expect(only(operations, "cast_ballot")).toMatchObject({ proposal: idOf(10), choice: "yes" });
    expect(only(operations, "close_obligation")).toMatchObject({ as: "met" });
  });

  test("asks for a comment in the words of a motion, with an example of one", async () => {
    const inference = createScriptedInference({ choose: () => `critique:${idOf(10)}` });
    const [first] = motion().proposals;
    const open = motion({
      phase: "critique",
      proposals: first === undefined ? [] : [{ ...first, state: "open" }],
      obligations: [duty("ana", "critique")],
    });
    await turnWorld({ inference, views: [open], actor: "ana", role: "analyst" }).runner.run(conversation, running());
    const words = inference.requests.find((r) => "sampling" in r);
    expect(words?.messages[1]?.text).toContain('Objective: "Decide on the motion: ');
    expect(lastOf(words?.messages)).toContain("Write your comment on the motion");
    expect(lastOf(words?.messages)).toContain("You decided: I criticise the motion of dev.");
  });

  test("never offers to advance, hold, adopt, withdraw or veto it", async () => {
    for (const [actor, role] of [
      ["ana", "analyst"],
      ["dev", "developer"],
      ["lea", "lead"],
    ] as const) {
      const view = motion({ obligations: [duty(actor, "vote", idOf(10))] });
      const inference = createScriptedInference();
      await turnWorld({ inference, views: [view], actor, role }).runner.run(conversation, running());
      const offered = inference.requests.flatMap((r) =>
        "options" in r ? r.options.map((o) => o.id.split(":")[0]) : [],
      );
      for (const kind of ["advance", "hold", "adopt", "withdraw", "veto", "propose"])
        expect(offered).not.toContain(kind);
    }
  });
});

describe("a turn in an errand", () => {
  const made = task(20, {
    proposal: null,
    kind: "fix",
    title: "Close the socket",
    instructions: "Close it when the relay stops.",
    scope: ["src/relay/**"],
    dueAt: "2026-01-02T00:00:00.000Z",
  });
  const errand = (over: Parameters<typeof task>[1], view: Partial<MissionView> = {}): MissionView =>
    viewOf({
      kind: "errand",
      objective: "Close the socket",
      phase: "implement",
      tasks: [{ ...made, ...over }],
      ...view,
    });
  const pool = {
    parameters: { ...viewOf().parameters, "explicit-assignment": { pool: true, claimWithinMs: 60_000 } },
  };
  const opened = message(1, "rob", "A task for dev: Close the socket. Close it when the relay stops.");

  test("shows the task with its paths and its due time, and hands in what rests on the message that opened it", async () => {
    const holding = errand(
      { state: "claimed", assignee: "dev", holder: "dev", fence: 1, leaseLive: true },
      { obligations: [duty("dev", "implement", idOf(20))] },
    );
    const inference = createScriptedInference({
      choose: () => `submit:${idOf(20)}`,
      generate: () => ({ text: "The socket is closed when the relay stops.", files: [] }),
    });
    const world = turnWorld({ inference, views: [holding], actor: "dev", role: "developer", tail: [opened] });
    expect(await world.runner.run(conversation, running())).toBe("acted");
    for (const request of inference.requests) {
      const shown = lastOf(request.messages);
      expect(shown).toContain("This is one task, a fix, with no plan before it");
      expect(shown).toContain('Due: "2026-01-02T00:00:00.000Z"');
      expect(shown).toContain('Only these paths: "src/relay/**"');
      expect(shown).toContain('Task: "Close it when the relay stops."');
    }
    expect(only(world.applied[0]?.operations, "submit_task").evidence).toEqual([`message:${idOf(101)}`]);
  });

  test("offers a task of the pool to who is told of it, by a message or by a notice", async () => {
    const free = errand({ state: "approved", assignee: null, pool: true }, pool);
    const notice = message(2, "federation", "The task is in the pool again.", { kind: "notice" });
    for (const due of [opened, notice]) {
      const inference = createScriptedInference({ choose: () => `claim:${idOf(20)}` });
      const world = turnWorld({ inference, views: [free], actor: "ana", role: "analyst", due: [due] });
      expect(await world.runner.run(conversation, running())).toBe("acted");
      expect(optionsOf(inference)).toContain("I claim this task and start to work on it.");
      expect(only(world.applied[0]?.operations, "claim_task")).toEqual({ op: "claim_task", task: idOf(20) });
      expect(lastOf(inference.requests[0]?.messages)).toContain('Task: "Close it when the relay stops."');
    }
  });

  test("begins no turn, and spends no token, while its task waits for another", async () => {
    const obligations = [duty("dev", "implement", idOf(20))];
    const waiting = errand({ state: "assigned", assignee: "dev", needs: [idOf(21)] }, { obligations });
    const inference = createScriptedInference();
    const world = turnWorld({ inference, views: [waiting], actor: "dev", role: "developer" });
    expect(await world.runner.run(conversation, running())).toBe("idle");
    expect(world.calls).not.toContain("beginTurn");
    expect(inference.requests).toEqual([]);
    // A question is answered all the same.
    const asked = turnWorld({ inference, views: [waiting], actor: "dev", role: "developer", due: [opened] });
    expect(await asked.runner.run(conversation, running())).toBe("acted");
    expect(optionsOf(inference)).not.toContain("I claim this task and start to work on it.");
  });

  test("an agent is never offered to take a task over, or to give one back", () => {
    const taken = errand({ state: "claimed", assignee: "rob", holder: "rob", takenFrom: "dev", leaseLive: true });
    for (const actor of ["ana", "dev", "lea"]) {
      const kinds = lawfulSet(taken, actor).heads.map((h) => h.kind);
      expect(kinds).not.toContain("take_over");
      expect(kinds).not.toContain("give_back");
    }
  });
});

describe("the advice of the charter", () => {
  test("is told to the model as not enforced, and anew when the charter has another version", async () => {
    let advisories = [{ id: "be-brief", title: "Be brief", text: "Three sentences are enough." }];
    const inference = createScriptedInference({ choose: () => "wait" });
    const views = [1, 2].map((charterVersion) => viewOf({ charterVersion, obligations: [duty("dev", "propose")] }));
    const [before, after] = views;
    // Each turn reads the view once: it waits, and a choice without words is judged on a second reading.
    const world = turnWorld({
      inference,
      views: [before, before, after, after],
      actor: "dev",
      role: "developer",
      advisories: () => advisories,
    });
    await world.runner.run(conversation, running());
    advisories = [{ id: "ask-once", title: "Ask once", text: "A question is asked once." }];
    await world.runner.run(conversation, running());
    const [first, second] = inference.requests.map((r) => r.messages[0]?.text ?? "");
    expect(first).toContain('Advice, not enforced: "Be brief".');
    expect(second).toContain('Advice, not enforced: "Ask once".');
    expect(second).not.toContain("Be brief");
  });
});
