import { describe, expect, test } from "vitest";
import type { Action, ActionHead, ActionKind, Words } from "../actions.ts";
import { MeshError } from "../errors.ts";
import {
  dutyForTest,
  idOf,
  proposalForTest,
  submissionForTest,
  taskForTest,
  viewForTest,
} from "../testing/missions.ts";
import { actionOperations } from "./action-operations.ts";

const proposal = proposalForTest(10);
const task = taskForTest(20, {
  state: "claimed",
  assignee: "dev",
  holder: "dev",
  fence: 3,
  submission: submissionForTest(30),
});

function run(actor: string, head: ActionHead, words: Words, over: Parameters<typeof viewForTest>[0] = {}, id?: string) {
  let next = 100;
  const action: Action = { head, words };
  return actionOperations(viewForTest({ proposals: [proposal], tasks: [task], ...over }), actor, action, {
    newId: () => idOf(next++),
    id,
    causation: idOf(99),
  });
}

const text = "The words as given.";
const message = {
  op: "send_message",
  conversation: idOf(1),
  recipient: null,
  kind: "say",
  text,
  about: null,
  causation: idOf(99),
};

describe("an action becomes the operations that carry it out", () => {
  const cases: Readonly<Record<ActionKind, readonly [ActionHead, Words, readonly object[]]>> = {
    say: [{ kind: "say" }, { text }, [{ ...message, id: idOf(100) }]],
    hold: [{ kind: "hold" }, { text }, [{ ...message, id: idOf(100) }]],
    ask: [{ kind: "ask", to: "ana" }, { text }, [{ ...message, id: idOf(100), kind: "ask", recipient: "ana" }]],
    propose: [
      { kind: "propose" },
      { title: "T", text },
      [
        { op: "propose", id: idOf(100), conversation: idOf(1), title: "T", text },
        { ...message, id: idOf(101), kind: "propose", about: idOf(100) },
      ],
    ],
    critique: [
      { kind: "critique", proposal: proposal.id },
      { text },
      [{ ...message, id: idOf(100), kind: "critique", about: proposal.id }],
    ],
    vote: [
      { kind: "vote", proposal: proposal.id, choice: "no" },
      { text },
      [{ op: "cast_ballot", proposal: proposal.id, choice: "no", reason: text, textSha256: "sha-of-10" }],
    ],
    veto: [
      { kind: "veto", proposal: proposal.id },
      { text },
      [
        { op: "veto", proposal: proposal.id, reason: text },
        { ...message, id: idOf(100), about: proposal.id },
      ],
    ],
    adopt: [
      { kind: "adopt", proposal: proposal.id },
      { text },
      [
        { op: "adopt", proposal: proposal.id, reason: text },
        { ...message, id: idOf(100), about: proposal.id },
      ],
    ],
    assign: [
      { kind: "assign", task: task.id, assignee: "dan" },
      { text },
      [
        { op: "assign_task", task: task.id, assignee: "dan", instructions: text },
        { ...message, id: idOf(100), about: task.id },
      ],
    ],
    claim: [{ kind: "claim", task: task.id }, {}, [{ op: "claim_task", task: task.id }]],
    submit: [
      { kind: "submit", task: task.id, evidence: ["file:a.md"] },
      { text, files: [{ path: "a.md", content: "x" }] },
      [
        {
          op: "submit_task",
          id: idOf(100),
          task: task.id,
          fence: 3,
          summary: text,
          evidence: ["file:a.md"],
          files: [{ path: "a.md", content: "x" }],
        },
        { ...message, id: idOf(101), about: task.id },
      ],
    ],
    accept: [
      { kind: "accept", task: task.id },
      { text },
      [
        { op: "review_task", task: task.id, submission: idOf(30), accept: true, reason: text },
        { ...message, id: idOf(100), about: task.id },
      ],
    ],
    reject: [
      { kind: "reject", task: task.id },
      { text },
      [
        { op: "review_task", task: task.id, submission: idOf(30), accept: false, reason: text },
        { ...message, id: idOf(100), about: task.id },
      ],
    ],
    hand_back: [
      { kind: "hand_back", task: task.id },
      { text },
      [
        { op: "hand_back_task", task: task.id, fence: 3, reason: text },
        { ...message, id: idOf(100), about: task.id },
      ],
    ],
    report: [
      { kind: "report" },
      { text },
      [
        { op: "report", conversation: idOf(1), text },
        { ...message, id: idOf(100), kind: "report" },
      ],
    ],
    remember: [
      { kind: "remember" },
      { text },
      [{ op: "remember", id: idOf(100), conversation: idOf(1), text, source: "turn" }],
    ],
    withdraw: [
      { kind: "withdraw", proposal: proposal.id },
      { text },
      [
        { op: "withdraw_proposal", proposal: proposal.id, reason: text },
        { ...message, id: idOf(100), about: proposal.id },
      ],
    ],
    take_over: [
      { kind: "take_over", task: task.id },
      { text },
      [
        { op: "take_over_task", task: task.id, reason: text },
        { ...message, id: idOf(100), about: task.id },
      ],
    ],
    give_back: [
      { kind: "give_back", task: task.id },
      { text },
      [
        { op: "give_back_task", task: task.id, fence: 3, reason: text },
        { ...message, id: idOf(100), about: task.id },
      ],
    ],
    open_task: [{ kind: "open_task", taskKind: "fix", proposal: null }, { title: "T", text }, []],
    amend: [{ kind: "amend", article: "budgets", change: "set_parameter" }, { title: "T", text }, []],
    ratify: [{ kind: "ratify" }, { text }, []],
    advance: [{ kind: "advance" }, {}, []],
    abstain: [
      { kind: "abstain", obligation: idOf(40) },
      {},
      [{ op: "close_obligation", obligation: idOf(40), as: "abstained" }],
    ],
    wait: [{ kind: "wait" }, {}, []],
  };
  for (const [kind, [head, words, operations]] of Object.entries(cases))
    test(`${kind} becomes ${operations.length === 0 ? "nothing" : operations.map((o) => ("op" in o ? o.op : "")).join(" + ")}`, () => {
      expect(run("dev", head, words)).toEqual(operations);
    });
});

