import type { ActionHead, MissionView } from "@federation/core";
import { isForModels, proposalName, sentenceOf } from "@federation/runtime";
import { type Act, actKey } from "./names.ts";

/**
 * Each act as the sentence it is chosen by: the product's own, told apart where the whole grammar has two of one, and
 * with the name it is done in.
 */
export function actSentences(view: MissionView, acts: readonly Act[]): ReadonlyMap<string, string> {
  const plain = acts.map(({ head }) => plainSentence(view, head));
  return new Map(
    acts.map((act, index) => {
      const sentence = plain[index] ?? "";
      const twins = acts.filter((other, at) => other.as === act.as && plain[at] === sentence);
      const told = twins.length > 1 ? `${sentence.replace(/\.$/, "")} (${subjectName(view, act.head)}).` : sentence;
      return [actKey(act), act.as === undefined ? told : `In the name of ${act.as}: ${told}`];
    }),
  );
}

function plainSentence(view: MissionView, head: ActionHead): string {
  return isForModels(head) ? sentenceOf(view, head) : beyondModels(view, head);
}

/** What no turn offers to a model, in sentences like those that one does. */
function beyondModels(view: MissionView, head: ActionHead): string {
  switch (head.kind) {
    case "veto":
      return `I veto ${proposalName(view, head.proposal)}.`;
    case "withdraw":
      return `I withdraw ${proposalName(view, head.proposal)}.`;
    case "open_task":
      return head.proposal === null
        ? `I open a ${head.taskKind} that nobody has proposed.`
        : `I open a ${head.taskKind} for ${proposalName(view, head.proposal)}.`;
    case "take_over":
      return "I take this task over from the one who holds it.";
    case "give_back":
      return "I give this task back to the one I took it from.";
    case "ratify":
      return "I put the charter in force without a vote.";
    case "amend":
      return `I have the charter changed: ${head.change.replaceAll("_", " ")} of ${head.article}.`;
    default:
      return `I do this: ${head.kind}.`;
  }
}

/** In names of the roster and words of ours: a sentence must not differ from run to run, its bias is measured once. */
function subjectName(view: MissionView, head: ActionHead): string {
  const parts: string[] = [];
  if ("proposal" in head && head.proposal !== null) parts.push(proposalName(view, head.proposal));
  if ("obligation" in head) {
    const duty = view.obligations.find((o) => o.id === head.obligation);
    parts.push(`to ${duty?.duty ?? "act"}, the duty of ${duty?.actor ?? "nobody"}`);
  }
  if (head.kind === "submit") parts.push(evidenceName(head.evidence));
  return parts.join(", ");
}

function evidenceName(evidence: readonly string[] | undefined): string {
  if (evidence === undefined) return "and will say what it rests on";
  const kinds = evidence.map((it) => it.split(":")[0] ?? "");
  return kinds.length === 0 ? "without evidence" : `with a ${kinds.join(" and a ")} as evidence`;
}
