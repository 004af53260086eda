/**
 * `pnpm test [suite…] [path…] [vitest options]`: the default run, or the named suites (see suites.ts), with a last
 * line that a machine can read: `N passed, N failed[, N skipped]`.
 *
 * 1. A run that found no test has failed.
 * 2. A file that could not be loaded and an error outside of any test each count as one failure.
 * 3. Skipped tests are listed by name: nothing is left out in silence.
 */
import type { TestModule, Vitest } from "vitest/node";
import { parseCLI, startVitest } from "vitest/node";
import { isSuiteName, onDemand, type SuiteName, suites } from "./suites.ts";

interface Tally {
  readonly passed: number;
  readonly failed: number;
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
  const results = (state: string) => tests.filter((test) => test.result().state === state);
  const broken = modules.filter((module) => module.state() === "failed" && !hasFailedTest(module));
  return {
    passed: results("passed").length,
    failed: results("failed").length + broken.length + run.state.getUnhandledErrors().length,
    skipped: results("skipped").map((test) => `${test.module.relativeModuleId}: ${test.fullName}`),
  };
}

function hasFailedTest(module: TestModule): boolean {
  return [...module.children.allTests("failed")].length > 0;
}

function report({ passed, failed, skipped }: Tally, elapsedMs: number): void {
  for (const name of skipped) process.stdout.write(`skipped  ${name}\n`);
  process.stdout.write(`${(elapsedMs / 1000).toFixed(0)} s\n`);
  if (passed + failed === 0) process.stdout.write("No test was found.\n");
  process.stdout.write(
    `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}\n`,
  );
  if (failed > 0 || passed === 0) process.exitCode = 1;
}
