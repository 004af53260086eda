import type { Member, Message, MissionView } from "@federation/core";
import type { Me } from "../ports/index.ts";

/**
 * A plain conversation seen as a mission without phases, duties or decisions, so that a message to an agent outside
 * any mission goes the same way as one inside: lawful set, choice, words, gate. Only talk is lawful in it.
 */
export function threadView(conversation: string, me: Me, due: readonly Message[]): MissionView {
  const others = [...new Set(due.map((m) => m.sender))].filter((sender) => sender !== me.actor);
  const member = (actor: string): Member => ({
    actor,
    kind: "external",
    role: "observer",
    votes: false,
    online: true,
    talked: 0,
    turns: 0,
  });
  return {
    id: conversation,
    kind: "mission",
    repository: null,
    objective: "Answer the message",
    createdBy: me.actor,
    seed: 0,
    phase: "propose",
    phaseNo: 0,
    round: 0,
    phaseEnteredAt: "",
    phaseDeadline: null,
    overdue: false,
    outcome: null,
    report: null,
    charterVersion: me.charterVersion,
    parameters: me.parameters,
    articlesOff: [...me.articlesOff],
    tokens: 0,
    ageMs: 0,
    members: [{ ...member(me.actor), kind: me.kind, role: me.role }, ...others.map(member)],
    obligations: [],
    proposals: [],
    tasks: [],
    heldScopes: [],
  };
}
