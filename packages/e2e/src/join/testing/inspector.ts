/** The MCP inspector's command line: one call of one method, by a program that is not ours. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";

const folder = path.dirname(fileURLToPath(import.meta.resolve("@modelcontextprotocol/inspector/package.json")));

export const launcher = path.join(folder, "clients/launcher/build/index.js");
export const inspectorVersion = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"))).version;
const callMs = 30_000;

/** Which of the two ways it speaks; its own words. */
export type InspectorEra = "legacy" | "modern";

/** How it gets to the server: an address with headers, or a command it starts. */
export type Target =
  | { readonly url: string; readonly token: string }
  | { readonly command: string; readonly args: readonly string[] };

/** The result of the call in what `--format json` prints. */
export function printed(stdout: string): unknown {
  return z.strictObject({ result: z.looseObject({}) }).parse(JSON.parse(stdout)).result;
}

/** @returns the result of the call. @throws with what it wrote on standard error. */
export async function inspect(target: Target, era: InspectorEra, words: readonly string[]): Promise<unknown> {
  // It keeps settings and logins in the home folder; those of the one who runs the tests are none of its business.
  const home = await mkdtemp(path.join(tmpdir(), "fed-inspector-"));
  const where =
    "url" in target
      ? ["--server-url", target.url, "--transport", "http", "--header", `Authorization: Bearer ${target.token}`]
      : [target.command, ...target.args, "--transport", "stdio"];
  const options = ["--cli", ...where, "--protocol-era", era, "--format", "json", "--quiet", "--stored-auth-only"];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [launcher, ...options, ...words], {
      cwd: home,
      timeout: callMs,
      maxBuffer: 16 * 1024 * 1024,
      env: { ...process.env, HOME: home },
    });
    return printed(stdout);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
