import { readdirSync, readFileSync } from "node:fs";
import { describeEvent, type MeshEvent } from "@federation/core";
import { describe, expect, it } from "vitest";
import { createTimeline, type TimelineOptions } from "./create-timeline.ts";
import { columnsOf } from "./plain-text.ts";

const plain = { colours: false, columns: undefined, details: false, timeZone: "UTC" } as const;

function event(kind: string, data: MeshEvent["data"], more: Partial<MeshEvent> = {}): MeshEvent {
  return {
    cursor: "1",
    at: "2026-01-02T03:04:05.678Z",
    kind,
    actor: "baby",
    conversation: null,
    subject: null,
    data,
    ...more,
  };
}

function line(shown: MeshEvent, options: Partial<TimelineOptions> = {}): string | undefined {
  return createTimeline({ ...plain, ...options }).line(shown);
}

describe("a line of the timeline", () => {
  it.each([
    ["MissionStarted", { objective: "Pick a policy" }, "started a mission: Pick a policy"],
    ["PhaseEntered", { phase: "vote", round: 2, reason: "all criticised" }, "── vote, round 2 ── all criticised"],
    ["MessageSent", { kind: "say", to: "all", text: "Hello" }, "says: Hello"],
    ["MessageSent", { kind: "ask", to: "lead", text: "Why?" }, "asks lead: Why?"],
    ["ProposalMade", { title: "Retry", text: "Twice." }, 'proposes "Retry": Twice.'],
    ["BallotCast", { choice: "yes", title: "Retry", reason: "Sound." }, 'votes yes on "Retry": Sound.'],
    ["BallotCast", { choice: "abstain", title: "Retry", byDeadline: true }, 'votes abstain (by deadline) on "Retry"'],
    [
      "ProposalDecided",
      { title: "Retry", state: "accepted", yes: 2, no: 1, abstain: 0 },
      '"Retry" is accepted (2 yes, 1 no, 0 abstain)',
    ],
    ["TaskClaimed", { title: "Retry", fence: 1 }, 'claims "Retry" (fence 1)'],
    ["TaskClaimed", { title: "Retry", fence: 2, from: "submitted" }, 'sends the result of "Retry" back (fence 2)'],
    [
      "TaskAssigned",
      { title: "Retry", assignee: "baby", from: "claimed", reason: "the lease of baby ran out" },
      `the claim on "Retry" ran out; it is baby's to claim`,
    ],
    [
      "TaskAssigned",
      { title: "Retry", assignee: "lea", from: "claimed", reason: "given back to lea: go on" },
      'gives "Retry" back to lea: given back to lea: go on',
    ],
    [
      "TaskClaimed",
      { title: "Retry", fence: 3, from: "assigned", reason: "taken over from lea: it is urgent" },
      'takes "Retry" over (fence 3): taken over from lea: it is urgent',
    ],
    [
      "MissionClosed",
      { outcome: "not_accepted", reason: "time is up" },
      "the mission is closed: not accepted (time is up)",
    ],
  ])("says what %s means", (kind, data, expected) => {
    expect(line(event(kind, data))).toBe(`03:04:05  baby       ${expected}`);
  });

  it("names the article of a refusal and what would be lawful", () => {
    const data = { article: "claim-before-code", reason: "nothing is claimed.", lawful: "claim, wait" };
    expect(line(event("ActionRefused", data, { subject: "submit" }))).toContain(
      "refused to submit by claim-before-code: nothing is claimed. Lawful now: claim, wait",
    );
  });

  it("shows a kind it does not know as it is", () => {
    expect(line(event("ModelSwapped", { from: "a", size: 7 }))).toContain("model swapped from=a size=7");
    expect(line(event("constructor", {}, { actor: null }))).toContain("constructor");
    expect(line(event("PhaseEntered", {}))).toContain("──");
  });

  it("hides bookkeeping unless asked for it, but not what a deadline or a rule decided", () => {
    const byModel = event("DecisionMade", { head: { kind: "vote" }, origin: "model", note: "" });
    expect(line(byModel)).toBeUndefined();
    expect(line(byModel, { details: true })).toContain("decides: vote, by model");
    expect(line(event("DecisionMade", { head: { kind: "abstain" }, origin: "deadline" }))).toContain("by deadline");
    expect(line(event("DutyOpened", { duty: "vote" }))).toBeUndefined();
  });

  it("is not given to a message whose words came with an act that was shown", () => {
    const timeline = createTimeline(plain);
    const say = (text: string, actor = "baby") =>
      timeline.line(event("MessageSent", { kind: "say", to: "all", text }, { actor }));
    timeline.line(event("TaskAccepted", { title: "Retry", reason: "It holds." }));
    expect(say("It holds.", "lead")).toBeDefined();
    expect(say("It holds.")).toBeUndefined();
    expect(say("It does not hold.")).toBeDefined();
    expect(say("It does not hold.")).toBeDefined();
    expect(line(event("DecisionMade", { head: { kind: "wait" }, origin: "rule" }))).toBeUndefined();
  });

  it("is cut to the terminal, wide characters counted as two", () => {
    const long = event("MessageSent", { kind: "say", to: "all", text: `漢字 ${"word ".repeat(50)}` });
    const cut = line(long, { columns: 60 });
    expect(cut?.endsWith("…")).toBe(true);
    expect(columnsOf(cut ?? "")).toBeLessThanOrEqual(60);
    expect(columnsOf("漢a")).toBe(3);
  });

  it("gives untrusted text no power over the terminal", () => {
    const nasty =
      "\u001b[31mred\u001b[0m \u001b]0;title\u0007 bell\u0007 a\rb\nc \u202Eevil\u202C \u2066iso\u2069 \u200Bzero \u{E0041}tag \u009b2J end";
    const shown = line(event("MessageSent", { kind: "say", to: "all", text: nasty }, { actor: "\u001b[2Jbaby" }));
    expect(shown).toBe("03:04:05  baby       says: red bell a b c evil iso zero tag end");
    const title = line(event("ProposalMade", { title: "x\u001b[8m\ny", text: "t" }));
    expect(title).toContain('proposes "x y": t');
  });
});

