import type { MeshEvent } from "@federation/core";
import { hrefOf } from "../../routing/route.ts";

/** Where what an event is about can be looked at. */
export function subjectHref(event: MeshEvent, isActor: (name: string) => boolean): string | undefined {
  const { kind, subject } = event;
  if (subject === null) return undefined;
  if (isActor(subject)) return hrefOf("actors", subject);
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-/.test(subject)) return undefined;
  if (/^(Task|Errand)/.test(kind)) return hrefOf("tasks", subject);
  if (/^(Proposal|Ballot|DecisionRecorded)/.test(kind)) return hrefOf("proposals", subject);
  if (/^(Message|Delivery)/.test(kind)) return hrefOf("messages", subject);
  if (/^Mission/.test(kind)) return hrefOf("missions", subject);
  if (kind === "TurnFailed") return hrefOf("turns", subject);
  return undefined;
}
