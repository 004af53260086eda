/**
 * A copy of a small model file whose weights a CPU multiplies fast.
 *
 * 1. llama.cpp has no kernel for several tokens at once for `Q4_1` weights: a prompt costs as much per token as an
 *    answer. The same weights written as `Q8_0` have one. The copy is half as large again.
 * 2. Only what a block of `Q4_1` says is written, to 8 bits of its largest value; every other tensor and all metadata
 *    are copied as they are.
 * 3. It is derived: made when missing, named after the original's hash, and the model keeps the original's identity.
 */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const q4 = { type: 3, bytes: 20 } as const;
const q8 = { type: 8, bytes: 34 } as const;
const perBlock = 32;
/** Above this the copy is not worth its disk and memory: such models come in formats with fast kernels. */
const maxBytes = 512 * 1024 * 1024;

/** @returns the copy's path; the original's where a copy would gain nothing or cannot be made. */
export async function fastWeights(options: {
  readonly path: string;
  readonly sha256: string;
  readonly cacheDir: string;
}): Promise<string> {
  const { path, sha256, cacheDir } = options;
  if ((await stat(path)).size > maxBytes) return path;
  const copy = join(cacheDir, "fast-weights", `${sha256}.q8_0.gguf`);
  const present = await stat(copy).catch(() => undefined);
  if (present !== undefined) return copy;
  const temporary = `${copy}.${randomUUID()}.part`;
  try {
    const bytes = widen(await readFile(path));
    if (bytes === undefined) return path;
    await mkdir(dirname(copy), { recursive: true });
    await writeFile(temporary, bytes);
    await rename(temporary, copy);
    return copy;
  } catch {
    // It saves time only: neither a full disk nor a table that is not understood stops a model that is sound.
    return path;
  } finally {
    await rm(temporary, { force: true });
  }
}

interface TensorEntry {
  readonly type: number;
  readonly elements: number;
  readonly offset: number;
  /** Where the table holds the type; the offset follows it. */
  readonly at: number;
}

/** @returns undefined for a file with no `Q4_1` tensor. */
export function widen(file: Buffer): Buffer | undefined {
  const { tensors, alignment, end } = readTable(file);
  if (!tensors.some((tensor) => tensor.type === q4.type)) return undefined;
  const aligned = (value: number): number => Math.ceil(value / alignment) * alignment;
  const dataStart = aligned(end);
  const ordered = tensors.toSorted((a, b) => a.offset - b.offset);
  const head = Buffer.alloc(dataStart);
  file.copy(head, 0, 0, end);
  const parts: Buffer[] = [head];
  let offset = 0;
  ordered.forEach((tensor, index) => {
    const next = ordered[index + 1]?.offset ?? file.length - dataStart;
    const source = file.subarray(dataStart + tensor.offset, dataStart + next);
    const data = tensor.type === q4.type ? widenTensor(source, tensor.elements) : source;
    if (tensor.type === q4.type) head.writeUInt32LE(q8.type, tensor.at);
    head.writeBigUInt64LE(BigInt(offset), tensor.at + 4);
    const padding = aligned(data.length) - data.length;
    parts.push(data, Buffer.alloc(padding));
    offset += data.length + padding;
  });
  return Buffer.concat(parts);
}

function widenTensor(source: Buffer, elements: number): Buffer {
  const blocks = elements / perBlock;
  const target = Buffer.alloc(blocks * q8.bytes);
  const from = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const to = new DataView(target.buffer, target.byteOffset, target.byteLength);
  for (let block = 0; block < blocks; block += 1) {
    const read = block * q4.bytes;
    const write = block * q8.bytes;
    const step = from.getFloat16(read, true);
    const lowest = from.getFloat16(read + 2, true);
    const largest = Math.max(Math.abs(lowest), Math.abs(lowest + 15 * step));
    to.setFloat16(write, largest / 127, true);
    const unit = to.getFloat16(write, true);
    const inverse = unit === 0 ? 0 : 1 / unit;
    for (let i = 0; i < 16; i += 1) {
      const pair = from.getUint8(read + 4 + i);
      to.setInt8(write + 2 + i, level((lowest + step * (pair & 15)) * inverse));
      to.setInt8(write + 18 + i, level((lowest + step * (pair >> 4)) * inverse));
    }
  }
  return target;
}

function level(value: number): number {
  return Math.max(-127, Math.min(127, Math.round(value)));
}

const scalarBytes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8] as const;
const stringType = 8;
const arrayType = 9;

function readTable(file: Buffer): {
  readonly tensors: readonly TensorEntry[];
  readonly alignment: number;
  readonly end: number;
} {
  let at = 8;
  const take = (bytes: number): number => {
    at += bytes;
    return at - bytes;
  };
  const u32 = (): number => file.readUInt32LE(take(4));
  const u64 = (): number => Number(file.readBigUInt64LE(take(8)));
  const text = (): string => {
    const length = u64();
    const start = take(length);
    return file.toString("utf8", start, start + length);
  };
  const skip = (type: number): void => {
    if (type === stringType) text();
    else if (type === arrayType) {
      const element = u32();
      for (let left = u64(); left > 0; left -= 1) skip(element);
    } else take(scalarBytes[type] ?? Number.NaN);
  };
  const tensorCount = u64();
  let alignment = 32;
  for (let left = u64(); left > 0; left -= 1) {
    const key = text();
    const type = u32();
    if (key === "general.alignment") alignment = file.readUInt32LE(at);
    skip(type);
  }
  const tensors = Array.from({ length: tensorCount }, (): TensorEntry => {
    text();
    let elements = 1;
    for (let left = u32(); left > 0; left -= 1) elements *= u64();
    const typeAt = at;
    return { type: u32(), elements, offset: u64(), at: typeAt };
  });
  return { tensors, alignment, end: at };
}
