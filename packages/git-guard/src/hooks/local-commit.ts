/**
 * The hooks of a clone. They spare an agent the refusal of the server, and they are in its own hands: what they let
 * pass proves nothing, and the server judges it all again.
 */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { MeshError } from "@federation/core";
import type { SigningKey } from "@federation/runtime/ports";
import { readChangesSince } from "../git/changes.ts";
import type { Environment } from "../git/child-environment.ts";
import { configValue, type Git } from "../git/git.ts";
import type { Changes } from "../judge/judge-changes.ts";
import { pickClaim } from "../judge/pick-claim.ts";
import { unclaimed, unproven } from "../judge/refusal.ts";
import { readTrailers, wantedTask, withTrailers } from "../judge/trailers.ts";
import type { AskedRegistry } from "./asked-registry.ts";
import { type Bench, judgeCommits } from "./commit-facts.ts";
import { commitLine, type HookAnswer, refusalLines, refuseWith } from "./hook-answer.ts";

export interface LocalPlace {
  readonly git: Git;
  readonly registry: AskedRegistry;
  readonly environment: Environment;
}

/** Names the actor for one command, where a repository is used by several. */
export const ACTOR_VARIABLE = "FEDERATION_GIT_ACTOR";
const MAX_MESSAGE = 65_536;
const yes: HookAnswer = { ok: true, lines: [] };
const here = "this commit";

/** Refuses early, before anybody has written a message. */
export async function preCommit(place: LocalPlace): Promise<HookAnswer> {
  const who = await whoCommits(place);
  if (who.kind === "refused") return who.answer;
  const live = await place.registry.liveClaims(who.actor);
  const picked = pickClaim(who.actor, live, await stagedChanges(place.git), undefined);
  // A human may do without a claim, and a message may still say which of several.
  if (who.key.kind === "human" || picked.kind !== "refused") return yes;
  return refuseWith(here, picked.refusal);
}

/**
 * Writes the trailers. Git runs this hook under `--no-verify` too, so the claim is asked for once more.
 * `source` and `commit` are git's second and third argument.
 */
export async function prepareCommitMessage(
  place: LocalPlace,
  file: string,
  source: string | undefined,
  commit: string | undefined,
): Promise<HookAnswer> {
  const who = await whoCommits(place);
  if (who.kind === "refused") return who.answer;
  const message = await readMessage(place, file);
  const task = wantedTask(message.text);
  if (who.key.kind === "human" && task === undefined) return yes;
  const amends = source === "commit" && commit === "HEAD";
  const changes = await stagedChanges(place.git, amends);
  const picked = pickClaim(who.actor, await place.registry.liveClaims(who.actor), changes, task);
  if (picked.kind !== "claim") return refuseWith(here, picked.refusal);
  const { claim } = picked;
  const named = { task: claim.task, fence: claim.fence, actor: who.actor };
  const found = readTrailers(message.text);
  if (found.kind === "claim" && found.task === named.task && found.fence === named.fence && found.actor === named.actor)
    return yes;
  await writeFile(message.path, withTrailers(message.text, named, message.tail));
  return yes;
}

/** Looks at the message as its author has left it. */
export async function checkCommitMessage(place: LocalPlace, file: string): Promise<HookAnswer> {
  const who = await whoCommits(place);
  if (who.kind === "refused") return who.answer;
  const message = await readMessage(place, file);
  const trailers = readTrailers(message.text);
  const remedy = "leave the trailers at the end of the message as the hook wrote them, and nothing like them elsewhere";
  if (trailers.kind === "refused") return refuseWith(here, unclaimed(trailers.reason, remedy));
  if (trailers.kind === "none")
    return who.key.kind === "human" ? yes : refuseWith(here, unclaimed("its message names no claim", remedy));
  if (trailers.actor !== who.actor)
    return refuseWith(here, unproven(`its trailers name ${trailers.actor}, and ${who.actor} commits here`, remedy));
  const claim = await place.registry.claim(trailers.task, trailers.fence);
  if (claim?.state === "live" && claim.holder === who.actor) return yes;
  const standing = claim === undefined ? "there never was such a claim" : `${claim.holder}'s: ${claim.standing}`;
  return refuseWith(
    here,
    unclaimed(`${who.actor} does not hold task ${trailers.task} under fence ${trailers.fence}: ${standing}`, remedy),
  );
}

