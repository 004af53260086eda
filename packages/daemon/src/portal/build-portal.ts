/**
 * The portal's page is the one part that is built before it is served. Whoever runs a checkout need not think of it: it is
 * built when it is not there, or older than what it is made of.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { MeshError } from "@federation/core";
import { repository } from "../repository.ts";

/** What the page is made of. */
const sources = [
  "packages/portal/src",
  "packages/portal/index.html",
  "packages/portal/vite.config.ts",
  "packages/core/src",
  "packages/mcp/src",
  "pnpm-lock.yaml",
];

/** Builds the page if it has to be. @throws MeshError `unavailable` with what the build said. */
export async function ensurePortalBuilt(root: string = repository.root): Promise<"built" | "fresh"> {
  const page = await stat(path.join(root, "packages/portal/dist/index.html")).catch(() => undefined);
  const newest = Math.max(...(await Promise.all(sources.map((it) => newestMs(path.join(root, it))))));
  if (page !== undefined && page.mtimeMs >= newest) return "fresh";
  await build(root);
  return "built";
}

async function newestMs(place: string): Promise<number> {
  const it = await stat(place);
  if (!it.isDirectory()) return it.mtimeMs;
  const inside = await readdir(place, { recursive: true, withFileTypes: true });
  const files = inside.filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name));
  const times = files.map(async (entry) => (await stat(path.join(entry.parentPath, entry.name))).mtimeMs);
  return Math.max(it.mtimeMs, ...(await Promise.all(times)));
}

async function build(root: string): Promise<void> {
  const folder = path.join(root, "packages/portal");
  const vite = path.join(folder, "node_modules/vite/bin/vite.js");
  const child = spawn(process.execPath, [vite, "build", "--logLevel", "warn"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  const [code] = await once(child, "close");
  if (code !== 0)
    throw new MeshError(
      "unavailable",
      `The portal could not be built; run: npx -y pnpm@12 build:portal\n${said.trim()}`,
    );
}
