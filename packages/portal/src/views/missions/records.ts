/** Proposals and tasks as records, with their times. */
import type { ControlResponse } from "@federation/core";

export type ProposalRecord = ControlResponse<"ListProposals">["proposals"][number];
export type TaskRecord = ControlResponse<"ListTasks">["tasks"][number];
