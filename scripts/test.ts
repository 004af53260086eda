/**
 * `pnpm test [suite…] [path…] [vitest options]`: the default run, or the named suites (see suites.ts), with a last
 * line that a machine can read: `N passed, N failed[, N skipped]`.
 *
 * 1. A run that found no test has failed.
 * 2. A file that could not be loaded and an error outside of any test each count as one failure.
 * 3. Skipped tests, failed ones and those that passed only when repeated are listed by name at the end: nothing is left
 *    out in silence, and the end of a log is enough to know what to look at.
 */
import type { TestCase, TestModule, Vitest } from "vitest/node";
import { parseCLI, startVitest } from "vitest/node";
import { isSuiteName, onDemand, type SuiteName, suites } from "./suites.ts";

interface Tally {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly repeated: readonly string[];
  readonly skipped: readonly string[];
}

const words = process.argv.slice(2);
const named = [...new Set(words.filter(isSuiteName))];
const { filter, options } = parseCLI(["vitest", "run", ...words.filter((word) => !isSuiteName(word))]);

const started = performance.now();
process.stdout.write(`${describe(named)}\n`);
const vitest = await startVitest([...filter], {
  ...options,
  watch: false,
  ...(named.length > 0
    ? { include: named.map((name) => `packages/*/src/**/*${suites[name].suffix}`) }
    : { exclude: ["**/node_modules/**", ...onDemand.map((name) => `**/*${suites[name].suffix}`)] }),
});
const tally = count(vitest);
await vitest.close();
report(tally, performance.now() - started);

function describe(names: readonly SuiteName[]): string {
  if (names.length === 0) return `default suite (left out: ${onDemand.join(", ")}; run them by name)`;
  return names.map((name) => `suite ${name}: needs ${suites[name].needs}`).join("\n");
}

function count(run: Vitest): Tally {
  const modules = run.state.getTestModules();
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const name = (test: TestCase) => `${test.module.relativeModuleId}: ${test.fullName}`;
  const results = (state: string) => tests.filter((test) => test.result().state === state);
  const broken = modules.filter((module) => module.state() === "failed" && !hasFailedTest(module));
  return {
    passed: results("passed").length,
    failed: [
      ...results("failed").map(name),
      ...broken.map((module) => `${module.relativeModuleId}: could not be loaded`),
      ...run.state.getUnhandledErrors().map((error) => `outside of any test: ${String(error).split("\n")[0]}`),
    ],
    repeated: results("passed")
      .filter((test) => (test.diagnostic()?.retryCount ?? 0) > 0)
      .map(name),
    skipped: results("skipped").map(name),
  };
}

function hasFailedTest(module: TestModule): boolean {
  return [...module.children.allTests("failed")].length > 0;
}

function report({ passed, failed, repeated, skipped }: Tally, elapsedMs: number): void {
  for (const name of skipped) process.stdout.write(`skipped  ${name}\n`);
  for (const name of repeated) process.stdout.write(`repeated ${name}\n`);
  for (const name of failed) process.stdout.write(`failed   ${name}\n`);
  process.stdout.write(`${(elapsedMs / 1000).toFixed(0)} s\n`);
  if (passed + failed.length === 0) process.stdout.write("No test was found.\n");
  process.stdout.write(
    `${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}\n`,
  );
  if (failed.length > 0 || passed === 0) process.exitCode = 1;
}
