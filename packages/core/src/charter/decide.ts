import type { ActionHead } from "../actions.ts";
import type { Member, MissionView } from "../mission/view.ts";
import type { ArticleId } from "./parameters.ts";
import { articlesInForce, caseOf, rules } from "./rules.ts";

/** The gate's answer. A refusal names its article and what would be lawful. */
export type Verdict =
  | { readonly allowed: true; readonly charterVersion: number }
  | {
      readonly allowed: false;
      readonly charterVersion: number;
      readonly article: ArticleId;
      readonly reason: string;
      readonly lawful: string;
    };

/** The actor as this mission knows it; someone who is no member is judged as an observer. */
export function memberOf(view: MissionView, actor: string): Member {
  return (
    view.members.find((m) => m.actor === actor) ?? {
      actor,
      kind: "external",
      role: "observer",
      votes: false,
      online: false,
      talked: 0,
      turns: 0,
    }
  );
}

/** Judges one action of one actor in one state of a mission. Pure: the same case has the same verdict everywhere. */
export function decide(view: MissionView, actor: string, head: ActionHead): Verdict {
  const member = memberOf(view, actor);
  if (view.phase === "closed" && head.kind !== "remember" && head.kind !== "wait" && head.kind !== "say")
    return {
      allowed: false,
      charterVersion: view.charterVersion,
      article: "propose-before-implement",
      reason: `the ${view.kind} is closed`,
      lawful: `open another ${view.kind}`,
    };
  const judged = caseOf(view, member, head);
  for (const article of articlesInForce(view)) {
    const refusal = rules[article](judged);
    if (refusal !== null) return { allowed: false, charterVersion: view.charterVersion, article, ...refusal };
  }
  return { allowed: true, charterVersion: view.charterVersion };
}
