/**
 * The id of a session over HTTP: a UUID, and behind it what a later run of the daemon needs to take the session up.
 *
 * 1. It is no credential: every request brings its token, and the id names the actor it belongs to.
 * 2. It is the client's own `initialize`, told back: nothing in it is secret, and a forged one gives what a forged
 *    `initialize` would.
 * 3. An `initialize` that does not fit gets an id without the rest: such a session ends with the daemon.
 */
import { randomUUID } from "node:crypto";
import { jsonDepth } from "@federation/core";
import { z } from "zod";
import type { JsonRpcRequest } from "./json-rpc.ts";

const maxIdLength = 4096;
const maxDepth = 16;

const claimsSchema = z.strictObject({
  actor: z.string().max(128),
  /** `params` of the client's `initialize`. */
  initialize: z.record(z.string(), z.unknown()),
  /** What it was shown of tools, resources and prompts: where that differs, its client is told to list them again. */
  surface: z.string().max(100).nullable(),
});
export type SessionClaims = z.infer<typeof claimsSchema>;

export interface SessionId {
  readonly uuid: string;
  /** Absent in an id that did not fit. */
  readonly claims: SessionClaims | undefined;
}

export function createSessionId(actor: string, initialize: JsonRpcRequest, surface: string | null): string {
  const uuid = randomUUID();
  const { protocolVersion, capabilities, clientInfo } = initialize.params ?? {};
  const claims = JSON.stringify({ actor, initialize: { protocolVersion, capabilities, clientInfo }, surface });
  const id = `${uuid}.${Buffer.from(claims, "utf8").toString("base64url")}`;
  return id.length <= maxIdLength && jsonDepth(claims) <= maxDepth ? id : uuid;
}

/** Undefined for what was never an id of ours. */
export function readSessionId(id: string): SessionId | undefined {
  if (id.length > maxIdLength) return undefined;
  const parts = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.([A-Za-z0-9_-]+))?$/.exec(id);
  const uuid = parts?.[1];
  if (uuid === undefined) return undefined;
  const encoded = parts?.[2];
  if (encoded === undefined) return { uuid, claims: undefined };
  const text = Buffer.from(encoded, "base64url").toString("utf8");
  if (jsonDepth(text) > maxDepth) return undefined;
  try {
    const claims = claimsSchema.safeParse(JSON.parse(text));
    return claims.success ? { uuid, claims: claims.data } : undefined;
  } catch {
    return undefined;
  }
}
