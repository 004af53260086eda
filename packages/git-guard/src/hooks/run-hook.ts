/**
 * What an installed hook starts: the hook the repository had before, then ours.
 *
 * 1. Ours has the last word: what a hook before it has changed (the message, the index) is what it looks at.
 * 2. The exit code is 0 only when both said yes.
 */
import { spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import path from "node:path";
import { MeshError } from "@federation/core";
import type { ClaimRegistry } from "@federation/runtime/ports";
import { type Environment, hookEnvironment } from "../git/child-environment.ts";
import { createGit } from "../git/git.ts";
import { placesOf, readManifest } from "../install/manifest.ts";
import type { GuardLimits } from "../limits.ts";
import { createGuard, type HookPlace } from "./guard.ts";
import { failed, type HookAnswer, printed } from "./hook-answer.ts";

export interface HookCall {
  /** As the script named it: `pre-commit`. */
  readonly name: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Environment;
  /** The standard input of the hook, read only by hooks to which git writes. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Called once, when the federation is first asked; what it throws is "it does not answer". */
  readonly openRegistry: () => Promise<ClaimRegistry>;
  readonly write: (line: string) => void;
  readonly limits?: GuardLimits;
}

const MAX_INPUT = 1_048_576;
/** Hooks that git runs after the fact cannot refuse any more. */
const yes: HookAnswer = { ok: true, lines: [] };

/** Answers the exit code. */
export async function runHook(call: HookCall): Promise<number> {
  try {
    const input = call.name === "pre-receive" ? await readAll(call.input) : "";
    const before = await runFormerHook(call, input);
    if (before !== 0) return before;
    const answer = await answerOf(call, input);
    for (const line of printed(answer)) call.write(line);
    return answer.ok ? 0 : 1;
  } catch (error) {
    for (const line of printed(failed(MeshError.from(error)))) call.write(line);
    return 1;
  }
}

function answerOf(call: HookCall, input: string): Promise<HookAnswer> {
  const guard = createGuard(lazily(call.openRegistry), call.limits);
  const place: HookPlace = { cwd: call.cwd, environment: call.environment };
  const [first = "", second, third] = call.args;
  switch (call.name) {
    case "pre-commit":
      return guard.preCommit(place);
    case "prepare-commit-msg":
      return guard.prepareCommitMessage(place, first, second, third);
    case "commit-msg":
      return guard.commitMessage(place, first);
    case "post-commit":
      return guard.postCommit(place);
    case "pre-receive":
      return guard.preReceive(place, input);
    default:
      return Promise.resolve(yes);
  }
}

/** A registry that is opened by the first question. */
function lazily(open: () => Promise<ClaimRegistry>): ClaimRegistry {
  let opened: Promise<ClaimRegistry> | undefined;
  const registry = (): Promise<ClaimRegistry> => {
    opened ??= open();
    return opened;
  };
  return {
    claim: async (task, fence) => (await registry()).claim(task, fence),
    liveClaims: async (actor) => (await registry()).liveClaims(actor),
    signingKeys: async () => (await registry()).signingKeys(),
    record: async (entries) => (await registry()).record(entries),
  };
}

async function readAll(input: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of input) {
    bytes += piece.length;
    if (bytes > MAX_INPUT) throw new MeshError("limit_exceeded", "This push moves too many refs at once.");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

async function runFormerHook(call: HookCall, input: string): Promise<number> {
  const git = createGit(call.cwd, hookEnvironment(call.environment));
  const manifest = await readManifest(await placesOf(git));
  if (manifest === undefined) return 0;
  const file = path.resolve(call.cwd, manifest.formerHooks, call.name);
  const executable = await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!executable) return 0;
  return new Promise((resolve, reject) => {
    const child = spawn(file, call.args, {
      cwd: call.cwd,
      env: { ...call.environment },
      stdio: ["pipe", "inherit", "inherit"],
    });
    child.stdin.on("error", () => undefined);
    child.on("error", (cause) =>
      reject(
        new MeshError("unavailable", `The hook ${call.name} that was here before could not be started.`, { cause }),
      ),
    );
    child.on("close", (code) => resolve(code ?? 1));
    child.stdin.end(input);
  });
}
