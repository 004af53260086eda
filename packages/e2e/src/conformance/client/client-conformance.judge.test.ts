import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { judge } from "../judge.ts";
import { listScenarios, runClientScenario } from "../run-suite.ts";
import { clientNotRun, clientRuns } from "./expectations.ts";

const command = `${process.execPath} ${fileURLToPath(new URL("./main.ts", import.meta.url))}`;

describe.each(clientRuns)("a host behind `federation mcp` is judged as a client of $title", (run) => {
  it.each(run.scenarios)("%s", async (scenario) => {
    const verdict = judge(scenario, await runClientScenario(run, scenario, command), []);
    expect(verdict.kind === "failed" ? verdict.complaints : []).toEqual([]);
  });

  it("leaves out no scenario without a reason", async () => {
    const left = (await listScenarios(run, "client")).filter((name) => !run.scenarios.some((it) => it === name));
    expect(left.filter((name) => !clientNotRun.some(({ prefix }) => name.startsWith(prefix)))).toEqual([]);
  });
});
