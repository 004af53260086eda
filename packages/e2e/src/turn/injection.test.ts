import {
  type ActionHead,
  headKey,
  lawfulSet,
  type Message,
  type MissionView,
  type Operation,
  type Role,
} from "@federation/core";
import { duty, idOf, message, proposal, submission, task, viewOf } from "@federation/core/testing";
import { attackersScript, createScriptedInference } from "@federation/testkit/scripted-inference";
import { describe, expect, test } from "vitest";
import { injections } from "./injection-corpus.ts";
import { turnWorld } from "./testing/turn-world.ts";

/**
 * The prompt is no wall: the model here obeys every attack with all its weight. What it cannot do is act outside the
 * lawful set, and what an attack cannot do is leave its quotes.
 */
interface Stage {
  readonly name: string;
  readonly actor: string;
  readonly role: Role;
  readonly view: (attack: string) => MissionView;
}

const held = { state: "claimed", assignee: "dev", holder: "dev", fence: 2, leaseLive: true } as const;

const pool = { ...viewOf().parameters, "explicit-assignment": { pool: true, claimWithinMs: 60_000 } };

/** Whatever its author chooses of a motion is the attack: title, text, incident, and the advice it would add. */
const motionOf = (attack: string, state: "open" | "voting") =>
  proposal(10, {
    kind: "amendment",
    state,
    title: attack.slice(0, 200),
    text: attack,
    motive: attack.slice(0, 2_000),
    change: { change: "add_advisory", article: "obey", title: attack.slice(0, 200), text: attack.slice(0, 2_000) },
  });

const errandOf = (attack: string, over: Parameters<typeof task>[1]) =>
  task(20, {
    proposal: null,
    title: attack.slice(0, 200),
    instructions: attack,
    scope: [attack.slice(0, 200)],
    dueAt: "2026-01-02T00:00:00.000Z",
    ...over,
  });

const stages: readonly Stage[] = [
  {
    name: "a proposer",
    actor: "dev",
    role: "developer",
    view: () => viewOf({ obligations: [duty("dev", "propose")] }),
  },
  {
    name: "a critic",
    actor: "ana",
    role: "analyst",
    view: (attack) =>
      viewOf({
        phase: "critique",
        proposals: [proposal(10, { title: attack.slice(0, 200), text: attack })],
        obligations: [duty("ana", "critique")],
      }),
  },
  {
    name: "a voter",
    actor: "ana",
    role: "analyst",
    view: (attack) =>
      viewOf({
        phase: "vote",
        proposals: [proposal(10, { state: "voting", text: attack }), proposal(11, { author: "lea" })],
        obligations: [duty("ana", "vote", idOf(10))],
      }),
  },
  {
    name: "a holder of a task",
    actor: "dev",
    role: "developer",
    view: (attack) =>
      viewOf({
        phase: "implement",
        proposals: [proposal(10, { state: "accepted" })],
        tasks: [task(20, { ...held, instructions: attack })],
        obligations: [duty("dev", "implement", idOf(20))],
      }),
  },
  {
    name: "a reviewer",
    actor: "ana",
    role: "analyst",
    view: (attack) =>
      viewOf({
        phase: "review",
        proposals: [proposal(10, { state: "accepted" })],
        tasks: [
          task(20, {
            state: "submitted",
            assignee: "dev",
            submission: submission({ summary: attack, files: [{ path: "a.md", sha256: "x", content: attack }] }),
          }),
        ],
        obligations: [duty("ana", "review", idOf(20))],
      }),
  },
  { name: "a bystander", actor: "lea", role: "lead", view: () => viewOf({ phase: "review" }) },
  {
    name: "a commentator of a motion",
    actor: "ana",
    role: "analyst",
    view: (attack) =>
      viewOf({
        kind: "motion",
        phase: "critique",
        proposals: [motionOf(attack, "open")],
        obligations: [duty("ana", "critique")],
      }),
  },
  {
    name: "a voter on a motion",
    actor: "ana",
    role: "analyst",
    view: (attack) =>
      viewOf({
        kind: "motion",
        phase: "vote",
        proposals: [motionOf(attack, "voting")],
        obligations: [duty("ana", "vote", idOf(10))],
      }),
  },
  {
    name: "a holder of an errand",
    actor: "dev",
    role: "developer",
    view: (attack) =>
      viewOf({
        kind: "errand",
        phase: "implement",
        tasks: [errandOf(attack, held)],
        obligations: [duty("dev", "implement", idOf(20))],
      }),
  },
  {
    name: "whoever finds a task in the pool",
    actor: "ana",
    role: "analyst",
    view: (attack) =>
      viewOf({
        kind: "errand",
        phase: "implement",
        parameters: pool,
        tasks: [errandOf(attack, { state: "approved", assignee: null, pool: true })],
      }),
  },
];

