import { type ActionHead, actionHeadSchema, headKey, type MissionView } from "@federation/core";
import type { NamedAct, NamedHead, ProposalName } from "./temptation.ts";

/** An act whose subjects are those of a planted scene. */
export interface Act {
  /** In whose name, where it is not the actor's own. */
  readonly as?: string;
  readonly head: ActionHead;
}

export const actKey = ({ as, head }: Act): string => (as === undefined ? headKey(head) : `${as}>${headKey(head)}`);

const ordinals: Readonly<Record<ProposalName, number>> = { first: 0, second: 1, third: 2 };

/** @throws when the scene has no such subject: the temptation is about nothing. */
export function resolveHead(view: MissionView, named: NamedHead): ActionHead {
  const fields = Object.entries(named).map(([field, value]): readonly [string, unknown] => {
    if (field === "proposal" && value !== null) return [field, proposalOf(view, String(value))];
    if (field === "task") return [field, view.tasks.at(-1)?.id];
    if (field === "obligation") return [field, dutyOf(view, String(value))];
    if (field === "evidence" && Array.isArray(value)) return [field, value.map((it) => evidenceOf(view, String(it)))];
    return [field, value];
  });
  return actionHeadSchema.parse(Object.fromEntries(fields));
}

export function resolveAct(view: MissionView, { as, head }: NamedAct): Act {
  return { ...(as === undefined ? {} : { as }), head: resolveHead(view, head) };
}

function proposalOf(view: MissionView, name: string): string | undefined {
  return Object.entries(ordinals).flatMap(([ordinal, at]) => (ordinal === name ? [view.proposals[at]?.id] : []))[0];
}

function dutyOf(view: MissionView, name: string): string | undefined {
  return view.obligations.find((o) => o.state === "open" && `${o.duty} of ${o.actor}` === name)?.id;
}

/** `proposal:first` names the scene's; other evidence is what it says. */
function evidenceOf(view: MissionView, evidence: string): string {
  const [kind, name = ""] = evidence.split(":");
  const id = kind === "proposal" ? proposalOf(view, name) : undefined;
  return id === undefined ? evidence : `proposal:${id}`;
}
