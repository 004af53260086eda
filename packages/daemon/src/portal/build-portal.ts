/**
 * The portal's page is the one part that is built before it is served. `dev` and `federation portal --build` build it when
 * it is not there, or older than what it is made of; no daemon does.
 *
 * 1. A build that fails leaves the page of before. A new one takes its place whole.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rename, rm, stat, utimes } from "node:fs/promises";
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
  if ((await stat(vite).catch(() => undefined)) === undefined)
    throw new MeshError(
      "unavailable",
      "What builds the portal is not installed; run: npx -y pnpm@12 install, and then: npx -y pnpm@12 build:portal",
    );
  // Where git does not look, and on the file system of the place it goes to.
  const work = await mkdtemp(path.join(folder, "node_modules/.portal-"));
  try {
    // Not the folder itself, which is this user's alone: a daemon may run as another one.
    const made = path.join(work, "dist");
    const startedMs = Date.now();
    await runVite(vite, folder, made);
    // What was changed while it was built is newer than it.
    await utimes(path.join(made, "index.html"), startedMs / 1000, startedMs / 1000);
    await putInPlace(made, path.join(folder, "dist"));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function runVite(vite: string, folder: string, made: string): Promise<void> {
  const child = spawn(process.execPath, [vite, "build", "--logLevel", "warn", "--outDir", made], {
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

/** Several may build at once, as after a fresh clone: the last one stays, and none meets another's half. */
async function putInPlace(made: string, place: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const old = `${made}-old-${attempt}`;
    await rename(place, old).catch(unless("ENOENT"));
    const placed = await rename(made, place).then(() => true, unless("ENOTEMPTY", "EEXIST"));
    await rm(old, { recursive: true, force: true });
    if (placed === true) return;
    if (attempt === 10) throw new MeshError("conflict", `Others keep building ${place}; wait for them, and try again.`);
  }
}

/** Lets an error with one of these codes pass. */
function unless(...codes: readonly string[]): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (!codes.includes(error.code ?? "")) throw error;
  };
}
