import { describe, expect, test } from "vitest";
import { type AnswerCase, type Flaw, judgeAnswer, sharesStem } from "./judge-answer.ts";

const objective = "Choose a retry policy for the outbox relay and write it down";
const quoted = ["The relay waits one second after a failure and doubles the pause each time.", objective];
const example = "Most riders come through the north gate. Mark the ground first, and ask the riders for a week.";

function judge(text: string, over: Partial<AnswerCase> = {}): Flaw | null {
  return judgeAnswer({ words: { text }, objective, quoted, mayRepeat: [], example, meaningful: true, ...over });
}

describe("an answer is used", () => {
  test.each([
    "A retry needs an upper bound, so stop after five attempts.",
    "I would keep the pauses short at first. The policy must name who looks at dead letters.",
    "Which failures should the relay treat as final?",
  ])("when it speaks of the objective in words of its own: %s", (text) => {
    expect(judge(text)).toBeNull();
  });

  test("when it repeats what it is right to repeat, and only that", () => {
    const plan = "Retry with doubling pauses and stop after five attempts.";
    const said = { quoted: [...quoted, plan], mayRepeat: [plan, objective] };
    expect(judge(`Write down the policy. ${plan}`, said)).toBeNull();
    expect(judge("The relay waits one second after a failure and doubles the pause each time.", said)).toBe("echo");
  });

  test("whatever it wants: dissent is no flaw", () => {
    expect(judge("No retry at all is safer than this policy.")).toBeNull();
  });

  test("when it shares some words with the prompt, but not most of its runs of four", () => {
    expect(
      judge("After a failure and doubles of pauses, the relay should stop retrying and tell a person why."),
    ).toBeNull();
  });
});

describe("an answer is thrown away", () => {
  test.each<[Flaw, string]>([
    ["empty", "… !?"],
    ["template", "Dear [Your Name], the retry policy is attached."],
    ["template", "The policy is {% policy %} for the relay."],
    ["template", "As an AI language model I cannot choose a retry policy."],
    ["template", "The retry policy <|im_end|> is this."],
    ["echo", "The relay waits one second after a failure and doubles the pause."],
    ["echo", "Choose a retry policy for the outbox relay."],
    ["copied_example", "Most riders come through the relay. Mark the ground first."],
    ["copied_example", "Riders of the relay mark the policy at the north gate."],
    ["repetition", "Retry the relay twice. Retry the relay twice."],
    ["repetition", "The retry policy is good good good good for us."],
    ["repetition", "A retry is a good step and a retry is a good step and a retry is a good step."],
    ["off_objective", "Sunshine makes the garden bloom in early spring."],
  ])("for %s: %s", (flaw, text) => {
    expect(judge(text)).toBe(flaw);
  });

  test("for a flaw in its title or its files too", () => {
    expect(judge("A bounded policy.", { words: { title: "[Your title here]", text: "Retry five times." } })).toBe(
      "template",
    );
    expect(judge("", { words: { text: "A bounded retry.", files: [{ path: "a.md", content: "{{ policy }}" }] } })).toBe(
      "template",
    );
  });
});

test("words that mean nothing by design are judged by presence only", () => {
  expect(judge("Sunshine sunshine sunshine sunshine.", { meaningful: false })).toBeNull();
  expect(judge(" . ", { meaningful: false })).toBe("empty");
});

describe("sharing a stem", () => {
  test.each([
    ["Retries are bounded.", true],
    ["Relaying is slow.", true],
    ["These policies differ.", true],
    ["It was written yesterday.", true],
    ["We are for it and will do so.", false],
  ])("%s → %s", (answer, expected) => {
    expect(sharesStem(answer, "Choose a retry policy for the relay, written in full")).toBe(expected);
  });

  test("an objective without words to share excludes nothing", () => {
    expect(sharesStem("Anything at all.", "")).toBe(true);
    expect(sharesStem("Anything at all.", "??")).toBe(true);
  });
});
