/** Pure: the tables of docs/mcp.md, from the results of the runs. */
import { exceptions, notOffered, type ServerRun, serverRuns } from "./expectations.ts";
import { judge } from "./judge.ts";
import type { SuiteResult } from "./run-suite.ts";

const begin = "<!-- written by `pnpm bench conformance` -->";
const end = "<!-- end of what is written -->";

/** What stands between the two marks, without them. */
export function sectionOf(document: string): string | undefined {
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  return from < 0 || to < 0 ? undefined : document.slice(from + begin.length, to).trim();
}

export function withSection(document: string, section: string): string {
  const old = sectionOf(document);
  if (old === undefined) throw new Error(`docs/mcp.md has no ${begin} … ${end}`);
  const from = document.indexOf(begin) + begin.length;
  return `${document.slice(0, from)}\n\n${section}\n\n${document.slice(document.indexOf(end, from))}`;
}

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

function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}
