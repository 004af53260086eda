import { createHash, randomUUID } from "node:crypto";
import type { Operation, Role, ScopeName } from "@federation/core";
import { COMMANDER, type Federation } from "./federation-fixture.ts";

/** Tokens and external actors, as the commander would make them; a secret here is any new text. */
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

export interface TestToken {
  readonly id: string;
  readonly sha256: string;
  /** As sessions name it. */
  readonly credential: string;
}

type IssueToken = Extract<Operation, { op: "issue_token" }>;

export function newToken(actor: string, over: Partial<IssueToken> = {}): IssueToken {
  return {
    op: "issue_token",
    id: randomUUID(),
    actor,
    sha256: hashOf(randomUUID()),
    label: "a laptop",
    scopes: ["read", "act"],
    expiresInMs: 3_600_000,
    replaces: null,
    graceMs: 0,
    ...over,
  };
}

export const asToken = ({ id, sha256 }: { readonly id: string; readonly sha256: string }): TestToken => ({
  id,
  sha256,
  credential: `bearer:${sha256}`,
});

export async function addExternal(
  federation: Federation,
  name: string,
  role: Role = "developer",
  scopes: readonly ScopeName[] = ["read", "act"],
): Promise<TestToken> {
  const token = newToken(name, { scopes });
  await federation.apply(COMMANDER, { op: "add_actor", name, role, description: "A guest." }, token);
  return asToken(token);
}

/** A guest with a token that manages, hosted at a node. */
export async function hostedGuest(
  federation: Federation,
  host: string,
): Promise<{ readonly name: string; readonly token: TestToken }> {
  const name = `guest-${randomUUID().slice(0, 8)}`;
  const token = await addExternal(federation, name, "developer", ["read", "act", "manage"]);
  await federation.store(host).hostActor(token.credential, 60_000);
  return { name, token };
}
