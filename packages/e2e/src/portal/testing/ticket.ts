import { createHash, randomBytes } from "node:crypto";
import type { ControlClient } from "@federation/mcp/client";

/** A ticket for one page, as the command line makes it: the secret stays here. */
export async function makeTicket(client: ControlClient, origin: string): Promise<string> {
  const ticket = randomBytes(32).toString("base64url");
  const sha256 = createHash("sha256").update(ticket).digest("hex");
  await client.call("IssueTicket", { sha256, origin });
  return ticket;
}
