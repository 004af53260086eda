/** From a name in a configuration to what the worker needs: a file, and how to treat the model in it. */
import { stat } from "node:fs/promises";
import { basename, isAbsolute, resolve } from "node:path";
import { MeshError } from "@federation/core";
import { ensureFixtureModel } from "../fixture/fixture-model.ts";
import type { ResolvedModel } from "../worker/worker-config.ts";
import { type CatalogueEntry, catalogue, findModel, fixtureAlias } from "./catalogue.ts";
import { checkModelHeader } from "./file-identity.ts";
import { expectedSha256, modelPath } from "./pull-model.ts";

/** Below this a model of unknown origin is taken to need the sentence grammar. */
const smallModelBytes = 1_500_000_000;
const plainRepeatPenalty = { sentences: 1.2, prose: 1.05 } as const;

export interface ListedModel {
  readonly entry: CatalogueEntry;
  /** Absent, cut short, or there (by header and size; `verifyModel` reads every byte). */
  readonly state: "absent" | "invalid" | "present";
}

/** Every catalogue model and whether its file is in `dir`. */
export function listModels(options: { readonly dir: string }): Promise<readonly ListedModel[]> {
  return Promise.all(
    catalogue.map(async (entry): Promise<ListedModel> => {
      const state = await modelPath(entry.alias, options).then(
        () => "present" as const,
        (error: unknown) => (error instanceof MeshError && error.code === "not_found" ? "absent" : "invalid"),
      );
      return { entry, state };
    }),
  );
}

/**
 * @param name a catalogue alias, `fixture`, or the path of a GGUF file (it holds a `/` or ends in `.gguf`).
 * @param options.dir the models' folder; the fixture model is made in it.
 * @throws MeshError `not_found` for an unknown name or a model not pulled, `model_invalid` for a broken file.
 */
export async function resolveModel(
  name: string,
  options: {
    readonly dir: string;
    readonly style?: "sentences" | "prose" | undefined;
    readonly choice?: "sentence_likelihood" | "library_decision" | undefined;
  },
): Promise<ResolvedModel> {
  if (name === fixtureAlias) {
    const { path, sha256 } = await ensureFixtureModel(options.dir);
    return {
      alias: fixtureAlias,
      path,
      sha256,
      style: options.style ?? "sentences",
      choice: options.choice ?? "sentence_likelihood",
      repeatPenalty: plainRepeatPenalty.sentences,
      meaningful: false,
      template: "chatml",
    };
  }
  const entry = findModel(name);
  if (entry !== undefined) {
    const path = resolve(await modelPath(name, options));
    const sha256 = await expectedSha256(entry, path);
    return {
      alias: entry.alias,
      path,
      ...(sha256 === undefined ? {} : { sha256 }),
      style: options.style ?? entry.style,
      choice: options.choice ?? entry.choice,
      repeatPenalty: entry.sampling.repeatPenalty,
      meaningful: true,
      // Where the model was not run here its own file knows better than we do.
      template: entry.verifiedHere && entry.template === "chatml" ? "chatml" : "auto",
    };
  }
  if (!name.includes("/") && !isAbsolute(name) && !name.endsWith(".gguf")) {
    const known = [fixtureAlias, ...catalogue.map((known) => known.alias)].join(", ");
    throw new MeshError("not_found", `No model is called ${name}; name one of ${known}, or a GGUF file by its path.`);
  }
  const path = resolve(name);
  await checkModelHeader(path);
  const { size } = await stat(path);
  const style = options.style ?? (size < smallModelBytes ? "sentences" : "prose");
  return {
    alias: basename(path),
    path,
    style,
    // Likelihood works for any model; the structured decision has to be known to work.
    choice: options.choice ?? "sentence_likelihood",
    repeatPenalty: plainRepeatPenalty[style],
    meaningful: true,
    template: "auto",
  };
}
