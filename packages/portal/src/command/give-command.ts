/**
 * Gives a command, and says what came of it.
 *
 * 1. It has its call id before the first try: sent again by the client or by hand, it happens once.
 * 2. What only this page may know, a token or a ticket, is made here, and its hash goes to the node. It belongs to the call
 *    id: under one id the node knows the first hash alone, and another secret would open nothing.
 */
import {
  type CharterRefusal,
  type ControlName,
  charterRefusalOf,
  MeshError,
  parseControlRequest,
} from "@federation/core";
import type { ControlClient } from "@federation/mcp/client/web";
import { makeSecret, sha256Hex } from "../home/page-secrets.ts";

export type CommandEnd =
  | { readonly end: "done"; readonly answer: unknown; readonly secret: string | undefined }
  | ({ readonly end: "refused" } & CharterRefusal)
  | { readonly end: "failed"; readonly error: MeshError };

/** Commands of which the node is given the hash of a secret. */
const secretCommands: readonly ControlName[] = ["IssueToken", "IssueTicket"];

export function needsSecret(name: ControlName): boolean {
  return secretCommands.includes(name);
}

type Caller = Pick<ControlClient, "callUntyped">;
type Request = Readonly<Record<string, unknown>>;

/** What is the same at every try of a request. */
interface Call {
  readonly of: string;
  readonly id: string;
  readonly secret: string | undefined;
}

export interface Giver {
  give(client: Promise<Caller>, request: Request): Promise<CommandEnd>;
}

/** One command, as often as it is given: the same request after one without an answer is the same call. */
export function createGiver(name: ControlName): Giver {
  let unanswered: Call | undefined;
  return {
    async give(client, request) {
      const of = JSON.stringify(request);
      if (unanswered?.of !== of)
        unanswered = { of, id: crypto.randomUUID(), secret: needsSecret(name) ? makeSecret() : undefined };
      const ended = await tryOnce(client, name, request, unanswered);
      const lost =
        ended.end === "failed" && (ended.error.code === "deadline_exceeded" || ended.error.code === "unavailable");
      if (!lost) unanswered = undefined;
      return ended;
    },
  };
}

async function tryOnce(
  client: Promise<Caller>,
  name: ControlName,
  request: Request,
  { id, secret }: Call,
): Promise<CommandEnd> {
  try {
    const whole = secret === undefined ? request : { ...request, sha256: await sha256Hex(secret) };
    // Said here already, without a way to the node and back: which field is wrong, and how.
    parseControlRequest(name, whole);
    const answer = await (await client).callUntyped(name, whole, { callId: id });
    return { end: "done", answer, secret };
  } catch (thrown) {
    const error = MeshError.from(thrown);
    const refusal = charterRefusalOf(error);
    return refusal === undefined ? { end: "failed", error } : { end: "refused", ...refusal };
  }
}
