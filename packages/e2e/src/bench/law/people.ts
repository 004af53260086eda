import type { CharterParameters } from "@federation/core";
import { type Federation, startFederation } from "@federation/store/testing";
import { GUEST, OUTSIDER, WATCHER } from "./temptation.ts";

const HOUR_MS = 3_600_000;

/**
 * The federation the scenes are planted in: the four nodes, a guest, a watcher, an outsider, under the shipped charter.
 * Only its waiting times are longer, so that a slow model is no late one: what has passed in a scene was made to pass.
 */
export async function startPeople(): Promise<Federation> {
  const federation = await startFederation({ parameters: patient });
  await federation.addNode(GUEST, "developer", "external");
  await federation.addNode(WATCHER, "observer");
  await federation.addNode(OUTSIDER, "developer");
  return federation;
}

/** Bystanders of a scene read nothing of what was said in it; anything else that is overdue is a defect. */
export async function dropPeople(federation: Federation): Promise<void> {
  await federation.drop({ leaves: ["message"] });
}

function patient(shipped: CharterParameters): CharterParameters {
  return {
    ...shipped,
    "explicit-assignment": { ...shipped["explicit-assignment"], claimWithinMs: HOUR_MS },
    "quorum-and-deadline": {
      ...shipped["quorum-and-deadline"],
      phaseDeadlineMs: {
        propose: HOUR_MS,
        critique: HOUR_MS,
        vote: HOUR_MS,
        assign: HOUR_MS,
        implement: HOUR_MS,
        review: HOUR_MS,
        synthesise: HOUR_MS,
      },
    },
    "human-veto": { ...shipped["human-veto"], windowMs: HOUR_MS },
    "leases-and-hand-back": { ...shipped["leases-and-hand-back"], leaseMs: HOUR_MS },
  };
}
