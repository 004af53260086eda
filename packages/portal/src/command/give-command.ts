/**
 * Gives a command, and says what came of it.
 *
 * 1. It has its call id before the first try: sent again by the client or by hand, it happens once.
 * 2. What only this page may know, a token or a ticket, is made here, and its hash goes to the node.
 */
import { type ControlName, MeshError, parseControlRequest } from "@federation/core";
import type { ControlClient } from "@federation/mcp/client/web";
import { makeSecret, sha256Hex } from "../home/page-secrets.ts";

export type CommandEnd =
  | { readonly end: "done"; readonly answer: unknown; readonly secret: string | undefined }
  | { readonly end: "refused"; readonly article: string; readonly reason: string; readonly lawful: string }
  | { readonly end: "failed"; readonly error: MeshError };

/** Commands of which the node is given the hash of a secret. */
const secretCommands: readonly ControlName[] = ["IssueToken", "IssueTicket"];

export function needsSecret(name: ControlName): boolean {
  return secretCommands.includes(name);
}

export async function giveCommand(
  client: ControlClient,
  name: ControlName,
  request: Readonly<Record<string, unknown>>,
  callId: string,
): Promise<CommandEnd> {
  try {
    const secret = needsSecret(name) ? makeSecret() : undefined;
    const whole = secret === undefined ? request : { ...request, sha256: await sha256Hex(secret) };
    // Said here already, without a way to the node and back: which field is wrong, and how.
    parseControlRequest(name, whole);
    const answer = await client.callUntyped(name, whole, { callId });
    return { end: "done", answer, secret };
  } catch (thrown) {
    const error = MeshError.from(thrown);
    const { article, reason, lawful } = error.details;
    if (error.code === "refused" && typeof article === "string")
      return {
        end: "refused",
        article,
        reason: typeof reason === "string" ? reason : error.message,
        lawful: typeof lawful === "string" ? lawful : "",
      };
    return { end: "failed", error };
  }
}
