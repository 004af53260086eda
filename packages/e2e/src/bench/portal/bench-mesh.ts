/**
 * The mesh that the portal is measured in: the commander's `federationd` on a real PostgreSQL and an embedded broker, and a
 * second node's login. What only fills it is put in by the database's owner.
 */
import type { ControlClient } from "@federation/mcp/client";
import { fillLongLived } from "@federation/store/testing";
import { type JoinNode, startJoinNode } from "../../join/testing/join-node.ts";
import { type OtherNode, startOtherNode } from "./other-node.ts";

/** Three without a daemon: the second node, and two whom nobody hosts, so that what is sent to them waits as rows. */
const others = 3;

export interface BenchMesh {
  readonly node: JoinNode;
  readonly client: ControlClient;
  readonly other: OtherNode;
  /** With the commander. */
  readonly actors: number;
  /** Threads to talk in: one of the commander's and one of the other node's. */
  readonly threads: { readonly commander: string; readonly other: string };
  /** Takes back what waits for actors that are not there: somebody reads their messages, in a mesh that is at work. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

export interface BenchMeshOptions {
  /** 50 actors, 100,000 events and all that belongs to them; or no more than four actors. */
  readonly size: "small" | "long-lived";
}

export async function startBenchMesh({ size }: BenchMeshOptions): Promise<BenchMesh> {
  const node = await startJoinNode();
  const closing: (() => Promise<unknown>)[] = [() => node.close()];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    await node.federation("portal", "--build");
    const client = await node.commander();
    closing.push(() => client.close());
    const other = await startOtherNode(node.adminUrl, "baby");
    closing.push(() => other.close());
    // No daemon renews it here.
    await node.owner("update federation.presence set lease_until = 'infinity' where actor = $1", [other.actor]);
    for (const name of ["visitor-1", "visitor-2"]) await client.call("AddActor", { name, role: "analyst" });
    const filled = size === "small" ? 0 : 50 - 1 - others;
    if (filled > 0) {
      await fillLongLived((sql) => node.owner(sql), filled);
      // They have no login, which closing looks for.
      closing.push(async () => {
        await node.owner("delete from federation.presence where actor like 'actor-%'");
        await node.owner("delete from federation.nodes where actor like 'actor-%'");
      });
    }
    const mine = await client.call("SendMessage", { to: "visitor-1", text: "Let us talk about the relay." });
    const its = await other.call("SendMessage", { to: "visitor-2", text: "Let us talk about the relay." });
    return {
      node,
      client,
      other,
      actors: 1 + others + filled,
      threads: { commander: mine.conversation, other: its.conversation },
      tidy: async () => {
        await node.owner(
          `update federation.deliveries set state = 'done', acted_at = clock_timestamp(), acted_by = 'rule'
            where state = 'due' and recipient like 'visitor-%'`,
        );
        await node.owner("vacuum analyze");
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
