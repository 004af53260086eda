/** Gathers what `judgeCommit` judges: the object, its signature, the claim it names, what it changes. */
import type { ClaimRecord } from "@federation/runtime/ports";
import { readChangesSince } from "../git/changes.ts";
import { type ReadCommit, readCommit } from "../git/commit-object.ts";
import { type Git, type GitObject, readObjects } from "../git/git.ts";
import type { Changes } from "../judge/judge-changes.ts";
import { type CommitFacts, type CommitVerdict, judgeCommit } from "../judge/judge-commit.ts";
import { readTrailers } from "../judge/trailers.ts";
import type { GuardLimits } from "../limits.ts";
import type { Verifier } from "../signature/verifier.ts";
import type { AskedRegistry } from "./asked-registry.ts";
import type { Budget } from "./budget.ts";

export interface Bench {
  readonly git: Git;
  readonly registry: AskedRegistry;
  readonly verifier: Verifier;
  readonly limits: GuardLimits;
  /** Of the whole hook, however many refs it judges. */
  readonly budget: Budget;
}

export interface JudgedCommit {
  readonly id: string;
  /** The first line of its message. */
  readonly subject: string;
  readonly verdict: CommitVerdict;
}

/** Commits under judgement at the same time: each is two or three short processes. */
const AT_ONCE = 4;
const nothing: Changes = { kind: "changes", list: [] };

/** One verdict per commit, in the order asked. */
export async function judgeCommits(bench: Bench, ids: readonly string[]): Promise<readonly JudgedCommit[]> {
  const { git, limits, budget } = bench;
  const objects = await readObjects(git, ids, limits.maxCommitBytes);
  const judged: JudgedCommit[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let n = next++; n < ids.length; n = next++) {
      budget.requireTime();
      const id = ids[n] ?? "";
      const object = objectOf(objects.get(id), limits);
      const facts = await factsOf(bench, id, object);
      if (facts.changes.kind === "changes") budget.spendChanges(facts.changes.list.length);
      const subject = object.kind === "commit" ? (object.commit.message.split("\n")[0] ?? "") : "";
      judged[n] = { id, subject, verdict: judgeCommit(facts) };
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, work));
  return judged;
}

function objectOf(object: GitObject | undefined, limits: GuardLimits): ReadCommit {
  if (object === undefined || object.type !== "commit") return { kind: "refused", reason: "it is no commit" };
  if (object.content === undefined)
    return { kind: "refused", reason: `with its message it is larger than ${limits.maxCommitBytes} bytes` };
  return readCommit(object.content);
}

async function factsOf({ git, registry, verifier }: Bench, id: string, object: ReadCommit): Promise<CommitFacts> {
  const without: CommitFacts = {
    object,
    signature: { kind: "unsigned" },
    claim: null,
    changes: nothing,
    linked: true,
  };
  if (object.kind === "refused") return without;
  const { commit } = object;
  const signature = await verifier.verify(commit.signature, commit.payload);
  const trailers = readTrailers(commit.message);
  // Of what is refused already nothing more is asked: neither of the federation nor of git.
  if (signature.kind !== "good" || trailers.kind !== "claim") return { ...without, signature };
  const claim = await registry.claim(trailers.task, trailers.fence);
  if (claim === undefined || claim.holder !== signature.key.actor) return { ...without, signature, claim };
  return {
    object,
    signature,
    claim,
    changes: await readChangesSince(git, commit.parents, id),
    linked: await isLinked(git, id, claim),
  };
}

async function isLinked(git: Git, id: string, claim: ClaimRecord): Promise<boolean> {
  if (claim.state !== "finished" || claim.commit === null || claim.commit === id) return true;
  if (!/^[0-9a-f]{40,64}$/.test(claim.commit)) return false;
  return (await git.run(["merge-base", "--is-ancestor", id, claim.commit])).code === 0;
}
