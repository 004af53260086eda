import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sectionOf } from "../docs/written-section.ts";
import { startConformanceNode } from "./conformance-node.ts";
import { exceptions, notOffered, type ServerRun, serverRuns } from "./expectations.ts";
import { judge } from "./judge.ts";
import { listScenarios, runServerSuite, type SuiteResult } from "./run-suite.ts";
import { clientTable, serverTable } from "./tables.ts";

const listed = await Promise.all(serverRuns.map((run) => listScenarios(run, "server")));
const results = new Map<ServerRun, SuiteResult>();
let stop = async (): Promise<void> => undefined;

beforeAll(async () => {
  const node = await startConformanceNode();
  stop = node.stop;
  for (const run of serverRuns) results.set(run, await runServerSuite(run, node.url));
}, 240_000);
afterAll(() => stop());

describe.each(serverRuns.map((run, i) => ({ run, title: run.title, scenarios: listed[i] ?? [] })))(
  "a node is judged as a server of $title",
  ({ run, scenarios }) => {
    it.each(scenarios)("%s", (scenario) => {
      const checks = results.get(run)?.get(scenario) ?? [];
      const verdict = judge(scenario, checks, exceptions[run.title]);
      expect(verdict.kind === "failed" ? verdict.complaints : []).toEqual([]);
    });

    it("has an exception for no scenario that is not run", () => {
      expect(exceptions[run.title].map((it) => it.scenario).filter((name) => !scenarios.includes(name))).toEqual([]);
    });
  },
);

describe("the table of conformance", () => {
  it("leaves out no server scenario of either suite without a reason", async () => {
    const suites = ["conformance-0.1", "conformance-0.2"] as const;
    const all = await Promise.all(suites.map((suite) => listScenarios({ suite, specVersion: undefined }, "server")));
    const run = new Set(listed.flat());
    const left = all.flat().filter((name) => !run.has(name));
    expect(left.filter((name) => !notOffered.some(({ prefix }) => name.startsWith(prefix)))).toEqual([]);
  });

  it("is in docs/mcp.md as this run has it; `pnpm bench conformance` writes it", () => {
    const docs = readFileSync(path.join(import.meta.dirname, "../../../../docs/mcp.md"), "utf8");
    expect(sectionOf(docs, "conformance")).toBe(serverTable(results));
    expect(sectionOf(docs, "conformance: clients")).toBe(clientTable());
  });
});
