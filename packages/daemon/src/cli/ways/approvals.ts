import { MeshError } from "@federation/core";
import { showAnswered, showApprovals, showAsked } from "../show/show-approvals.ts";
import { showWaiting } from "../show/show-waiting.ts";
import { type Way, way } from "../way.ts";
import { done, limit, reason } from "./parts.ts";

/** Questions to a person, and all that waits for one. */
export const approvalsWays: readonly Way[] = [
  way("ListWaiting", "waiting", { request: () => ({}), show: showWaiting }),
  way("AskApproval", "approval ask <whom> <question...>", {
    options: [
      ["--conversation <id>", "in this conversation; without it a new one is opened"],
      ["--due <minutes>", "unanswered after this it is a no (60)"],
    ],
    request: (given) => {
      const minutes = given.whole("due");
      return {
        whom: given.text("whom"),
        question: given.text("question"),
        conversation: given.maybe("conversation"),
        dueInMs: minutes === undefined ? undefined : minutes * 60_000,
      };
    },
    show: showAsked,
  }),
  way("AnswerApproval", "approval answer <approval> <answer>", {
    doc: "Answers a question put to me, once, with yes or no.",
    options: [reason],
    request: (given) => ({
      approval: given.text("approval"),
      approve: yesOrNo(given.text("answer")),
      reason: given.maybe("reason"),
    }),
    show: showAnswered,
  }),
  way("WithdrawApproval", "approval withdraw <approval>", {
    request: (given) => ({ approval: given.text("approval") }),
    show: done("Withdrawn: nobody answers it any more."),
  }),
  way("ListApprovals", "approval list", {
    options: [
      ["--by-me", "those I asked, instead of those put to me"],
      ["--all", "also what is closed"],
      ["--approval <id>", "only this one, open or not"],
      limit,
    ],
    request: (given) => ({
      asked: given.flag("byMe") ? "by_me" : "of_me",
      open: !given.flag("all"),
      approval: given.maybe("approval"),
      limit: given.whole("limit"),
    }),
    show: showApprovals,
  }),
];

function yesOrNo(answer: string): boolean {
  switch (answer.toLowerCase()) {
    case "yes":
      return true;
    case "no":
      return false;
    default:
      throw new MeshError("invalid_input", `The answer is yes or no, not "${answer}".`);
  }
}
