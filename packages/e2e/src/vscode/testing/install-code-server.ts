/**
 * VS Code as it is served to a browser: code-server, installed once into a cache folder of the user's and never into the
 * repository.
 *
 * 1. The version is pinned, and so is what npm has to have downloaded; what it depends on is pinned by its own lock.
 * 2. Two processes that install at once both end with a whole folder; a broken one is none.
 * 3. Without it the tests are skipped, loudly, with what is missing.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { noBrowser } from "../../portal/testing/browser.ts";

const version = "4.139.1";
const integrity = "sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==";
/** What has to be compiled for this Node. */
const natives = ["@vscode/spdlog", "@vscode/native-watchdog"];
const installMs = 400_000;

/** `FEDERATION_TEST_CODE_SERVER` names another folder for it. */
const folder =
  process.env["FEDERATION_TEST_CODE_SERVER"] ??
  path.join(process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache"), "federation", `code-server-${version}`);
const done = path.join(folder, "installed.json");
export const codeServerEntry = path.join(folder, "node_modules/code-server/out/node/entry.js");
/** The Node that runs this, with its headers beside it. */
const nodeHome = path.dirname(path.dirname(process.execPath));

async function prepare(): Promise<boolean> {
  if (noBrowser) return true;
  if (existsSync(done)) return false;
  const missing: string[] = [];
  if (!existsSync(path.join(nodeHome, "include/node/node.h")))
    missing.push(`the headers of Node in ${nodeHome}/include`);
  for (const tool of ["npm", "python3", "make", "g++"]) if (!(await works(tool))) missing.push(tool);
  if (missing.length > 0) {
    process.stderr.write(
      `SKIPPED: code-server ${version} cannot be installed without ${missing.join(", ")}. As root on Debian: apt-get install npm python3 make g++; and run the tests with the Node of node_modules (npx -y pnpm@12 test:vscode).\n`,
    );
    return true;
  }
  try {
    await install();
    return false;
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    const said = error.message;
    process.stderr.write(
      `SKIPPED: code-server ${version} could not be installed from npm: ${said}\nWith access to an npm registry it is installed by itself; or name a folder that has it with FEDERATION_TEST_CODE_SERVER.\n`,
    );
    return true;
  }
}

const lockSchema = z.looseObject({
  packages: z.record(z.string(), z.looseObject({ integrity: z.string().optional() })),
});

async function install(): Promise<void> {
  process.stderr.write(`vscode: installing code-server ${version} into ${folder}, once; two minutes, 620 MB\n`);
  await mkdir(path.dirname(folder), { recursive: true });
  const fresh = await mkdtemp(path.join(path.dirname(folder), "installing-"));
  try {
    const server = path.join(fresh, "node_modules/code-server/lib/vscode");
    await npm(fresh, "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", `code-server@${version}`);
    const lock = lockSchema.parse(
      JSON.parse(await readFile(path.join(fresh, "node_modules/.package-lock.json"), "utf8")),
    );
    if (lock.packages["node_modules/code-server"]?.integrity !== integrity)
      throw new Error("npm gave another code-server than the one that is pinned");
    const production = ["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"];
    await npm(server, ...production);
    await npm(server, "rebuild", ...natives);
    await npm(path.join(server, "extensions"), ...production);
    await writeFile(path.join(fresh, path.basename(done)), JSON.stringify({ version }));
    await rename(fresh, folder).catch(async (error: unknown) => {
      // Another process was faster; its folder is as good.
      if (!existsSync(done)) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** npm could not: a registry that is out of reach, a compiler that is broken. */
class InstallError extends Error {}

async function npm(cwd: string, ...words: readonly string[]): Promise<void> {
  await promisify(execFile)("npm", [...words], {
    cwd,
    timeout: installMs,
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...process.env,
      PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env["PATH"] ?? ""}`,
      npm_config_nodedir: nodeHome,
    },
  }).catch((cause: unknown) => {
    const said =
      typeof cause === "object" && cause !== null && "stderr" in cause ? String(cause.stderr) : String(cause);
    throw new InstallError(`npm ${words[0]}: ${said.trim().slice(-1_500)}`, { cause });
  });
}

async function works(tool: string): Promise<boolean> {
  return await promisify(execFile)(tool, ["--version"]).then(
    () => true,
    () => false,
  );
}

/** For `describe.skipIf`: installs it where it can. */
export const noEditor = await prepare();
