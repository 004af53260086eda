import type { ControlClient } from "@federation/mcp/client";
import type { ClaimRegistry } from "@federation/runtime/ports";

/** What the guard of a repository asks, asked of a node. */
export function registryOf(client: Pick<ControlClient, "call">): ClaimRegistry {
  return {
    claim: async (task, fence) => (await client.call("ShowClaim", { task, fence })).claim ?? undefined,
    liveClaims: async (actor) => (await client.call("ListClaims", { actor })).claims,
    async signingKeys() {
      const { keys } = await client.call("ListSigningKeys", {});
      // The system itself signs nothing.
      return keys.flatMap(({ kind, ...key }) => (kind === "system" ? [] : [{ ...key, kind }]));
    },
    record: async (entries) => {
      if (entries.length > 0) await client.call("RecordGit", { entries: [...entries] });
    },
  };
}