describe("colours", () => {
  /** The colour code right before the actor's name. */
  const of = (actor: string, ordinals: ReadonlyMap<string, number> = new Map()) => {
    const timeline = createTimeline({ ...plain, colours: true, ordinals });
    const shown = timeline.line(event("MessageSent", { kind: "say", to: "all", text: "x" }, { actor })) ?? "";
    return shown.slice(0, shown.indexOf(actor)).split("\u001b[").at(-1);
  };

  it("are an actor's for good: ten that were registered one after the other have one each", () => {
    const ordinals = new Map(Array.from({ length: 10 }, (_, n) => [`lead-${n}`, n] as const));
    const seen = [...ordinals.keys()].map((actor) => of(actor, ordinals));
    expect(new Set(seen).size).toBe(10);
    expect(of("lead-3", new Map([["lead-3", 3]]))).toBe(seen[3]);
  });

  it("come from the name while nobody knows when it was registered", () => {
    expect(of("baby")).toMatch(/^\d+m$/);
    expect(of("baby")).toBe(of("baby"));
  });

  it("are off when told", () => {
    expect(line(event("TaskClaimed", { title: "t", fence: 1 }))).not.toContain("\u001b");
  });
});

it("has words for every kind of event that the database names", () => {
  const functions = new URL("../../../../migrations/functions/", import.meta.url);
  const kinds = readdirSync(functions).flatMap((file) =>
    [...readFileSync(new URL(file, functions), "utf8").matchAll(/emit\('([A-Z]\w+)',/g)].map(([, kind = ""]) => kind),
  );
  expect(kinds.length).toBeGreaterThan(30);
  const bare = (kind: string) => kind.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  expect(kinds.filter((kind) => describeEvent(event(kind, {})).text === bare(kind))).toEqual([]);
});
