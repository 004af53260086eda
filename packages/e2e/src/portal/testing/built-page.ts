/** The page, built somewhere else than where a node serves it. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

const portal = path.join(import.meta.dirname, "../../../../portal");
/** Where `federation portal --build` puts it. */
export const servedFolder = path.join(portal, "dist");

/** Builds it into a folder that lasts as long as `use`. */
export async function withBuiltPage<T>(
  options: readonly string[],
  use: (folder: string) => T | Promise<T>,
): Promise<T> {
  const out = await mkdtemp(path.join(tmpdir(), "fed-page-"));
  try {
    const vite = path.join(portal, "node_modules/vite/bin/vite.js");
    const words = ["build", "--logLevel", "warn", "--outDir", out, "--emptyOutDir", ...options];
    await promisify(execFile)(process.execPath, [vite, ...words], { cwd: portal });
    return await use(out);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

export interface BuiltFile {
  /** Without its hash, which says nothing of what changed. */
  readonly name: string;
  readonly content: Buffer;
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** The heaviest first. */
export function builtFiles(folder: string): readonly BuiltFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it) => {
      const content = readFileSync(path.join(it.parentPath, it.name));
      const name = it.name.replace(/-[\w-]{8}(?=\.\w+$)/, "");
      return { name, content, bytes: content.length, gzipBytes: gzipSync(content, { level: 9 }).length };
    })
    .sort((a, b) => b.gzipBytes - a.gzipBytes);
}
