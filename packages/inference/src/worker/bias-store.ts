/**
 * A sentence's score in a reference context, kept on disk: measured once per model file.
 *
 * 1. The key holds everything the score depends on: model bytes, rendering version, context, sentence.
 * 2. It is a cache. A line that cannot be read is measured again; a disk that cannot be written is no reason to fail.
 * 3. What the package ships is read first and never written: the sentences of the default team, measured beforehand,
 *    so that a first mission need not. A prompt that changed since misses there, and is measured again.
 * 4. Lines are appended in one write each, so that workers of one cache directory do not tear each other's.
 */
import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChatMessage } from "@federation/runtime/ports";

export interface BiasStore {
  get(reference: readonly ChatMessage[], sentence: string): number | undefined;
  put(reference: readonly ChatMessage[], sentence: string, score: number): void;
  /** Resolves when what was put is on disk, or was given up. */
  flush(): Promise<void>;
}

/** Raised when prompts are rendered or sentences scored in another way: old scores then mean nothing. */
const scoringVersion = 2;
const packageDir = fileURLToPath(new URL("../../data/choice-bias", import.meta.url));
const maxEntries = 20_000;
const linePattern = /^([0-9a-f]{64}) (-?[0-9.e+-]{1,30})$/;

export async function openBiasStore(options: {
  readonly cacheDir: string;
  readonly modelSha256: string;
  /** The folder of shipped files; the package's own when absent. */
  readonly shippedDir?: string;
  readonly onError: (error: unknown) => void;
}): Promise<BiasStore> {
  const path = join(options.cacheDir, "choice-bias", `${options.modelSha256}.txt`);
  const scores = new Map<string, number>();
  let writing: Promise<void> = Promise.resolve();
  const write = (task: () => Promise<void>): void => {
    writing = writing.then(task).catch(options.onError);
  };

  const shipped = await readScores(join(options.shippedDir ?? packageDir, `${options.modelSha256}.txt`));
  for (const [key, score] of await readScores(path)) scores.set(key, score);
  if (scores.size > maxEntries) {
    const kept = [...scores].slice(-maxEntries / 2);
    scores.clear();
    for (const [key, score] of kept) scores.set(key, score);
    write(() => writeFile(path, kept.map(([key, score]) => `${key} ${score}\n`).join("")));
  }

  return {
    get: (reference, sentence) => {
      const key = keyOf(reference, sentence);
      return scores.get(key) ?? shipped.get(key);
    },
    put: (reference, sentence, score) => {
      const key = keyOf(reference, sentence);
      const [oldest] = scores.keys();
      if (scores.size > 2 * maxEntries && oldest !== undefined) scores.delete(oldest);
      scores.set(key, score);
      write(async () => {
        await mkdir(dirname(path), { recursive: true });
        await appendFile(path, `${key} ${score}\n`);
      });
    },
    flush: () => writing,
  };
}

async function readScores(path: string): Promise<ReadonlyMap<string, number>> {
  const scores = new Map<string, number>();
  for (const line of (await readFile(path, "utf8").catch(() => "")).split("\n")) {
    const [, key, score] = linePattern.exec(line) ?? [];
    if (key !== undefined && Number.isFinite(Number(score))) scores.set(key, Number(score));
  }
  return scores;
}

function keyOf(reference: readonly ChatMessage[], sentence: string): string {
  const texts = reference.flatMap((message) => [message.role, message.text]);
  return createHash("sha256")
    .update(JSON.stringify([scoringVersion, texts, sentence]))
    .digest("hex");
}
