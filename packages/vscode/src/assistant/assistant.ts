/**
 * The editor's assistant as an actor of the mesh: an external one, with a token of its own and never the person's.
 *
 * 1. The token is made here, kept in the editor's secret store before it is made good, and the node is told its hash
 *    alone. So is the record of it: whatever happens meanwhile, it can be ended from here.
 * 2. One assistant belongs to one workspace; the record of it holds no secret.
 */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { isSurelyUndone, MeshError } from "@federation/core";
import type { ControlClient } from "@federation/mcp/client";
import { z } from "zod";
import { type Way, waySchema } from "../finding/way.ts";

export const assistantRoles = ["developer", "analyst", "observer"] as const;
export type AssistantRole = (typeof assistantRoles)[number];

export const assistantSchema = z.object({
  actor: z.string(),
  role: z.enum(assistantRoles),
  /** Of the token. */
  token: z.uuid(),
  way: waySchema,
  /** Where its node was then; where it is now, the way says. */
  url: z.string(),
});
export type Assistant = z.infer<typeof assistantSchema>;

/** The editor's secret store. */
export interface Secrets {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
}

const label = "the assistant of VS Code";

export const assistantSecret = ({ token }: Pick<Assistant, "token">): string => `assistant ${token}`;

/** @param wanted `known`: that actor is in the federation already. @param keep keeps the record of it, or none. @throws MeshError with the node's reason. */
export async function letJoin(
  call: ControlClient["call"],
  secrets: Secrets,
  wanted: {
    readonly actor: string;
    readonly role: AssistantRole;
    readonly way: Way;
    readonly url: string;
    readonly known: boolean;
  },
  keep: (assistant: Assistant | undefined) => PromiseLike<void>,
): Promise<Assistant> {
  const { actor, role, way, url, known } = wanted;
  if (!known) await call("AddActor", { name: actor, role, description: "The assistant of an editor." });
  const assistant: Assistant = { actor, role, token: randomUUID(), way, url };
  const secret = randomBytes(32).toString("base64url");
  await secrets.store(assistantSecret(assistant), secret);
  await keep(assistant);
  try {
    const sha256 = createHash("sha256").update(secret).digest("hex");
    await call("IssueToken", { id: assistant.token, actor, sha256, label, scopes: ["read", "act"] });
  } catch (thrown) {
    const error = MeshError.from(thrown);
    if (isSurelyUndone(error.code)) {
      await keep(undefined);
      await secrets.delete(assistantSecret(assistant));
    }
    throw error;
  }
  return assistant;
}

/** Ends the token; with `retire` the actor is out for good, and what it held is free. @throws MeshError. */
export async function letLeave(
  call: ControlClient["call"],
  secrets: Secrets,
  assistant: Assistant,
  retire: boolean,
): Promise<void> {
  await call("RevokeToken", { token: assistant.token });
  if (retire) await call("RetireActor", { name: assistant.actor });
  await secrets.delete(assistantSecret(assistant));
}
