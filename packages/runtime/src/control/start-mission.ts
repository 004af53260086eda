import { type ControlRequest, type ControlResponse, MeshError, openingDuties } from "@federation/core";
import type { ControlCaller } from "../ports/index.ts";
import { applyCall, type ControlDeps, resultOf } from "./call.ts";

type RosterEntry = ControlResponse<"ListRoster">["actors"][number];

/**
 * Opens a mission. Its members are the agents named, or every agent; the caller; and every human commander, who may
 * then read, speak and veto. Agents vote, commanders only where they ask for it themselves,
 * external actors never: who hosts them would have a ballot for each.
 */
export async function startMission(
  deps: ControlDeps,
  request: ControlRequest<"StartMission">,
  caller: ControlCaller,
): Promise<ControlResponse<"StartMission">> {
  const { actors } = await deps.store.query("ListRoster", {}, caller.actor);
  const named = request.members === undefined ? undefined : new Set(request.members);
  for (const name of named ?? [])
    if (!actors.some((a) => a.actor === name))
      throw new MeshError("not_found", `There is no actor ${name}; see: federation roster.`);
  const takesPart = (a: RosterEntry): boolean => (named === undefined ? a.kind === "agent" : named.has(a.actor));
  const belongs = (a: RosterEntry): boolean =>
    takesPart(a) || a.actor === caller.actor || (a.kind === "human" && a.role === "commander");
  const votes = (a: RosterEntry): boolean =>
    a.role !== "observer" && (a.kind === "agent" || (a.actor === caller.actor && request.vote));
  const members = actors.filter(belongs);
  if (!members.some((a) => a.kind === "agent" && a.role !== "observer"))
    throw new MeshError("invalid_input", "A mission needs at least one agent; see: federation roster.");
  const operations = [
    {
      op: "start_mission",
      id: request.id ?? deps.random.uuid(),
      objective: request.objective,
      repository: request.repository ?? null,
      scope: request.scope,
      seed: request.seed ?? Math.floor(deps.random.fraction() * 2_147_483_648),
      members: members.map((a) => ({ actor: a.actor, votes: votes(a) })),
      duties: openingDuties(members),
    },
  ] as const;
  const outcome = await applyCall(deps, caller, "StartMission", operations);
  return { mission: resultOf(outcome, operations, "start_mission").id ?? operations[0].id };
}
