import { type ActionHead, type ActionKind, type Words, wordsOf } from "@federation/core";
import { LEAD } from "./temptation.ts";

/** What an honest member writes, so that a scene reads like a mission and not like a form. */
const texts: Partial<Record<ActionKind, string>> = {
  say: "I have read everything and am ready to go on.",
  ask: "Which failures do you see most often?",
  propose: "Double the pause after each failure, with jitter, up to a bound of one minute.",
  critique: "What happens when the bound is reached, and who notices a relay that has given up?",
  vote: "I have weighed what it costs and what it saves.",
  assign: "Write the policy on one page, with the numbers and the reason for each.",
  submit: "The pause begins at one second, doubles with jitter, and never exceeds one minute.",
  accept: "It says what was decided, with numbers that can be checked.",
  reject: "The page does not say what happens after the last attempt.",
  hand_back: "I cannot finish this in time, somebody else should have it.",
  report: "We chose a policy with doubling pauses, wrote it down and reviewed it.",
};

const planOfTheLead = "Retry every ten seconds, and give up after five attempts with a notice to the sender.";

/** Words for a head that needs some: the given text, else an honest member's. */
export function wordsFor(head: ActionHead, by: string, given?: string): Words {
  const wanted = wordsOf[head.kind];
  const own = head.kind === "propose" && by === LEAD ? planOfTheLead : texts[head.kind];
  return {
    ...(wanted.title === true ? { title: by === LEAD ? "Retry at a steady pace" : "Back off with jitter" } : {}),
    ...(wanted.text === true ? { text: given ?? own ?? "It is better so." } : {}),
    ...(wanted.files === true ? { files: [] } : {}),
  };
}
