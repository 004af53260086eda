/**
 * Whether one commit may enter a repository. Pure: the same facts have the same answer in a hook on a clone, on the
 * server, and in a test.
 *
 * 1. Whose commit it is, the signature says and nothing else. Author, committer and trailers may only agree with it.
 * 2. The trailers only say under which claim; whether that claim holds, whose it is and how far it reaches, the
 *    federation says.
 * 3. A human may do without a claim, and may merge what others wrote; it is put on record. A human who names a claim
 *    is held to it like anybody.
 */
import type { ClaimRecord, SigningKey } from "@federation/runtime/ports";
import type { CommitObject, ReadCommit } from "../git/commit-object.ts";
import { identOf, isIdentOf } from "./identity.ts";
import { type Changes, outsideScope } from "./judge-changes.ts";
import { type GitRefusal, shown, unclaimed, unproven } from "./refusal.ts";
import { readTrailers, type Trailers } from "./trailers.ts";

/** What is known of a commit's signature. */
export type Signature =
  | { readonly kind: "good"; readonly key: SigningKey }
  | { readonly kind: "unsigned" }
  /** Not an SSH signature, or none that can be read. */
  | { readonly kind: "unreadable" }
  | { readonly kind: "unknown"; readonly fingerprint: string }
  | { readonly kind: "revoked"; readonly key: SigningKey }
  /** Names a registered key, and was not made with it over this object for git. */
  | { readonly kind: "bad"; readonly key: SigningKey };

export interface CommitFacts {
  readonly object: ReadCommit;
  readonly signature: Signature;
  /** The claim its trailers name, as the federation knows it; null: they name none, undefined: there is no such claim. */
  readonly claim: ClaimRecord | null | undefined;
  readonly changes: Changes;
  /** Whether it is, or leads to, the commit that the claim's result is linked with; true when none is linked. */
  readonly linked: boolean;
}

export type CommitVerdict =
  | {
      readonly lawful: true;
      readonly actor: string;
      readonly human: boolean;
      readonly merge: boolean;
      readonly claim: { readonly task: string; readonly fence: number } | null;
    }
  | { readonly lawful: false; readonly refusal: GitRefusal };

const resign = "sign it with your own registered key: git commit --amend --no-edit -S";
const amend = "make it anew through the hooks: git commit --amend --no-edit --reset-author";

export function judgeCommit(facts: CommitFacts): CommitVerdict {
  const refusal = refusalOf(facts);
  if (refusal !== undefined) return { lawful: false, refusal };
  if (facts.object.kind !== "commit" || facts.signature.kind !== "good") throw new TypeError("was refused above");
  const trailers = readTrailers(facts.object.commit.message);
  const { actor, kind } = facts.signature.key;
  return {
    lawful: true,
    actor,
    human: kind === "human",
    merge: facts.object.commit.parents.length > 1,
    claim: trailers.kind === "claim" ? { task: trailers.task, fence: trailers.fence } : null,
  };
}

function refusalOf(facts: CommitFacts): GitRefusal | undefined {
  if (facts.object.kind === "refused") return unproven(facts.object.reason, "make it with git commit, in UTF-8");
  const { commit } = facts.object;
  const { signature } = facts;
  const unsigned = refuseSignature(signature);
  if (unsigned !== undefined || signature.kind !== "good") return unsigned;
  const { key } = signature;
  const trailers = readTrailers(commit.message);
  return (
    refuseIdentity(commit, key) ??
    refuseTrailers(trailers, key) ??
    (trailers.kind === "claim" ? (refuseClaim(facts, key) ?? refuseChanges(facts)) : undefined)
  );
}

export function refuseSignature(signature: Signature): GitRefusal | undefined {
  switch (signature.kind) {
    case "good":
      return undefined;
    case "unsigned":
      return unproven("it is not signed", resign);
    case "unreadable":
      return unproven("its signature is no SSH signature that can be read", resign);
    case "unknown":
      return unproven(`it is signed with a key that nobody has registered (${signature.fingerprint})`, resign);
    case "revoked":
      return unproven(
        `it is signed with a key of ${signature.key.actor} that was revoked`,
        "register a new key, and sign with it what was not pushed yet",
      );
    case "bad":
      return unproven(`it names a key of ${signature.key.actor}, and that key did not sign it`, resign);
  }
}

function refuseIdentity(commit: CommitObject, key: SigningKey): GitRefusal | undefined {
  const own = identOf(key.actor);
  const said = ({ name, email }: { name: string; email: string }): string => shown(`${name} <${email}>`);
  if (!isIdentOf(key.actor, commit.committer))
    return unproven(
      `it is signed by ${key.actor} and says that ${said(commit.committer)} made it`,
      `commit as ${own.name} <${own.email}>: ${amend}`,
    );
  // A human may bring in what somebody else wrote, and says so by it.
  if (key.kind !== "human" && !isIdentOf(key.actor, commit.author))
    return unproven(
      `it is signed by ${key.actor} and says that ${said(commit.author)} wrote it`,
      `author as ${own.name} <${own.email}>: ${amend}`,
    );
  return undefined;
}

function refuseTrailers(trailers: Trailers, key: SigningKey): GitRefusal | undefined {
  if (trailers.kind === "refused") return unclaimed(trailers.reason, `one block of trailers, at its end: ${amend}`);
  if (trailers.kind === "none")
    return key.kind === "human"
      ? undefined
      : unclaimed("it names no claim", `claim a task, then commit through the hooks: ${amend}`);
  if (trailers.actor !== key.actor)
    return unproven(`it is signed by ${key.actor} and its trailers name ${trailers.actor}`, amend);
  return undefined;
}

function refuseClaim({ claim, linked }: CommitFacts, { actor }: SigningKey): GitRefusal | undefined {
  const again = "claim the task, and make the commit anew under the new fence";
  if (claim === undefined || claim === null)
    return unclaimed("its trailers name a claim that never was", "claim a task before you commit to it");
  const named = `the claim on task ${claim.task} under fence ${claim.fence}`;
  if (claim.holder !== actor)
    return unclaimed(`${named} is ${claim.holder}'s, not ${actor}'s`, "commit under a claim of your own");
  if (claim.state === "ended") return unclaimed(`${named} holds no more: ${shown(claim.standing)}`, again);
  if (claim.state === "finished" && !linked)
    return unclaimed(`${named} is finished, and its result is another commit`, again);
  return undefined;
}

function refuseChanges({ changes, claim }: CommitFacts): GitRefusal | undefined {
  if (changes.kind === "unreadable") return unclaimed(changes.reason, changes.lawful);
  const outside = outsideScope(changes.list, claim?.scope ?? []);
  if (outside === undefined) return undefined;
  return unclaimed(`it changes "${shown(outside.path)}": ${outside.reason}`, scopeInWords(claim?.scope ?? []));
}

export function scopeInWords(scope: readonly string[]): string {
  const some = scope.slice(0, 5).map((it) => shown(it, 60));
  const more = scope.length > some.length ? ` and ${scope.length - some.length} more` : "";
  return scope.length === 0
    ? "keep to files of this repository"
    : `keep to the claim's paths: ${some.join(", ")}${more}; for others a task that names them is needed`;
}
