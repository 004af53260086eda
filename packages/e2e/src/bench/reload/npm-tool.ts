/** A published tool, installed where the benchmark keeps what it throws away: it is no part of this repository. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

export type NpmTool =
  | { readonly state: "installed"; readonly program: string; readonly version: string; readonly licence: string }
  | { readonly state: "unavailable"; readonly why: string };

const INSTALL_MS = 120_000;
const manifestSchema = z.object({
  version: z.string(),
  license: z.string().default("not told"),
  bin: z.union([z.string(), z.record(z.string(), z.string())]),
});
const failureSchema = z.object({ stderr: z.string() });

export async function installNpmTool(name: string, version: string, dir: string): Promise<NpmTool> {
  const args = ["install", "--prefix", dir, "--no-audit", "--no-fund", "--ignore-scripts", `${name}@${version}`];
  try {
    await promisify(execFile)("npm", args, { timeout: INSTALL_MS });
  } catch (error) {
    const said = failureSchema.safeParse(error).data?.stderr ?? String(error);
    return { state: "unavailable", why: /npm error code (\w+)/.exec(said)?.[1] ?? said.slice(0, 160) };
  }
  const folder = path.join(dir, "node_modules", name);
  const manifest = manifestSchema.parse(JSON.parse(await readFile(path.join(folder, "package.json"), "utf8")));
  const bin = typeof manifest.bin === "string" ? manifest.bin : (manifest.bin[name] ?? "");
  return {
    state: "installed",
    program: path.join(folder, bin),
    version: manifest.version,
    licence: manifest.license,
  };
}
