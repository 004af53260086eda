/** The registry that a repository's guard asks, over the control API of a node on real rows. */

import { registeredKey, registryOf } from "@federation/daemon";
import type { GitRecord } from "@federation/runtime/ports";
import { type ContractClaim, claimRegistryContract } from "@federation/testkit/contracts";
import { expect } from "vitest";
import { type MeshNode, startMesh } from "../mesh/mesh-fixture.ts";

claimRegistryContract({
  name: "the rows, asked of a node",
  async open() {
    const mesh = await startMesh();
    const lea = await mesh.add("lea", "lead");
    const nodes: Readonly<Record<string, MeshNode>> = {
      dev: await mesh.add("dev", "developer"),
      ana: await mesh.add("ana", "analyst"),
      rob: await mesh.add("rob", "commander"),
    };
    const node = (actor: string): MeshNode => {
      const found = nodes[actor];
      if (found === undefined) throw new Error(`there is no ${actor}`);
      return found;
    };
    const rob = node("rob");
    const reason = "It is part of this test.";
    const holderOf = async ({ task, fence }: ContractClaim): Promise<MeshNode> =>
      node((await rob.call("ShowClaim", { task, fence })).claim?.holder ?? "");
    /** Claims with paths may not overlap: those before a new one are given up. */
    const bound: ContractClaim[] = [];
    const handedBack = async (claim: ContractClaim): Promise<void> => {
      await (await holderOf(claim)).call("HandBackTask", { ...claim, reason });
    };
    /** The nodes move the task's errand on by themselves. */
    const inPhase = async (task: string, phase: string): Promise<void> => {
      const { conversation } = (await rob.call("ShowTask", { task })).task;
      const now = async () => (await rob.call("ShowMission", { mission: conversation })).mission.phase;
      await expect.poll(now, { timeout: 10_000, interval: 20 }).toBe(phase);
    };
    const claimedAgain = async (task: string, actor: string): Promise<ContractClaim> => {
      await inPhase(task, "assign");
      await lea.call("AssignTask", { task, assignee: actor, instructions: "Go on with it." });
      await inPhase(task, "implement");
      return { task, fence: (await node(actor).call("ClaimTask", { task })).fence };
    };
    return {
      registry: registryOf({ call: (name, request) => rob.call(name, request) }),
      actors: { one: "dev", two: "ana", human: "rob" },
      async claimed(actor, scope) {
        if (scope.length > 0) for (const before of bound.splice(0)) await handedBack(before).catch(() => undefined);
        const { task } = await lea.call("OpenTask", {
          title: "Write it",
          instructions: "Write it down.",
          assignee: actor,
          scope: [...scope],
        });
        const { fence } = await node(actor).call("ClaimTask", { task });
        if (scope.length > 0) bound.push({ task, fence });
        return { task, fence };
      },
      async submitted(claim) {
        await (await holderOf(claim)).call("SubmitTask", {
          ...claim,
          summary: "It is written.",
          files: [{ path: "notes.md", content: "Written.\n" }],
          evidence: ["file:notes.md"],
        });
      },
      async accepted({ task }) {
        await inPhase(task, "review");
        await rob.call("ReviewTask", { task, accept: true, reason });
      },
      async sentBack({ task }) {
        await inPhase(task, "review");
        await rob.call("ReviewTask", { task, accept: false, reason });
        return { task, fence: (await rob.call("ShowTask", { task })).task.fence };
      },
      handedBack,
      async ranOut({ task }) {
        await mesh.owner("update federation.tasks set lease_until = clock_timestamp() - interval '1 s' where id = $1", [
          task,
        ]);
      },
      claimedAgain,
      async linked({ task, fence }, commit) {
        await mesh.owner("update federation.submissions set commit = $3 where task = $1 and fence = $2", [
          task,
          fence,
          commit,
        ]);
      },
      async keyRegistered(actor, publicKey) {
        await node(actor).call("AddSigningKey", registeredKey(publicKey));
      },
      async keyRevoked(publicKey) {
        await rob.call("RevokeSigningKey", { fingerprint: registeredKey(publicKey).fingerprint });
      },
      recorded: () =>
        mesh.owner<GitRecord>("select kind, actor, commit, ref, reason from federation.git_records order by id"),
      close: () => mesh.drop(),
    };
  },
});