/** Cannot refuse any more; says at once what the server will say of the commit that was made past the other hooks. */
export async function postCommit(bench: Bench): Promise<HookAnswer> {
  const head = await bench.git.line(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
  const [judged] = await judgeCommits(bench, [head]);
  if (judged === undefined || judged.verdict.lawful) return yes;
  const lines = refusalLines(commitLine(judged), judged.verdict.refusal);
  return { ok: true, lines: ["The commit was made, and the server will refuse it.", ...lines] };
}

type Who =
  | { readonly kind: "known"; readonly actor: string; readonly key: SigningKey }
  | { readonly kind: "refused"; readonly answer: HookAnswer };

async function whoCommits({ git, registry, environment }: LocalPlace): Promise<Who> {
  const actor = environment[ACTOR_VARIABLE] ?? (await configValue(git, "federation.actor"));
  const install = "run `federation git install` for the actor who works here";
  if (actor === undefined)
    return { kind: "refused", answer: refuseWith(here, unproven("this clone belongs to no actor", install)) };
  const keys = await registry.keys();
  const key = keys.find((it) => it.actor === actor && it.revokedAt === null);
  if (key === undefined)
    return {
      kind: "refused",
      answer: refuseWith(here, unproven(`no signing key of ${actor} is registered and in force`, install)),
    };
  return { kind: "known", actor, key };
}

async function stagedChanges(git: Git, amends = false): Promise<Changes> {
  const { stdout } = await git.run(["rev-list", "--parents", "--max-count=1", "HEAD", "--"]);
  const [head, ...before] = stdout.toString("latin1").split(/\s/).filter(isHash);
  const parents = amends || head === undefined ? before : [head];
  const merging = amends ? "" : await readFile(await gitPath(git, "MERGE_HEAD"), "latin1").catch(() => "");
  return readChangesSince(git, [...parents, ...merging.split("\n").filter(isHash)], "index");
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{40,64}$/.test(text);
}

async function gitPath(git: Git, name: string): Promise<string> {
  return path.resolve(git.cwd, await git.line(["rev-parse", "--git-path", name]));
}

interface MessageFile {
  readonly path: string;
  readonly text: string;
  /** What git will cut off: comments, and what stands below the scissors. */
  readonly tail: string;
}

async function readMessage({ git, environment }: LocalPlace, file: string): Promise<MessageFile> {
  const place = path.resolve(git.cwd, file);
  const whole = await readFile(place, "utf8");
  if (whole.length > MAX_MESSAGE)
    throw new MeshError("limit_exceeded", `A commit's message has at most ${MAX_MESSAGE} characters.`);
  // Git says with this editor that there is none, and then it writes no comments and cuts none off.
  if (environment["GIT_EDITOR"] === ":") return { path: place, text: whole, tail: "" };
  const character = (await configValue(git, "core.commentChar")) ?? "#";
  const mark = character.length === 1 ? character : "#";
  const lines = whole.split("\n");
  const scissors = lines.findIndex((line) => /^. -{24} >8 -{24}$/u.test(line));
  const above = scissors < 0 ? lines.length : scissors;
  const last = lines.findLastIndex((line, at) => at < above && line.trim() !== "" && !line.startsWith(mark));
  const text = lines.slice(0, last + 1).filter((line) => !line.startsWith(mark));
  return {
    path: place,
    text: text.join("\n"),
    tail: lines
      .slice(last + 1)
      .join("\n")
      .trimStart(),
  };
}
