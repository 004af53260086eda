import { randomUUID } from "node:crypto";
import type { ControlClient } from "@federation/mcp/client";
import type { DevConsole } from "./console.ts";

export const foundingFailed =
  "The founding vote failed, and the shipped charter holds; `npx -y pnpm@12 federation charter adopt` adopts it by your word.";

/**
 * Puts the shipped charter to the vote, once; the team votes beside its other work. Answers the founding vote that is
 * open, or null.
 */
export async function foundCharter(client: ControlClient, ui: DevConsole): Promise<string | null> {
  const [charter, { motions }] = await Promise.all([
    client.call("ShowCharter", {}),
    client.call("ListMotions", { limit: 500 }),
  ]);
  if (charter.how !== "shipped") return null;
  const founding = motions.find((motion) => motion.kind === "ratification");
  if (founding === undefined) return (await client.call("RatifyCharter", {}, { callId: randomUUID() })).motion;
  if (founding.outcome === null) return founding.id;
  ui.note(foundingFailed);
  return null;
}
