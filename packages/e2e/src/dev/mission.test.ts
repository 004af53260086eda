import { afterAll, expect, test } from "vitest";
import { breachesOf, type DevProcess, startDev } from "./testing/dev-process.ts";

const started: DevProcess[] = [];
afterAll(async () => {
  await Promise.all(started.map((it) => it.stop()));
});

test("one command carries a typed mission through its phases to a report, and leaves no process behind", async () => {
  const objective = "Choose a retry policy for the outbox relay and write it down";
  const dev = await startDev(["--once", "--seed", "7", "--mission", objective]);
  started.push(dev);
  const opened = await dev.event((e) => e.kind === "MissionStarted");
  const closed = await dev.event((e) => e.kind === "MissionClosed", 240_000);
  const report = await dev.report(opened.conversation ?? "");
  const code = await dev.ended;
  expect(breachesOf(report)).toEqual([]);
  expect(report.objective).toBe(objective);
  expect(closed.data["outcome"]).toBe(report.outcome);
  expect(code).toBe(["accepted", "not_accepted"].includes(report.outcome ?? "") ? 0 : 1);
  const order = ["propose", "critique", "vote", "assign", "implement", "review", "synthesise", "closed"];
  const names = report.phases.map((p) => p.name);
  expect(names.filter((name, i) => names.indexOf(name) === i)).toEqual(order.filter((name) => names.includes(name)));
  expect(report.decisions.byModel).toBeGreaterThan(report.decisions.byDeadline);
  for (const agent of ["taichi-5090", "aorus-3090", "baby"]) {
    expect(report.tokens[agent]?.in).toBeGreaterThan(0);
    expect(report.tokens[agent]?.out).toBeGreaterThan(0);
  }
  expect(report.model).toBe("fixture");
  expect(report.database).toMatch(/^PostgreSQL/);
  expect(await dev.pids(() => true)).toEqual([]);
  // Every event came once and in the order of the log.
  expect(new Set(dev.events.map((e) => e.cursor)).size).toBe(dev.events.length);
}, 300_000);
