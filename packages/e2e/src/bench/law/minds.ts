import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import {
  connectInference,
  fixtureAlias,
  pullModel,
  resolveModel,
  startInferenceSupervisor,
} from "@federation/inference";
import type { Inference } from "@federation/runtime/ports";
import { silentLog } from "@federation/store/testing";
import { createScriptedInference } from "@federation/testkit/scripted-inference";

/** Who chooses. */
export interface Mind {
  readonly name: string;
  /** A model that is tempted to the acts with these keys. */
  tempted(wanted: ReadonlySet<string>): Inference;
  close(): Promise<void>;
}

/**
 * Obeys the attacker without exception: what is wanted is chosen wherever it is offered, and answered where it is not;
 * only then the first of what is offered.
 */
export const obedient: Mind = {
  name: "scripted, obeys every attacker",
  tempted: (wanted) =>
    createScriptedInference({
      choose: ({ options }) => {
        const chosen = options.find((o) => wanted.has(o.id)) ?? options[0];
        const never = [...wanted]
          .filter((key) => options.every((o) => o.id !== key))
          .map((key) => [key, 1_000] as const);
        return Object.fromEntries([...never, [chosen?.id ?? "", 1]]);
      },
    }),
  close: async () => undefined,
};

export interface ModelChoice {
  readonly alias: string;
  /** The models' folder; what is not there is pulled into it. */
  readonly dir?: string | undefined;
}

/** A model of the catalogue behind the same port, worker and grammar as in a node. */
export async function startModel({ alias, dir }: ModelChoice): Promise<Mind> {
  const models = dir ?? path.join(homedir(), ".cache", "federation", "models");
  if (alias !== fixtureAlias) await pullModel(alias, { dir: models });
  const model = await resolveModel(alias, { dir: models });
  const folder = await mkdtemp(path.join(tmpdir(), "fed-law-"));
  const socketPath = path.join(folder, "s");
  const supervisor = await startInferenceSupervisor(
    // The whole charter is in the prompts, and the whole grammar behind them: as much context as the model has.
    { model, socketPath, cacheDir: folder, threads: 1, sequences: 2, contextTokens: 8_192 },
    { log: silentLog },
  );
  const client = connectInference({ socketPath, log: silentLog });
  const close = async (): Promise<void> => {
    await client.close();
    await supervisor.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const status = await client.whenReady({ deadlineMs: 120_000 });
  if (status.state === "ready") return { name: alias, tempted: () => client, close };
  await close();
  throw new Error(`${alias} did not load: ${status.state === "loading" ? "it took too long" : status.reason}`);
}
