/** Runs both conformance suites against a node and writes their table into docs/mcp.md. Takes half a minute. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { withSection } from "../docs/written-section.ts";
import { startConformanceNode } from "./conformance-node.ts";
import { type ServerRun, serverRuns } from "./expectations.ts";
import { runServerSuite, type SuiteResult } from "./run-suite.ts";
import { clientTable, serverTable } from "./tables.ts";

const docs = path.join(import.meta.dirname, "../../../../docs/mcp.md");
const node = await startConformanceNode();
try {
  const results = new Map<ServerRun, SuiteResult>();
  for (const run of serverRuns) {
    const began = performance.now();
    const result = await runServerSuite(run, node.url);
    results.set(run, result);
    const checks = [...result.values()].flat();
    const count = (status: string): number => checks.filter((check) => check.status === status).length;
    process.stdout.write(
      `${run.title}: ${result.size} scenarios, ${count("SUCCESS")} checks passed, ${count("FAILURE")} failed, ${count("WARNING")} warnings, ${((performance.now() - began) / 1000).toFixed(1)} s\n`,
    );
  }
  const withServers = withSection(readFileSync(docs, "utf8"), "conformance", serverTable(results));
  writeFileSync(docs, withSection(withServers, "conformance: clients", clientTable()));
} finally {
  await node.stop();
}
