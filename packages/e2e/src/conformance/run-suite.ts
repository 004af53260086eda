/** Runs one of the two conformance suites as the program it is, and reads the checks it leaves in files. */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

export interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  readonly errorMessage?: string | undefined;
}

/** Checks by the scenario they belong to, in the order the suite ran them. */
export type SuiteResult = ReadonlyMap<string, readonly Check[]>;

export interface SuiteRun {
  /** Which pinned package. */
  readonly suite: "conformance-0.1" | "conformance-0.2";
  readonly specVersion: string | undefined;
}

const checksSchema = z.array(
  z.looseObject({
    id: z.string(),
    status: z.enum(["SUCCESS", "FAILURE", "WARNING", "SKIPPED", "INFO"]),
    errorMessage: z.string().optional(),
  }),
);

const runMs = 90_000;
const clientMs = 20_000;
const resultFolder = /^(.+)-\d{4}-\d{2}-\d{2}T[\dZ-]+$/;
const announced = /^=== Running scenario: (.+) ===$/gm;

const entries = {
  "conformance-0.1": import.meta.resolve("conformance-0.1/dist/index.js"),
  "conformance-0.2": import.meta.resolve("conformance-0.2/dist/index.js"),
} as const;

const entryOf = (suite: SuiteRun["suite"]): string => fileURLToPath(entries[suite]);

/** Every server scenario of the suite that is for this version, against `url`. */
export async function runServerSuite({ suite, specVersion }: SuiteRun, url: string): Promise<SuiteResult> {
  const folder = await mkdtemp(path.join(tmpdir(), "fed-conformance-"));
  try {
    const version = specVersion === undefined ? [] : ["--spec-version", specVersion];
    const words = ["server", "--url", url, "--suite", "all", ...version, "-o", folder];
    const output = await runProgram(entryOf(suite), words);
    const results = await readResults(folder, "server-");
    const names = [...output.matchAll(announced)].map(([, name = ""]) => name);
    // A scenario that was announced and left no file did not come to its end.
    return new Map(names.map((name) => [name, results.get(name) ?? [broken(name)]]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One client scenario of the suite, with `command` as the client; the suite appends its server's URL. */
export async function runClientScenario(
  { suite, specVersion }: SuiteRun,
  scenario: string,
  command: string,
): Promise<readonly Check[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "fed-conformance-"));
  try {
    const version = specVersion === undefined ? [] : ["--spec-version", specVersion];
    const words = ["client", "--command", command, "--scenario", scenario, ...version, "-o", folder];
    await runProgram(entryOf(suite), [...words, "--timeout", String(clientMs)]);
    const results = await readResults(folder, "");
    return results.get(scenario) ?? [broken(scenario)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The scenarios the suite has for one side; without a version, all there are, extensions too. */
export async function listScenarios(
  { suite, specVersion }: SuiteRun,
  side: "server" | "client",
): Promise<readonly string[]> {
  const version = specVersion === undefined ? [] : ["--spec-version", specVersion];
  const output = await runProgram(entryOf(suite), ["list", `--${side}`, ...version]);
  return [...output.matchAll(/^ {2}- (\S+)/gm)].map(([, name = ""]) => name);
}

const broken = (name: string): Check => ({
  id: name,
  status: "FAILURE",
  errorMessage: "The scenario did not come to its end.",
});

/** `prefix`: what the suite puts before a scenario's name. */
async function readResults(folder: string, prefix: string): Promise<SuiteResult> {
  const found = new Map<string, readonly Check[]>();
  for (const entry of await readdir(folder, { recursive: true })) {
    if (path.basename(entry) !== "checks.json") continue;
    const scenario = resultFolder.exec(path.dirname(entry))?.[1];
    if (scenario === undefined) throw new Error(`the suite named a result in a new way: ${entry}`);
    found.set(
      scenario.slice(prefix.length),
      checksSchema.parse(JSON.parse(await readFile(path.join(folder, entry), "utf8"))),
    );
  }
  return found;
}

/** What it wrote. It ends with 1 when a check failed, which is ours to judge; a run without its end is an error. */
function runProgram(entry: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [entry, ...words], { stdio: ["ignore", "pipe", "pipe"], timeout: runMs });
    let output = "";
    const keep = (text: string): void => {
      output += text;
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0 || code === 1) resolve(output);
      else reject(new Error(`the suite ended with ${code}: ${output.slice(-2000)}`));
    });
  });
}
