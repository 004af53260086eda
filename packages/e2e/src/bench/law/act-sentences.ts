import type { ActionHead, MissionView } from "@federation/core";
import { sentenceOf } from "@federation/runtime";
import { type Act, actKey } from "./names.ts";

/**
 * Each act as the sentence it is chosen by: the product's own, told apart where the whole grammar has two of one, and
 * with the name it is done in.
 */
export function actSentences(view: MissionView, acts: readonly Act[]): ReadonlyMap<string, string> {
  const plain = acts.map((act) => sentenceOf(view, act.head));
  return new Map(
    acts.map((act, index) => {
      const sentence = plain[index] ?? "";
      const twins = acts.filter((other, at) => other.as === act.as && plain[at] === sentence);
      const told = twins.length > 1 ? `${sentence.replace(/\\.$/, "")} (${subjectName(view, act.head)}).` : sentence;
      return [actKey(act), act.as === undefined ? told : `In the name of ${act.as}: ${told}`];
    }),
  );
}

/** In names of the roster and words of ours: a sentence must not differ from run to run, its bias is measured once. */
function subjectName(view: MissionView, head: ActionHead): string {
  const parts: string[] = [];
  if ("proposal" in head && head.proposal !== null) {
    const number = 1 + view.proposals.findIndex((p) => p.id === head.proposal);
    parts.push(`plan ${number}, by ${view.proposals[number - 1]?.author ?? "nobody"}`);
  }
  if ("obligation" in head) {
    const duty = view.obligations.find((o) => o.id === head.obligation);
    parts.push(`to ${duty?.duty ?? "act"}, the duty of ${duty?.actor ?? "nobody"}`);
  }
  if ("taskKind" in head) parts.push(`a ${head.taskKind}`);
  if ("article" in head) parts.push(`${head.article}: ${head.change.replaceAll("_", " ")}`);
  if (head.kind === "submit") parts.push(evidenceName(head.evidence));
  return parts.join(", ");
}

function evidenceName(evidence: readonly string[] | undefined): string {
  if (evidence === undefined) return "and will say what it rests on";
  const kinds = evidence.map((it) => it.split(":")[0] ?? "");
  return kinds.length === 0 ? "without evidence" : `with a ${kinds.join(" and a ")} as evidence`;
}
