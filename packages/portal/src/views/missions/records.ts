import type { ControlResponse } from "@federation/core";
import { useQuery } from "../../ui/query-view.tsx";

export type ProposalRecord = ControlResponse<"ListProposals">["proposals"][number];
export type TaskRecord = ControlResponse<"ListTasks">["tasks"][number];

/** Proposals and tasks of a mission as records, with their times. */
export function useMissionRecords(mission: string): {
  readonly proposals: readonly ProposalRecord[];
  readonly tasks: readonly TaskRecord[];
} {
  const proposals = useQuery("ListProposals", { mission, limit: 100 }).data?.proposals ?? [];
  const tasks = useQuery("ListTasks", { mission, limit: 100 }).data?.tasks ?? [];
  return { proposals, tasks };
}
