import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { control, type MeshEvent } from "@federation/core";
import type { ControlClient } from "@federation/mcp/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { breachesOf, type DevProcess, type DevReport, overdueIn, startDev } from "../dev/testing/dev-process.ts";

/**
 * A rolling reload as an operator makes it, with `federation reload --all`, over a mesh of real daemons while a mission
 * runs: nobody at work on it may notice.
 */
const federation = path.join(import.meta.dirname, "../../../daemon/bin/federation.mjs");
const run = promisify(execFile);
const reloadSchema = control.ListReloads.response.shape.reloads.element;

let dev: DevProcess;
let client: ControlClient;
beforeAll(async () => {
  dev = await startDev([]);
  client = await dev.client();
}, 180_000);
afterAll(async () => {
  await client?.close();
  await dev?.stop();
});

const models = () => dev.pids((line) => line.includes("inference/src/worker/main"));
const impls = () => dev.pids((line) => line.includes("impl/main.ts"));

/** `federation reload --all` in a process of its own; its lines parsed. */
async function reloadAll() {
  const target: unknown = JSON.parse(await readFile(path.join(dev.stateDir, "commander", "cli.json"), "utf8"));
  const given = (key: string): string => String(Reflect.get(Object(target), key));
  const { stdout, stderr } = await run(process.execPath, [
    federation,
    ...["--url", given("url"), "--token-file", given("tokenFile"), "--json", "reload", "--all"],
  ]);
  const rows = stdout
    .trimEnd()
    .split("\n")
    .map((line) => reloadSchema.parse(JSON.parse(line)));
  return { rows, stderr };
}

/** What somebody did twice although it was to be done once: a duty closed, a plan made, a report written. */
function doubled(events: readonly MeshEvent[]): readonly string[] {
  const seen = new Map<string, number>();
  let phase = "";
  for (const { kind, actor, subject, data } of events) {
    if (kind === "PhaseEntered") phase = `${data["phase"]} ${data["round"]} ${data["phaseNo"] ?? ""}`;
    const once =
      kind === "DutyOpened" || kind === "DutyClosed"
        ? `${kind} ${data["duty"]} ${subject} in ${phase}`
        : kind === "ProposalMade" || kind === "BallotCast" || kind === "ReportWritten"
          ? `${kind} ${kind === "BallotCast" ? subject : ""} in ${phase}`
          : undefined;
    if (once !== undefined) seen.set(`${actor} ${once}`, (seen.get(`${actor} ${once}`) ?? 0) + 1);
  }
  return [...seen].filter(([, times]) => times > 1).map(([what]) => what);
}

/** Missions one after the other until `over`, so that whatever happens meanwhile happens to a mission. */
async function missionsUntil(over: () => boolean, firstSeed: number): Promise<readonly DevReport[]> {
  const reports: DevReport[] = [];
  do {
    const { mission } = await client.call("StartMission", {
      objective: "Agree how long a lease should last and write it down",
      seed: firstSeed + reports.length,
    });
    reports.push(await dev.report(mission, 200_000));
  } while (!over());
  return reports;
}

/** Nodes whose logic was replaced while a mission was open. */
function reloadedDuring(events: readonly MeshEvent[]): readonly (string | null)[] {
  const open = new Set<string | null>();
  const during: (string | null)[] = [];
  for (const { kind, actor, conversation } of events) {
    if (kind === "MissionStarted") open.add(conversation);
    if (kind === "MissionClosed") open.delete(conversation);
    if (kind === "NodeReloaded" && open.size > 0) during.push(actor);
  }
  return during;
}

test("every node gets new logic while missions run: they close with their guarantees, and the models stay", async () => {
  const nodes = (await client.call("ListRoster", {})).actors.filter((a) => a.online).map((a) => a.actor);
  expect(nodes.length).toBeGreaterThanOrEqual(4);
  const [modelsBefore, implsBefore] = [await models(), await impls()];
  expect(modelsBefore.length).toBeGreaterThan(0);

  let over = false;
  const missions = Promise.all([11, 31].map((seed) => missionsUntil(() => over, seed)));
  await dev.event((e) => e.kind === "MissionStarted");
  const { rows, stderr } = await reloadAll().finally(() => {
    over = true;
  });
  const reports = (await missions).flat();

  expect(rows.map((row) => row.state)).toEqual(nodes.map(() => "reloaded"));
  expect(rows.map((row) => row.node).sort()).toEqual([...nodes].sort());
  // The node that was asked steers, and comes last.
  expect(rows.at(-1)?.node).toBe("commander");
  expect(stderr).toContain(`Reloaded: ${rows.map((row) => row.node).join(", ")}.`);
  // Between two missions of one row of them there is a moment without; seldom of both.
  expect(reloadedDuring(dev.events).length).toBeGreaterThanOrEqual(nodes.length - 1);

  for (const report of reports) {
    expect(breachesOf(report)).toEqual([]);
    expect(doubled(dev.events.filter((e) => e.conversation === report.mission))).toEqual([]);
  }
  expect(await overdueIn(client)).toEqual([]);
  // All of it is on record, each reload with who asked.
  const { reloads } = await client.call("ListReloads", {});
  expect(reloads.map((r) => [r.node, r.askedBy, r.state]).sort()).toEqual(
    [...nodes].sort().map((node) => [node, "commander", "reloaded"]),
  );

  // The models were not loaded again, and of the logic from before nothing is left.
  expect(await models()).toEqual(modelsBefore);
  await expect.poll(impls, { timeout: 30_000 }).toHaveLength(implsBefore.length);
  expect((await impls()).filter((pid) => implsBefore.includes(pid))).toEqual([]);
}, 500_000);

test("a reload by a signal at the machine is on record too, asked for by nobody", async () => {
  const before = (await client.call("ListReloads", { node: "baby" })).reloads.length;
  const [daemon] = await dev.pids((line) => line.includes("federationd.mjs") && line.includes("/baby/"));
  if (daemon === undefined) throw new Error("baby has no daemon");
  process.kill(daemon, "SIGHUP");
  const rows = async () => (await client.call("ListReloads", { node: "baby" })).reloads;
  await expect.poll(async () => (await rows()).length, { timeout: 60_000 }).toBe(before + 1);
  expect((await rows())[0]).toMatchObject({ node: "baby", askedBy: null, state: "reloaded", stage: null, reason: "" });
}, 120_000);
