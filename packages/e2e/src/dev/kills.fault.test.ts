import type { ControlClient } from "@federation/mcp/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { breachesOf, type DevProcess, type DevReport, overdueIn, startDev } from "./testing/dev-process.ts";

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

/** Starts a mission, kills what `victims` names once the vote has opened, and waits for the end. */
async function killedDuring(victims: (line: string) => boolean, seed: number): Promise<DevReport> {
  const { mission } = await client.call("StartMission", {
    objective: "Agree how long a lease should last and write it down",
    seed,
  });
  await dev.event((e) => e.conversation === mission && e.kind === "ProposalMade", 180_000);
  const pids = await dev.pids(victims);
  expect(pids.length).toBeGreaterThan(0);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  const report = await dev.report(mission, 400_000);
  expect(breachesOf(report)).toEqual([]);
  expect(await overdueIn(client)).toEqual([]);
  // What was killed is running again, as another process.
  const again = await dev.pids(victims);
  expect(again.length).toBeGreaterThan(0);
  expect(again.filter((pid) => pids.includes(pid))).toEqual([]);
  return report;
}

const nodeOf = (name: string) => (line: string) => line.includes("federationd.mjs") && line.includes(`/${name}/`);

test("a mission closes with its guarantees when the logic of every node is killed during it", async () => {
  const workers = await dev.pids((line) => line.includes("inference/src/worker/main"));
  await killedDuring((line) => line.includes("impl/main.ts"), 1);
  // The model stayed warm: the same worker process serves.
  expect(await dev.pids((line) => line.includes("inference/src/worker/main"))).toEqual(workers);
}, 500_000);

test("a mission closes with its guarantees when the model's worker is killed during it", async () => {
  await killedDuring((line) => line.includes("inference/src/worker/main"), 2);
}, 500_000);

test("a mission closes with its guarantees when a whole daemon is killed during it", async () => {
  await killedDuring(nodeOf("aorus-3090"), 3);
}, 500_000);

test("a mission closes with its guarantees when the broker is killed during it", async () => {
  await killedDuring((line) => line.includes("embedded-broker/main"), 4);
}, 500_000);
