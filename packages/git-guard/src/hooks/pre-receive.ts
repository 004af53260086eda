/**
 * The judgement of a push, before anything of it is taken.
 *
 * 1. Every commit that the push brings is judged, not only the tips; all refs are taken, or none.
 * 2. Whatever cannot be asked, read or finished in time is a refusal.
 * 3. What is taken is on record before it is taken.
 */
import { inScope, MeshError } from "@federation/core";
import type { GitRecord, SigningKey } from "@federation/runtime/ports";
import { readCommit } from "../git/commit-object.ts";
import { configValue, type Git, readObjects } from "../git/git.ts";
import { readTag } from "../git/tag-object.ts";
import { reservedRefs } from "../install/reserved-refs.ts";
import { isZero, judgeRef, type RefFacts, type RefUpdate } from "../judge/judge-ref.ts";
import { shown } from "../judge/refusal.ts";
import { type Bench, type JudgedCommit, judgeCommits } from "./commit-facts.ts";
import { commitLine, type HookAnswer, refusalLines } from "./hook-answer.ts";

const MAX_REASON = 4_000;
/** Of one push: every ref, and every merge by a human, is one. */
const MAX_RECORDS = 200;

export async function judgePush(bench: Bench, input: string): Promise<HookAnswer> {
  const { git, registry, limits, budget } = bench;
  const updates = readUpdates(input);
  if (updates.length > limits.maxRefs)
    throw new MeshError("limit_exceeded", `A push moves at most ${limits.maxRefs} refs at once.`);
  await requireCheckedObjects(git);
  const reserved = await reservedRefs(git);
  const refused: { readonly ref: string; readonly lines: readonly string[] }[] = [];
  const taken: { readonly update: RefUpdate; readonly commits: readonly JudgedCommit[] }[] = [];
  const judged = new Map<string, JudgedCommit>();
  for (const update of updates) {
    // A ref that brings no commit takes its time too.
    budget.requireTime();
    const refusal = judgeRef(await refFacts(bench, update, reserved));
    const lines = refusal === undefined ? [] : refusalLines(shown(update.ref), refusal);
    const ids = refusal === undefined ? await newCommits(git, update, limits.maxCommits) : [];
    if (judged.size + ids.length > limits.maxCommits)
      throw new MeshError("limit_exceeded", `A push brings at most ${limits.maxCommits} commits; push fewer at once.`);
    for (const it of await judgeCommits(
      bench,
      ids.filter((id) => !judged.has(id)),
    ))
      judged.set(it.id, it);
    const commits = ids.flatMap((id) => judged.get(id) ?? []);
    for (const it of commits) if (!it.verdict.lawful) lines.push(...refusalLines(commitLine(it), it.verdict.refusal));
    if (lines.length > 0) refused.push({ ref: update.ref, lines });
    taken.push({ update, commits });
  }
  if (refused.length > 0) {
    // That it was refused holds whether or not it can be put on record.
    await registry.record(refused.map(refusedRecord)).catch(() => undefined);
    return {
      ok: false,
      lines: ["This push is refused, and nothing of it was taken.", ...refused.flatMap((it) => it.lines)],
    };
  }
  const records = taken.flatMap(takenRecords);
  if (records.length > MAX_RECORDS)
    throw new MeshError("limit_exceeded", `A push brings at most ${MAX_RECORDS} refs and merges; push fewer at once.`);
  await registry.record(records);
  return { ok: true, lines: [] };
}

function readUpdates(input: string): readonly RefUpdate[] {
  return input
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [, before, after, ref] = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (refs\/.+|HEAD)$/s.exec(line) ?? [];
      if (before === undefined || after === undefined || ref === undefined)
        throw new MeshError("invalid_input", "This is not what git tells a pre-receive hook.");
      return { before, after, ref };
    });
}

/**
 * Malformed trees show one thing to a comparison and another to a checkout. Git refuses them at the door, when told to.
 */
async function requireCheckedObjects(git: Git): Promise<void> {
  const own = await configValue(git, "receive.fsckObjects", ["--type=bool"]);
  const checked = own ?? (await configValue(git, "transfer.fsckObjects", ["--type=bool"]));
  if (checked !== "true")
    throw new MeshError("config_invalid", "receive.fsckObjects is not on in this repository; install the guard again.");
}

async function newCommits(git: Git, { after }: RefUpdate, max: number): Promise<readonly string[]> {
  const text = await git.line(["rev-list", `--max-count=${max + 1}`, after, "--not", "--all"]);
  return text === "" ? [] : text.split("\n");
}

async function refFacts(bench: Bench, update: RefUpdate, reserved: readonly string[]): Promise<RefFacts> {
  const { git, limits } = bench;
  const found = isZero(update.after)
    ? undefined
    : (await readObjects(git, [update.after], limits.maxCommitBytes)).get(update.after);
  const isReserved = reserved.length > 0 && inScope(reserved, update.ref);
  const content = found?.content;
  return {
    update,
    type: found?.type,
    forward:
      isZero(update.before) || (await git.run(["merge-base", "--is-ancestor", update.before, update.after])).code === 0,
    tag: found?.type === "tag" ? await tagFacts(bench, content) : undefined,
    reserved: isReserved,
    tip: isReserved && found?.type === "commit" && content !== undefined ? await signerOf(bench, content) : undefined,
  };
}

async function tagFacts({ verifier }: Bench, content: Buffer | undefined): Promise<RefFacts["tag"]> {
  if (content === undefined) return "the tag is too large";
  const tag = readTag(content);
  if (typeof tag === "string") return tag;
  return { ...tag, signature: await verifier.verify(tag.signature, tag.payload) };
}

async function signerOf({ verifier }: Bench, content: Buffer): Promise<SigningKey | undefined> {
  const read = readCommit(content);
  if (read.kind !== "commit") return undefined;
  const signature = await verifier.verify(read.commit.signature, read.commit.payload);
  return signature.kind === "good" ? signature.key : undefined;
}

function refusedRecord({ ref, lines }: { readonly ref: string; readonly lines: readonly string[] }): GitRecord {
  return {
    kind: "push_refused",
    actor: null,
    commit: null,
    ref: shown(ref, 300).slice(0, 400),
    reason: lines.join("\n").slice(0, MAX_REASON),
  };
}

function takenRecords({
  update,
  commits,
}: {
  readonly update: RefUpdate;
  readonly commits: readonly JudgedCommit[];
}): GitRecord[] {
  const ref = update.ref;
  const signers = new Set<string>();
  const merges: GitRecord[] = [];
  const words: string[] = [];
  for (const { id, subject, verdict } of commits) {
    if (!verdict.lawful) continue;
    signers.add(verdict.actor);
    const under = verdict.claim === null ? "without a claim" : `task ${verdict.claim.task}/${verdict.claim.fence}`;
    words.push(`${id.slice(0, 12)} ${verdict.actor}, ${under}`);
    if (verdict.human && verdict.merge)
      merges.push({ kind: "human_merge", actor: verdict.actor, commit: id, ref, reason: shown(subject, 200) });
  }
  const [only] = signers;
  const taken: GitRecord = {
    kind: "push_accepted",
    actor: signers.size === 1 && only !== undefined ? only : null,
    commit: update.after,
    ref,
    reason: (words.length === 0 ? "nothing new" : words.join("; ")).slice(0, MAX_REASON),
  };
  return [taken, ...merges];
}
