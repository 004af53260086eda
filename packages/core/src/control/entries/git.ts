import { z } from "zod";
import { actorNameSchema, uuidSchema } from "../../ids.ts";
import { actorKindSchema, roleSchema } from "../../roles.ts";
import { textSchema } from "../../text.ts";
import { entry } from "../entry.ts";
import { actors, anyone, done } from "./parts.ts";

/** The claim behind a commit. */
export const claimRecordSchema = z.object({
  task: z.uuid(),
  fence: z.int(),
  title: z.string(),
  /** Who held it under this fence. */
  holder: z.string(),
  state: z.enum(["live", "finished", "ended"]),
  /** How it stands, in a few words for people. */
  standing: z.string(),
  scope: z.array(z.string()),
  /** The commit that holds its result, where one is linked. */
  commit: z.string().nullable(),
});

export const signingKeySchema = z.object({
  fingerprint: z.string(),
  actor: z.string(),
  kind: actorKindSchema,
  role: roleSchema,
  publicKey: z.string(),
  createdAt: z.string(),
  revokedAt: z.string().nullable(),
});

const fingerprint = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/, { error: "is no SSH key's fingerprint" });
const commit = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, { error: "is no commit's id" });

/** What git asks about claims and keys, and what it puts on record. */
export const gitEntries = {
  ShowClaim: entry({
    name: "ShowClaim",
    kind: "query",
    title: "One claim",
    doc: "Shows who held a task under a fence, whether the claim is live or rightly finished, and its paths.",
    request: z.strictObject({ task: uuidSchema, fence: z.int().min(1) }),
    response: z.object({ claim: claimRecordSchema.nullable() }),
    roles: anyone,
    idempotent: true,
  }),
  ListClaims: entry({
    name: "ListClaims",
    kind: "query",
    title: "Live claims",
    doc: "Lists the live claims of an actor, by default mine.",
    request: z.strictObject({ actor: actorNameSchema.optional() }),
    response: z.object({ claims: z.array(claimRecordSchema) }),
    roles: anyone,
    idempotent: true,
  }),
  ListSigningKeys: entry({
    name: "ListSigningKeys",
    kind: "query",
    title: "Signing keys",
    doc: "Lists the SSH keys that sign actors' commits, the revoked ones too.",
    request: z.strictObject({}),
    response: z.object({ keys: z.array(signingKeySchema) }),
    roles: anyone,
    idempotent: true,
  }),
  AddSigningKey: entry({
    name: "AddSigningKey",
    kind: "command",
    title: "Register a signing key",
    doc: "Registers an SSH public key that signs my commits; a commander may register it for another actor.",
    request: z.strictObject({
      actor: actorNameSchema.optional(),
      publicKey: z
        .string()
        .max(4_000)
        .regex(/^[a-z0-9@.-]{4,60} [A-Za-z0-9+/=]{32,3900}$/, { error: "is no SSH public key without a comment" }),
      fingerprint,
    }),
    response: z.object({ fingerprint: z.string() }),
    roles: actors,
    idempotent: true,
    manages: true,
  }),
  RevokeSigningKey: entry({
    name: "RevokeSigningKey",
    kind: "command",
    title: "Revoke a signing key",
    doc: "Makes a key count no more; commits it signed before are refused when they are pushed after.",
    request: z.strictObject({ fingerprint }),
    response: done,
    roles: actors,
    idempotent: true,
    manages: true,
  }),
  RecordGit: entry({
    name: "RecordGit",
    kind: "command",
    title: "Record what git did",
    doc: "Puts pushes and merges by humans on record.",
    request: z.strictObject({
      entries: z
        .array(
          z.strictObject({
            kind: z.enum(["human_merge", "push_accepted", "push_refused"]),
            actor: actorNameSchema.nullable().describe("Whose signature it is about; null for several, or none known."),
            commit: commit.nullable(),
            ref: textSchema(400),
            reason: z.string().max(4_000),
          }),
        )
        .min(1)
        .max(200),
    }),
    response: done,
    roles: actors,
    idempotent: false,
  }),
} as const;
