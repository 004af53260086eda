/**
 * The guard of a git repository: what its hooks do, as functions of a place and of the federation.
 *
 * 1. Every answer is one of `HookAnswer`: nothing that can go wrong in a hook is an exception, and nothing that went
 *    wrong is a yes.
 * 2. The environment is given by the caller; of git's variables only those count that git sets for its hooks.
 */
import { MeshError } from "@federation/core";
import type { ClaimRegistry } from "@federation/runtime/ports";
import { type Environment, hookEnvironment } from "../git/child-environment.ts";
import { createGit } from "../git/git.ts";
import { defaultLimits, type GuardLimits } from "../limits.ts";
import { openVerifier } from "../signature/verifier.ts";
import { askRegistry, isUnanswered } from "./asked-registry.ts";
import { openBudget } from "./budget.ts";
import { type Bench, judgeCommits } from "./commit-facts.ts";
import { commitLine, failed, type HookAnswer, refusalLines, type Side, unanswered } from "./hook-answer.ts";
import { checkCommitMessage, type LocalPlace, postCommit, preCommit, prepareCommitMessage } from "./local-commit.ts";
import { judgePush } from "./pre-receive.ts";

/** Where a hook runs: the folder and the environment in which git started it. */
export interface HookPlace {
  readonly cwd: string;
  readonly environment: Environment;
}

export interface Guard {
  preCommit(place: HookPlace): Promise<HookAnswer>;
  prepareCommitMessage(place: HookPlace, file: string, source?: string, commit?: string): Promise<HookAnswer>;
  commitMessage(place: HookPlace, file: string): Promise<HookAnswer>;
  postCommit(place: HookPlace): Promise<HookAnswer>;
  /** `input` is what git writes to the hook: one line per ref. */
  preReceive(place: HookPlace, input: string): Promise<HookAnswer>;
  /** What the server would say of one commit. */
  checkCommit(place: HookPlace, revision: string): Promise<HookAnswer>;
  /** The same of every commit of this branch that no remote has yet. */
  checkUnpushed(place: HookPlace): Promise<HookAnswer>;
}

export function createGuard(registry: ClaimRegistry, limits: GuardLimits = defaultLimits): Guard {
  const placeOf = ({ cwd, environment }: HookPlace): LocalPlace => ({
    git: createGit(cwd, hookEnvironment(environment)),
    registry: askRegistry(registry, limits.registryMs),
    environment,
  });
  const answered = async (side: Side, ask: () => Promise<HookAnswer>): Promise<HookAnswer> => {
    try {
      return await ask();
    } catch (error) {
      return isUnanswered(error) ? unanswered(error, side) : failed(MeshError.from(error));
    }
  };
  const atBench = async (place: HookPlace, judge: (bench: Bench) => Promise<HookAnswer>): Promise<HookAnswer> => {
    // Asking for the keys counts too.
    const budget = openBudget(limits);
    const { git, registry: asked } = placeOf(place);
    const verifier = await openVerifier(await asked.keys(), git.environment);
    try {
      return await judge({ git, registry: asked, verifier, limits, budget });
    } finally {
      await verifier.close();
    }
  };
  const check = (place: HookPlace, range: readonly string[]): Promise<HookAnswer> =>
    answered("check", () =>
      atBench(place, async (bench) => {
        const text = await bench.git.line(["rev-list", `--max-count=${limits.maxCommits + 1}`, ...range]);
        const ids = text === "" ? [] : text.split("\n");
        if (ids.length > limits.maxCommits) throw new MeshError("limit_exceeded", "There are too many commits.");
        const judged = await judgeCommits(bench, ids);
        const lines = judged.flatMap((it) =>
          it.verdict.lawful ? [] : refusalLines(commitLine(it), it.verdict.refusal),
        );
        return { ok: lines.length === 0, lines };
      }),
    );
  return {
    preCommit: (place) => answered("clone", () => preCommit(placeOf(place))),
    prepareCommitMessage: (place, file, source, commit) =>
      answered("clone", () => prepareCommitMessage(placeOf(place), file, source, commit)),
    commitMessage: (place, file) => answered("clone", () => checkCommitMessage(placeOf(place), file)),
    async postCommit(place) {
      const { lines } = await answered("check", () => atBench(place, postCommit));
      return { ok: true, lines };
    },
    preReceive: (place, input) => answered("server", () => atBench(place, (bench) => judgePush(bench, input))),
    checkCommit: (place, revision) => check(place, ["--no-walk", "--end-of-options", `${revision}^{commit}`]),
    checkUnpushed: (place) => check(place, ["HEAD", "--not", "--remotes"]),
  };
}
