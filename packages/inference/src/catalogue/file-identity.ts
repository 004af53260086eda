/**
 * A model file's size, header and sha256.
 *
 * 1. Nothing is loaded that is not a GGUF file of the size and hash it should have.
 * 2. A large file is hashed once: the stamp beside its hash in the cache names size and modification time, and any
 *    other size or time means hashing again. Small files (half a gigabyte) are hashed each time; it takes a moment.
 */
import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MeshError } from "@federation/core";
import { z } from "zod";
import { sha256OfFile } from "./file-hash.ts";

export interface FileIdentity {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ExpectedFile {
  readonly bytes?: number | undefined;
  readonly sha256?: string | undefined;
}

const stampSchema = z.strictObject({ bytes: z.number(), modifiedMs: z.number(), sha256: z.string().length(64) });
const alwaysHashedBytes = 512 * 1024 * 1024;

/** @throws MeshError `model_invalid` naming the file and what is wrong with it. */
export async function checkModelHeader(path: string, expected: ExpectedFile = {}): Promise<number> {
  const invalid = (problem: string): MeshError =>
    new MeshError(
      "model_invalid",
      `The model file ${path} ${problem}; delete it and pull the model again, or name another file.`,
      { details: { path } },
    );
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) throw invalid("is missing");
  if (!info.isFile()) throw invalid("is not a regular file");
  if (expected.bytes !== undefined && info.size !== expected.bytes) {
    throw invalid(`has ${info.size} bytes instead of ${expected.bytes}`);
  }
  const header = Buffer.alloc(8);
  const file = await open(path, "r");
  try {
    const { bytesRead } = await file.read(header, 0, header.length, 0);
    if (bytesRead < header.length || header.toString("latin1", 0, 4) !== "GGUF") throw invalid("is not a GGUF file");
    const version = header.readUInt32LE(4);
    if (version < 2 || version > 3) throw invalid(`has GGUF version ${version}, which llama.cpp does not read`);
  } finally {
    await file.close();
  }
  return info.size;
}

/**
 * Header, size and hash of a model file; the hash comes from a stamp in `cacheDir` when the file is large and has not
 * changed since.
 *
 * @param options.rehash reads every byte whatever the stamp says.
 * @throws MeshError `model_invalid`.
 */
export async function identifyModelFile(
  path: string,
  options: {
    readonly cacheDir?: string;
    readonly expected?: ExpectedFile;
    readonly rehash?: boolean;
    readonly signal?: AbortSignal;
  } = {},
): Promise<FileIdentity> {
  const { cacheDir, expected = {}, rehash = false, signal } = options;
  const bytes = await checkModelHeader(path, expected);
  const modifiedMs = Math.floor((await stat(path)).mtimeMs);
  const stampPath = cacheDir === undefined ? undefined : join(cacheDir, "model-stamps", `${nameOf(path)}.json`);
  const stamp = rehash || stampPath === undefined || bytes < alwaysHashedBytes ? undefined : await readStamp(stampPath);
  const known = stamp?.bytes === bytes && stamp.modifiedMs === modifiedMs ? stamp.sha256 : undefined;
  const sha256 = known ?? (await sha256OfFile(path, signal));
  if (expected.sha256 !== undefined && sha256 !== expected.sha256) {
    throw new MeshError(
      "model_invalid",
      `The model file ${path} is corrupt: its sha256 begins with ${sha256.slice(0, 12)} instead of ` +
        `${expected.sha256.slice(0, 12)}; delete it and pull the model again.`,
      { details: { path, sha256 } },
    );
  }
  if (stampPath !== undefined && known === undefined && bytes >= alwaysHashedBytes) {
    await writeStamp(stampPath, { bytes, modifiedMs, sha256 });
  }
  return { path, bytes, sha256 };
}

function nameOf(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 32);
}

async function readStamp(path: string): Promise<z.infer<typeof stampSchema> | undefined> {
  try {
    return stampSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

async function writeStamp(path: string, stamp: z.infer<typeof stampSchema>): Promise<void> {
  // A stamp saves time only: a full disk must not stop a model that is sound.
  try {
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(`${path}.${process.pid}`, JSON.stringify(stamp));
    await rename(`${path}.${process.pid}`, path);
  } catch {}
}
