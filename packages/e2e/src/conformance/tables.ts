/** Pure: the tables of docs/mcp.md, from the results of the runs. */
import { markdownTable } from "../docs/written-section.ts";
import { clientNotRun, clientRuns } from "./client/expectations.ts";
import { exceptions, notOffered, type ServerRun, serverRuns } from "./expectations.ts";
import { judge } from "./judge.ts";
import type { SuiteResult } from "./run-suite.ts";

export function serverTable(results: ReadonlyMap<ServerRun, SuiteResult>): string {
  const names = [...new Set([...results.values()].flatMap((result) => [...result.keys()]))];
  const rows = names.map((name) => [`\`${name}\``, ...serverRuns.map((run) => cell(run, name, results.get(run)))]);
  const heads = ["Scenario", ...serverRuns.map((run) => run.title)];
  const known = serverRuns.flatMap((run) =>
    exceptions[run.title].map((it) => `- \`${it.scenario}\` (${run.title}; ${it.checks.join(", ")}): ${it.reason}`),
  );
  const left = notOffered.map((it) => `- \`${it.prefix}…\`: ${it.reason}`);
  return [
    markdownTable(heads, rows),
    "",
    known.length === 0 ? "No exceptions." : ["Exceptions:", "", ...known].join("\n"),
    "",
    "Not run, because not offered:",
    "",
    ...left,
  ].join("\n");
}

function cell(run: ServerRun, scenario: string, result: SuiteResult | undefined): string {
  const checks = result?.get(scenario);
  if (checks === undefined) return "";
  const verdict = judge(scenario, checks, exceptions[run.title]);
  switch (verdict.kind) {
    case "passed":
      return "passes";
    case "excepted":
      return "exception";
    case "failed":
      return "FAILS";
  }
}

/** Every scenario in it passes, or the test of that scenario fails. */
export function clientTable(): string {
  const names = [...new Set(clientRuns.flatMap((run): readonly string[] => run.scenarios))];
  const rows = names.map((name) => [
    `\`${name}\``,
    ...clientRuns.map((run) => (run.scenarios.some((it) => it === name) ? "passes" : "")),
  ]);
  const left = clientNotRun.map((it) => `- \`${it.prefix}${/[-/]$/.test(it.prefix) ? "…" : ""}\`: ${it.reason}`);
  return [
    markdownTable(["Scenario", ...clientRuns.map((run) => run.title)], rows),
    "",
    "Not run, because it meets nothing here:",
    "",
    ...left,
  ].join("\n");
}
