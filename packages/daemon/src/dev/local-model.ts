import { join } from "node:path";
import { MeshError } from "@federation/core";
import {
  fixtureAlias,
  type InferenceSupervisor,
  type PullProgress,
  pullModel,
  type ResolvedModel,
  resolveModel,
  startInferenceSupervisor,
} from "@federation/inference";
import type { Log } from "@federation/runtime/ports";

/**
 * The model all nodes of `dev` share. A model that cannot be had is said in one line, and the fixture model stands in:
 * real llama.cpp, real grammar, words without meaning.
 */
export async function prepareModel(
  alias: string,
  dir: string,
  on: {
    readonly progress: (progress: PullProgress) => void;
    readonly note: (line: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<ResolvedModel> {
  const isFile = alias.includes("/") || alias.endsWith(".gguf");
  try {
    if (!isFile) await pullModel(alias, { dir, onProgress: on.progress, signal: on.signal });
    return await resolveModel(alias, { dir });
  } catch (thrown) {
    const error = MeshError.from(thrown);
    // A wrong name or a broken file is the caller's to mend; only an unreachable source is stood in for.
    if (error.code !== "unavailable") throw error;
    on.note(
      `${alias} could not be fetched (${error.message}) The fixture model stands in: real llama.cpp, but its words mean nothing.`,
    );
    return await resolveModel(fixtureAlias, { dir });
  }
}

export async function startSharedModel(
  model: ResolvedModel,
  options: {
    readonly stateDir: string;
    readonly socketPath: string;
    readonly actors: number;
    readonly threads: number;
    readonly log: Log;
  },
): Promise<InferenceSupervisor> {
  return await startInferenceSupervisor(
    {
      model,
      socketPath: options.socketPath,
      cacheDir: join(options.stateDir, "inference"),
      sequences: Math.min(32, options.actors),
      threads: options.threads,
      contextTokens: 4_096,
    },
    { log: options.log },
  );
}