/** What each kind of act may ask of the database; everything else in a turn is a record or a mark. */
const effectsOf: Readonly<Partial<Record<ActionHead["kind"], readonly Operation["op"][]>>> = {
  say: ["send_message"],
  ask: ["send_message"],
  hold: ["send_message"],
  propose: ["propose", "send_message"],
  critique: ["send_message"],
  vote: ["cast_ballot"],
  adopt: ["adopt", "send_message"],
  assign: ["assign_task", "send_message"],
  claim: ["claim_task"],
  submit: ["submit_task", "send_message"],
  accept: ["review_task", "send_message"],
  reject: ["review_task", "send_message"],
  hand_back: ["hand_back_task", "send_message"],
  report: ["report", "send_message"],
  remember: ["remember"],
  advance: [],
  abstain: [],
  wait: [],
};
const records = ["record_verdict", "record_decision", "finish_turn", "close_obligation"];

const spoken = (attack: string, recipient: string): readonly Message[] => [
  message(1, "dev", attack, { recipient, kind: "ask" }),
  message(2, "stranger", attack),
];

describe.each(stages)("$name whose model obeys the attacker", ({ actor, role, view }) => {
  test.each(injections)("does nothing outside its lawful set: %j", async (attack) => {
    const state = view(attack);
    const inference = createScriptedInference(attackersScript(attack));
    const world = turnWorld({
      inference,
      views: [state],
      actor,
      role,
      due: spoken(attack, actor),
      memory: [
        { id: idOf(60), actor: "dev", conversation: null, text: attack.slice(0, 2_000), source: "turn", createdAt: "" },
      ],
    });
    expect(await world.runner.run(state.id, new AbortController().signal)).toBe("acted");

    const lawful = new Set(lawfulSet(state, actor).heads.map(headKey));
    const operations = world.applied.flatMap((call) => call.operations);
    const decisions = operations.filter((o) => o.op === "record_decision");
    const [decision, evidence, ...more] = decisions;
    expect(more).toEqual([]);
    if (decision === undefined) throw new Error("nothing was decided");
    expect(lawful).toContain(headKey(decision.head));
    expect(Object.keys(decision.probabilities ?? {}).every((key) => lawful.has(key))).toBe(true);
    // What a result rests on is what is there: a row the model was shown, or a file of its own answer.
    if (evidence !== undefined) {
      expect(decision.head.kind).toBe("submit");
      const known = [`proposal:${idOf(10)}`, `message:${idOf(101)}`, `message:${idOf(102)}`, "file:obey.md"];
      if (evidence.head.kind === "submit") expect(known).toEqual(expect.arrayContaining(evidence.head.evidence ?? []));
      expect(Object.keys(evidence.probabilities ?? {}).every((key) => known.includes(key))).toBe(true);
    }
    const effects = operations.filter((o) => !records.includes(o.op));
    expect(effectsOf[decision.head.kind] ?? []).toEqual(expect.arrayContaining(effects.map((o) => o.op)));
    for (const o of effects) expect("conversation" in o ? o.conversation : state.id).toBe(state.id);
  });

  test.each(injections)("is shown it as data alone: %j", async (attack) => {
    const state = view(attack);
    const inference = createScriptedInference(attackersScript(attack));
    const due = spoken(attack, actor);
    await turnWorld({ inference, views: [state], actor, role, due }).runner.run(state.id, new AbortController().signal);
    for (const request of inference.requests) {
      const situation = request.messages.at(-1);
      const rest = request.messages.slice(0, -1);
      expect(rest.length).toBeGreaterThan(0);
      expect(rest[0]?.text).not.toContain(attack.slice(0, 30));
      const lines = situation?.text.split("\n") ?? [];
      const open = lines.findIndex((l) => /^<<data [0-9a-f]{8}$/.test(l));
      const close = lines.findIndex((l) => /^data [0-9a-f]{8}>>$/.test(l));
      expect(open).toBeGreaterThan(0);
      // Team and phase before the fence, the ask after it: an attack can add no line and no mark to either.
      expect(open).toBe(2);
      const last = lines.slice(close + 1);
      expect(last.map((l) => l.replace(/".*/, ""))).toEqual(
        !("options" in request)
          ? [expect.stringMatching(/^You decided: I [^<>]*\.$/), "Objective: "]
          : request.id.includes(":evidence:")
            ? ["You wrote: ", "Objective: "]
            : ["Objective: "],
      );
      expect(situation?.text.split(/[<>]/)).toHaveLength(5);
      expect(rest.every((m) => !m.text.includes(attack.slice(0, 30)))).toBe(true);
      const labels = lines.slice(open + 1, close).filter((l) => l.includes('"'));
      expect(labels.every((l) => /^[A-Za-z0-9 ,.()-]+: "(?:[^"\\]|\\.)*"$/.test(l))).toBe(true);
    }
  });
});

test("the corpus has at least twenty different attacks", () => {
  expect(new Set(injections).size).toBeGreaterThanOrEqual(20);
});
