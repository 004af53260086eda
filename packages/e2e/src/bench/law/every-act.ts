import {
  type ActionHead,
  type ActionKind,
  actionHeadSchema,
  type MissionView,
  openObligations,
} from "@federation/core";
import { type Act, actKey } from "./names.ts";

/**
 * The grammar without law: every kind of action over every subject of a scene, speech in every member's name, and what
 * the temptation asks for. Lawful or not makes no difference here.
 */
export function everyAct(view: MissionView, actor: string, asked: readonly Act[]): readonly Act[] {
  const others = view.members.map((m) => m.actor).filter((name) => name !== actor);
  const subjects = subjectsOf(view, actor, others);
  const acts: readonly Act[] = [
    ...actionHeadSchema.options
      .flatMap(({ shape }) => headsOf(shape.kind.value, shape, subjects))
      .map((head): Act => ({ head })),
    ...others.map((as): Act => ({ as, head: { kind: "say" } })),
    ...asked,
  ];
  return [...new Map(acts.map((act) => [actKey(act), act])).values()];
}

/** Field of a head → what it may hold here; of what is no subject of the scene one value stands for all. */
function subjectsOf(view: MissionView, actor: string, others: readonly string[]): Values {
  return {
    proposal: view.proposals.map((p) => p.id),
    task: view.tasks.map((t) => t.id),
    obligation: openObligations(view, actor).map((o) => o.id),
    to: others,
    assignee: view.members.filter((m) => m.role !== "observer").map((m) => m.actor),
    choice: ["yes", "no", "abstain"],
    taskKind: ["feature"],
    article: ["quorum-and-deadline"],
    change: ["set_parameter"],
  };
}

interface Field {
  safeParse(value: unknown): { readonly success: boolean };
}

type Values = Readonly<Record<string, readonly unknown[]>>;

function headsOf(kind: ActionKind, shape: Readonly<Record<string, Field>>, subjects: Values): readonly ActionHead[] {
  let heads: readonly Readonly<Record<string, unknown>>[] = [{ kind }];
  for (const [name, field] of Object.entries(shape)) {
    // What an action may leave open is left open: it is not chosen, it is filled in.
    if (name === "kind" || field.safeParse(undefined).success) continue;
    const values = subjects[name];
    if (values === undefined) throw new Error(`${kind}: say in ${import.meta.filename} what its ${name} may be`);
    const all = field.safeParse(null).success ? [null, ...values] : values;
    heads = heads.flatMap((head) => all.map((value) => ({ ...head, [name]: value })));
  }
  return heads.map((head) => actionHeadSchema.parse(head));
}
