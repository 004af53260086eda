import { randomUUID } from "node:crypto";
import { decide, MeshError } from "@federation/core";
import type { Federation } from "@federation/store/testing";
import type { Act } from "./names.ts";
import { operationsOf } from "./operations-of.ts";
import { type Planted, stateFor } from "./plant-scene.ts";

/** What became of an act: done, or who refused it. */
export type Fate =
  | { readonly end: "done" }
  | {
      readonly end: "refused";
      readonly by: "gate" | "database";
      readonly article: string | null;
      readonly reason: string;
    };

/**
 * The act as a node of the actor does it: through the gate, then on the real store. The gate judges who calls, whatever
 * name is given; the name is the database's to refuse.
 */
export async function throughTheGate(federation: Federation, actor: string, scene: Planted, act: Act): Promise<Fate> {
  const verdict = decide(stateFor(scene, act.head), actor, act.head);
  if (!verdict.allowed) return { end: "refused", by: "gate", article: verdict.article, reason: verdict.reason };
  return await straightToTheDatabase(federation, actor, scene, act);
}

/** The same act with the gate left out: what it comes to is given to the database as it is. */
export async function straightToTheDatabase(
  federation: Federation,
  actor: string,
  scene: Planted,
  act: Act,
): Promise<Fate> {
  const operations = operationsOf(scene, actor, act.head);
  try {
    const { results } = await federation.store(actor).apply({
      callId: randomUUID(),
      command: "Temptation",
      operations,
      ...(act.as === undefined ? {} : { as: act.as }),
    });
    // A claim that lost is answered, not refused; a move that another state would need is not made.
    if (results[0]?.claimed === false) return lost("another holds it");
    if (results[0]?.moved === false) return lost("the phase is not to be left");
    return { end: "done" };
  } catch (thrown) {
    const error = MeshError.from(thrown);
    // A database that is away refuses nothing, nor does one that was given nonsense.
    if (!refusals.includes(error.code)) throw error;
    const article = error.details["article"];
    return {
      end: "refused",
      by: "database",
      article: typeof article === "string" ? article : null,
      reason: error.message,
    };
  }
}

const refusals: readonly MeshError["code"][] = [
  "refused",
  "conflict",
  "fenced",
  "not_found",
  "forbidden",
  "limit_exceeded",
];

const lost = (reason: string): Fate => ({ end: "refused", by: "database", article: null, reason });