describe("a duty is closed by the action that ends it, and by no other", () => {
  test("who proposes in an assembly opens a motion, which its command knows how to make", () => {
    expect(run("dev", { kind: "propose" }, { title: "T", text }, { kind: "assembly" })).toEqual([]);
  });

  test("a result whose evidence was not named is handed on as resting on nothing", () => {
    expect(run("dev", { kind: "submit", task: task.id }, { text })[0]).toMatchObject({
      op: "submit_task",
      evidence: [],
    });
  });

  const ends: readonly (readonly [ActionHead, Words, ReturnType<typeof dutyForTest>])[] = [
    [{ kind: "propose" }, { title: "T", text }, dutyForTest(50, "dev", "propose")],
    [{ kind: "critique", proposal: proposal.id }, { text }, dutyForTest(50, "dev", "critique")],
    [{ kind: "vote", proposal: proposal.id, choice: "yes" }, { text }, dutyForTest(50, "dev", "vote", proposal.id)],
    [{ kind: "adopt", proposal: proposal.id }, { text }, dutyForTest(50, "dev", "adopt")],
    [{ kind: "assign", task: task.id, assignee: "dan" }, { text }, dutyForTest(50, "dev", "assign", task.id)],
    [{ kind: "submit", task: task.id }, { text }, dutyForTest(50, "dev", "implement", task.id)],
    [{ kind: "hand_back", task: task.id }, { text }, dutyForTest(50, "dev", "implement", task.id)],
    [{ kind: "accept", task: task.id }, { text }, dutyForTest(50, "dev", "review", task.id)],
    [
      { kind: "submit", task: task.id, evidence: ["file:a.md"] },
      { text },
      dutyForTest(50, "dev", "implement", task.id),
    ],
    [{ kind: "report" }, { text }, dutyForTest(50, "dev", "report")],
    [{ kind: "advance" }, {}, dutyForTest(50, "dev", "advance")],
  ];
  for (const [head, words, duty] of ends)
    test(`${head.kind} closes ${duty.duty}`, () => {
      const others = [
        dutyForTest(51, "dan", duty.duty, duty.subject),
        { ...duty, id: idOf(52), state: "met" as const },
      ];
      const closed = run("dev", head, words, { obligations: [duty, ...others] }).filter(
        (o) => o.op === "close_obligation",
      );
      expect(closed).toEqual([{ op: "close_obligation", obligation: idOf(50), as: "met" }]);
    });

  test("talking and claiming leave the duty open", () => {
    const obligations = [dutyForTest(50, "dev", "implement", task.id), dutyForTest(51, "dev", "advance")];
    for (const [head, words] of [
      [{ kind: "say" }, { text }],
      [{ kind: "hold" }, { text }],
      [{ kind: "claim", task: task.id }, {}],
      [{ kind: "give_back", task: task.id }, { text }],
      [{ kind: "withdraw", proposal: proposal.id }, { text }],
      [{ kind: "wait" }, {}],
    ] as const satisfies readonly (readonly [ActionHead, Words])[])
      expect(run("dev", head, words, { obligations }).some((o) => o.op === "close_obligation")).toBe(false);
  });

  test("a vote on one proposal leaves the duty to vote on another open", () => {
    const obligations = [dutyForTest(50, "dev", "vote", idOf(11))];
    const head: ActionHead = { kind: "vote", proposal: proposal.id, choice: "yes" };
    expect(run("dev", head, { text }, { obligations }).map((o) => o.op)).toEqual(["cast_ballot"]);
  });
});

test("the id a caller made is the id of what the action makes, so that a retry is the same thing", () => {
  expect(run("dev", { kind: "propose" }, { title: "T", text }, {}, idOf(77))[0]).toMatchObject({ id: idOf(77) });
  expect(run("dev", { kind: "say" }, { text }, {}, idOf(77))[0]).toMatchObject({ id: idOf(77) });
});

test("missing and superfluous words are refused", () => {
  for (const [head, words] of [
    [{ kind: "say" }, {}],
    [{ kind: "propose" }, { text }],
    [{ kind: "wait" }, { text }],
    [{ kind: "say" }, { text, files: [] }],
  ] as const satisfies readonly (readonly [ActionHead, Words])[])
    expect(() => run("dev", head, words)).toThrow(MeshError);
});

test("a subject that is not in the view is not found", () => {
  const heads: readonly ActionHead[] = [
    { kind: "vote", proposal: idOf(9), choice: "yes" },
    { kind: "submit", task: idOf(9) },
    { kind: "accept", task: idOf(9) },
    { kind: "give_back", task: idOf(9) },
  ];
  for (const head of heads) expect(() => run("dev", head, { text })).toThrow(/There is no such/);
});
