/**
 * The registry as the hooks ask it: with a bound on every answer, each answer checked, and the same question asked once.
 *
 * 1. What does not answer, or answers nonsense, throws `unavailable` with `registry` in its details: the hooks refuse
 *    then, and say what a human may do.
 */
import { actorKindSchema, actorNameSchema, MeshError, roleSchema, scopeSchema } from "@federation/core";
import type { ClaimRecord, ClaimRegistry, GitRecord, SigningKey } from "@federation/runtime/ports";
import { z } from "zod";
import { readPublicKey } from "../signature/public-key.ts";

const claimSchema = z.object({
  task: z.string(),
  fence: z.int().min(1),
  holder: actorNameSchema,
  state: z.enum(["live", "finished", "ended"]),
  standing: z.string(),
  scope: scopeSchema,
  commit: z.string().nullable(),
});

const keySchema = z.object({
  actor: actorNameSchema,
  kind: actorKindSchema.exclude(["system"]),
  role: roleSchema,
  publicKey: z.string(),
  revokedAt: z.string().nullable(),
});

export interface AskedRegistry {
  claim(task: string, fence: number): Promise<ClaimRecord | undefined>;
  liveClaims(actor: string): Promise<readonly ClaimRecord[]>;
  /** Without those that are no keys: what is signed with them is signed with a key that nobody has registered. */
  keys(): Promise<readonly SigningKey[]>;
  record(entries: readonly GitRecord[]): Promise<void>;
}

export function askRegistry(registry: ClaimRegistry, answerMs: number): AskedRegistry {
  const claims = new Map<string, Promise<ClaimRecord | undefined>>();
  let keys: Promise<readonly SigningKey[]> | undefined;
  const ask = <T>(question: () => Promise<T>): Promise<T> => within(answerMs, question);
  return {
    claim(task, fence) {
      const name = `${task}/${fence}`;
      const asked =
        claims.get(name) ?? ask(async () => claimSchema.optional().parse(await registry.claim(task, fence)));
      claims.set(name, asked);
      return asked;
    },
    liveClaims: (actor) => ask(async () => z.array(claimSchema).parse(await registry.liveClaims(actor))),
    keys() {
      keys ??= ask(async () =>
        z
          .array(keySchema)
          .parse(await registry.signingKeys())
          .filter(isKey),
      );
      return keys;
    },
    record: (entries) => ask(() => registry.record(entries)),
  };
}

export function isUnanswered(error: unknown): error is MeshError {
  return error instanceof MeshError && error.details["registry"] === true;
}

function isKey({ publicKey }: SigningKey): boolean {
  try {
    readPublicKey(publicKey);
    return true;
  } catch {
    return false;
  }
}

async function within<T>(ms: number, question: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([question(), late.promise]);
  } catch (cause) {
    const said = cause instanceof z.ZodError ? "its answer cannot be read" : MeshError.from(cause).message;
    throw new MeshError("unavailable", said.split("\n")[0] ?? "", { cause, details: { registry: true } });
  } finally {
    clearTimeout(timer);
  }
}
