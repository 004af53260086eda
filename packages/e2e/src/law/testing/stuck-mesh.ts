import type { CharterParameters, ControlResponse } from "@federation/core";
import { type Mesh, type MeshNode, startMesh, until } from "../../mesh/mesh-fixture.ts";
import { type Part, playing } from "./scripted-node.ts";

/** A mesh in which leases and deadlines are short, and what stuck cases ask of it. */
export interface StuckMesh {
  readonly mesh: Mesh;
  readonly rob: MeshNode;
  agent(actor: string, role: "lead" | "developer" | "analyst", part: Part): Promise<MeshNode>;
  /** Its process is gone, and with it the lease of its presence, which is shorter than that of a claim. */
  die(node: MeshNode): Promise<void>;
  openTask(assignee: string): Promise<ControlResponse<"OpenTask">>;
  startMission(): Promise<string>;
  stateOf(task: string): Promise<ControlResponse<"ShowTask">["task"]>;
  reaches(task: string, state: string): Promise<void>;
  inPhase(mission: string, phase: string): Promise<void>;
  /** How it ended; waits for that. */
  outcomeOf(mission: string): Promise<string>;
  historyOf(task: string): Promise<readonly Step[]>;
  /** A moment on the database's clock. */
  momentOf(sql: string, id: string): Promise<number>;
  /** Why and when a phase was left. */
  leaving(mission: string, phase: string): Promise<{ readonly leftMs: number; readonly reason: string }>;
}

export interface Step {
  readonly actor: string;
  readonly to: string;
  readonly reason: string;
  readonly atMs: number;
}

export const LEASE_MS = 3_000;
export const CLAIM_WITHIN_MS = 3_000;
export const PHASE_MS = 6_000;

export const quick = (shipped: CharterParameters): CharterParameters => ({
  ...shipped,
  "explicit-assignment": { pool: false, claimWithinMs: CLAIM_WITHIN_MS },
  "leases-and-hand-back": { leaseMs: LEASE_MS, humanLeaseMs: 600_000, maxReassignments: 2 },
  "quorum-and-deadline": {
    ...shipped["quorum-and-deadline"],
    phaseDeadlineMs: {
      propose: PHASE_MS,
      critique: PHASE_MS,
      vote: PHASE_MS,
      assign: PHASE_MS,
      implement: 60_000,
      review: PHASE_MS,
      synthesise: PHASE_MS,
    },
  },
  budgets: { ...shipped.budgets, wallMsPerTask: 60_000 },
});

export async function startStuckMesh(parameters: typeof quick = quick): Promise<StuckMesh> {
  const mesh = await startMesh({ parameters, settleMs: 200 });
  const rob = await mesh.add("rob", "commander");
  const phaseOf = async (mission: string) => (await rob.call("ShowMission", { mission })).mission;
  const stateOf = async (task: string) => (await rob.call("ShowTask", { task })).task;
  return {
    mesh,
    rob,
    agent: (actor, role, part) => mesh.add(actor, role, playing(part)),
    async die(node) {
      await node.stop();
      await mesh.owner("update federation.presence set lease_until = clock_timestamp() where actor = $1", [node.actor]);
    },
    openTask: async (assignee) =>
      await rob.call("OpenTask", { title: "Sweep the queue", instructions: "Delete what nobody waits for.", assignee }),
    startMission: async () =>
      (await rob.call("StartMission", { objective: "Choose a retry policy and write it down", seed: 7 })).mission,
    stateOf,
    reaches: (task, state) =>
      until(`the task is ${state}`, async () => (await stateOf(task)).state === state, LONGEST_MS),
    inPhase: (mission, phase) =>
      until(`the phase ${phase}`, async () => (await phaseOf(mission)).phase === phase, LONGEST_MS),
    async outcomeOf(mission) {
      await until("it is closed", async () => (await phaseOf(mission)).phase === "closed", LONGEST_MS);
      return (await phaseOf(mission)).outcome ?? "";
    },
    historyOf: async (task) =>
      await mesh.owner<Step & Record<string, unknown>>(
        `select actor, to_state as to, reason, extract(epoch from at)::float8 * 1000 as "atMs"
         from federation.task_history where task = $1 order by id`,
        [task],
      ),
    async momentOf(sql, id) {
      const [row] = await mesh.owner<{ ms: number }>(`select extract(epoch from (${sql}))::float8 * 1000 as ms`, [id]);
      if (row === undefined) throw new Error(`no moment: ${sql}`);
      return row.ms;
    },
    async leaving(mission, phase) {
      const [row] = await mesh.owner<{ leftMs: number; reason: string }>(
        `select extract(epoch from p.left_at)::float8 * 1000 as "leftMs", n.reason from federation.mission_phases p
         join federation.mission_phases n on n.conversation = p.conversation and n.phase_no = p.phase_no + 1
         where p.conversation = $1 and p.phase = $2 order by p.phase_no limit 1`,
        [mission, phase],
      );
      if (row === undefined) throw new Error(`${phase} was not left`);
      return row;
    },
  };
}

/** Far beyond every bound there is here. */
const LONGEST_MS = 60_000;
