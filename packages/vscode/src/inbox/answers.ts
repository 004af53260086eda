/** What answers a waiting item at once: the command it stands for, and the words it needs. Longer ones are given in the Observer. */
import type { ControlArguments } from "@federation/mcp/client";
import type { TaskRecord, WaitingItem } from "../views/item.ts";

type GivenName =
  | "AcknowledgeMessage"
  | "AdvancePhase"
  | "AnswerApproval"
  | "CastBallot"
  | "ClaimTask"
  | "GiveBackTask"
  | "HandBackTask"
  | "PauseNode"
  | "ResumeNode"
  | "ReviewTask"
  | "SendMessage"
  | "StartMission"
  | "SubmitTask"
  | "TakeOverTask"
  | "VetoProposal";

/** A command that the editor gives itself, with what it is asked with. */
export type Given = {
  readonly [N in GivenName]: { readonly name: N; readonly request: ControlArguments<N> };
}[GivenName];

/** Each is a command of the editor, too. */
export const answerNames = [
  "voteYes",
  "voteNo",
  "abstain",
  "approve",
  "deny",
  "reply",
  "markDone",
  "claimTask",
  "takeOverTask",
  "giveBackTask",
  "handBackTask",
  "acceptResult",
  "rejectResult",
  "advancePhase",
  "veto",
] as const;
export type AnswerName = (typeof answerNames)[number];

export interface Answer {
  readonly name: AnswerName;
  /** On a button. */
  readonly title: string;
  readonly words: "needed" | "optional" | "none";
  /** Asks for the words. */
  readonly prompt: string;
  give(words: string): Given;
}

/** In the order in which they are offered; none for what takes more than a few words. */
export function answersOf(item: WaitingItem): readonly Answer[] {
  const { id, subject, conversation } = item;
  switch (item.kind) {
    case "ballot":
      return (["yes", "no", "abstain"] as const).map((choice) => ({
        name: choice === "yes" ? "voteYes" : choice === "no" ? "voteNo" : "abstain",
        title: choice === "yes" ? "Vote Yes" : choice === "no" ? "Vote No" : "Abstain",
        words: "needed",
        prompt: `Why ${choice === "abstain" ? "do you abstain" : `do you vote ${choice}`}? A ballot is final.`,
        give: (reason) => ({ name: "CastBallot", request: { proposal: id, choice, reason } }),
      }));
    case "approval":
      return [true, false].map((approve) => ({
        name: approve ? "approve" : "deny",
        title: approve ? "Approve" : "Deny",
        words: "optional",
        prompt: `A reason, if there is one. It is told to ${item.from ?? "who asked"}.`,
        give: (reason) => ({
          name: "AnswerApproval",
          request: { approval: id, approve, ...(reason === "" ? {} : { reason }) },
        }),
      }));
    case "question":
      return [
        {
          name: "reply",
          title: "Answer",
          words: "needed",
          prompt: `Your answer to ${item.from ?? "all"}`,
          give: (text) => ({
            name: "SendMessage",
            request: { conversation, to: item.from ?? "all", text, causation: id },
          }),
        },
        {
          name: "markDone",
          title: "Done",
          words: "none",
          prompt: "",
          give: () => ({ name: "AcknowledgeMessage", request: { message: id } }),
        },
      ];
    case "task":
      if (item.fence !== null) return [];
      return [claim(id)];
    case "veto":
      return [
        {
          name: "veto",
          title: "Veto",
          words: "needed",
          prompt: "Why is it stopped? A veto is final and on record.",
          give: (reason) => ({ name: "VetoProposal", request: { proposal: id, reason } }),
        },
      ];
    case "duty":
      if (item.duty === "review" && subject !== null) return reviews(subject);
      if (item.duty === "advance")
        return [
          {
            name: "advancePhase",
            title: "Advance",
            words: "none",
            prompt: "",
            give: () => ({ name: "AdvancePhase", request: { mission: conversation } }),
          },
        ];
      return [];
  }
}

/** What may be lawful with a task, whether it waits or not; the node says what is. */
export function answersOfTask({ id, fence }: Pick<TaskRecord, "id" | "fence">): readonly Answer[] {
  return [
    claim(id),
    ...reviews(id),
    {
      name: "takeOverTask",
      title: "Take Over",
      words: "needed",
      prompt: "Why do you take it over? It is on record.",
      give: (reason) => ({ name: "TakeOverTask", request: { task: id, reason } }),
    },
    {
      name: "giveBackTask",
      title: "Give Back",
      words: "needed",
      prompt: "Why do you give it back? Whom you took it from claims it anew.",
      give: (reason) => ({ name: "GiveBackTask", request: { task: id, fence, reason } }),
    },
    {
      name: "handBackTask",
      title: "Hand Back",
      words: "needed",
      prompt: "Why do you hand it back? It can be assigned again then.",
      give: (reason) => ({ name: "HandBackTask", request: { task: id, fence, reason } }),
    },
  ];
}

function claim(task: string): Answer {
  return {
    name: "claimTask",
    title: "Claim",
    words: "none",
    prompt: "",
    give: () => ({ name: "ClaimTask", request: { task } }),
  };
}

function reviews(task: string): readonly Answer[] {
  return [true, false].map((accept) => ({
    name: accept ? "acceptResult" : "rejectResult",
    title: accept ? "Accept" : "Reject",
    words: "needed",
    prompt: `Why do you ${accept ? "accept" : "reject"} the result?`,
    give: (reason) => ({ name: "ReviewTask", request: { task, accept, reason } }),
  }));
}
