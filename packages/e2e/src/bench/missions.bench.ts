/**
 * Missions one after the other, each in a mesh of its own: `node packages/e2e/src/bench/missions.bench.ts
 * [--model ALIAS] [--runs N] [--models-from DIR]`. Prints a table of how they ended, how long they took and whether
 * anything was left undone. A run that does not end within ten minutes is stuck.
 */
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { breachesOf, startDev } from "../dev/testing/dev-process.ts";

const objectives = [
  "Choose a retry policy for the outbox relay and write it down",
  "Decide how long a claim on a task should last and give the reasons",
  "Plan how a new machine joins the mesh and list the steps",
] as const;

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "smollm2-135m-instruct" },
    runs: { type: "string", default: "10" },
    "models-from": { type: "string" },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
say(
  "| seed | objective | outcome | phases | proposals | ballots | refused | by model / rule / deadline | tokens in / out | up after s | mission s | breaches |",
);
say("|---|---|---|---|---|---|---|---|---|---|---|---|");
let stuck = 0;
for (let seed = 1; seed <= Number(values.runs); seed++) {
  const objective = objectives[(seed - 1) % objectives.length] ?? objectives[0];
  const stateDir = await mkdtemp(path.join(tmpdir(), "fed-run-"));
  if (values["models-from"] !== undefined) {
    await mkdir(path.join(stateDir, "models"));
    await cp(values["models-from"], path.join(stateDir, "models"), { recursive: true });
  }
  const dev = await startDev(["--once", "--seed", String(seed), "--model", values.model, "--mission", objective], {
    stateDir,
  });
  try {
    const opened = await dev.event((e) => e.kind === "MissionStarted", 300_000);
    const report = await dev.report(opened.conversation ?? "", 600_000);
    const { byModel, byRule, byDeadline } = report.decisions;
    const tokens = Object.values(report.tokens);
    const sum = (of: (t: { in: number; out: number }) => number): number => tokens.reduce((all, t) => all + of(t), 0);
    const ballots = report.proposals.reduce((all, p) => all + p.ballots.length, 0);
    const up = /is up after ([0-9.]+) s/.exec(dev.stderr())?.[1] ?? "?";
    say(
      `| ${[seed, objectives.indexOf(objective) + 1, report.outcome, report.phases.length, report.proposals.length, ballots, report.verdicts.refused, `${byModel} / ${byRule} / ${byDeadline}`, `${sum((t) => t.in)} / ${sum((t) => t.out)}`, up, (report.durationMs / 1000).toFixed(0), breachesOf(report).join("; ") || "none"].join(" | ")} |`,
    );
  } catch (error) {
    stuck++;
    say(
      `| ${seed} | ${objectives.indexOf(objective) + 1} | STUCK: ${String(error).split("\n")[0]} | | | | | | | | | |`,
    );
  } finally {
    await dev.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}
say(`${stuck} stuck`);
process.exitCode = stuck === 0 ? 0 : 1;
