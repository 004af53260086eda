/**
 * What the extension is made of: its own folder as it is, what Vite makes of the sources for the extension host, the
 * portal's page, and the licence. Nothing else of the workspace.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

const here = path.join(import.meta.dirname, "../..");
const portal = path.join(here, "../portal");

/** Builds both halves and reads them. @throws with what a build said. */
export async function readExtensionFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  await build(here, []);
  // Into a folder of its own: a daemon may be serving the portal's.
  await build(portal, ["--outDir", path.join(here, "dist/portal"), "--emptyOutDir"]);
  return new Map([
    ...(await filesIn(path.join(here, "extension"), "")),
    ...(await filesIn(path.join(here, "dist/host"), "host/")),
    ...(await filesIn(path.join(here, "dist/portal"), "portal/")),
    ["LICENSE.txt", await readFile(path.join(here, "../../LICENSE"))],
  ]);
}

async function filesIn(folder: string, prefix: string): Promise<readonly (readonly [string, Uint8Array])[]> {
  const inside = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = inside
    .filter((it) => it.isFile())
    .map((it) => path.relative(folder, path.join(it.parentPath, it.name)))
    .toSorted();
  return await Promise.all(
    names.map(
      async (name) => [`${prefix}${name.split(path.sep).join("/")}`, await readFile(path.join(folder, name))] as const,
    ),
  );
}

async function build(folder: string, options: readonly string[]): Promise<void> {
  const vite = path.join(folder, "node_modules/vite/bin/vite.js");
  const child = spawn(process.execPath, [vite, "build", "--logLevel", "warn", ...options], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${path.basename(folder)} could not be built:\n${said.trim()}`);
}
