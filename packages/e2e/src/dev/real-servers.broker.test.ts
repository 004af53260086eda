import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { ControlClient } from "@federation/mcp/client";
import { type ActiveMq, announceBroker, startActiveMq } from "@federation/testkit/activemq";
import { type TestDatabase, testDatabase } from "@federation/testkit/postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { breachesOf, type DevProcess, overdueIn, startDev } from "./testing/dev-process.ts";

const bin = path.join(import.meta.dirname, "../../../daemon/bin");
let broker: ActiveMq;
let database: TestDatabase;
let dev: DevProcess;
let client: ControlClient;
let folder: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "fed-join-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  [broker, database] = await Promise.all([startActiveMq({ accounts: [] }), testDatabase()]);
  cleanups.push(
    () => broker.stop(),
    () => database.drop(),
  );
  announceBroker(broker.label);
  dev = await startDev(["--database-url", database.adminUrl, "--broker-url", broker.url]);
  cleanups.push(() => dev.stop());
  const accounts = path.join(dev.stateDir, "broker-accounts.txt");
  for (const [login, passcode] of await accountsIn(accounts)) await broker.addAccount({ login, passcode });
  client = await dev.client();
  cleanups.push(() => client.close());
}, 300_000);

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
}, 60_000);

/** The lines `NAME=PASSCODE` of the file that dev wrote for the broker's keeper. */
async function accountsIn(file: string): Promise<readonly (readonly [string, string])[]> {
  for (let tries = 0; tries < 600; tries++) {
    const text = await readFile(file, "utf8").catch(() => "");
    const found = [...text.matchAll(/^users\.properties\s+([a-z0-9-]+)=(\S+)$/gm)];
    if (found.length >= 4) return found.map(([, login = "", passcode = ""]) => [login, passcode] as const);
    await sleep(100);
  }
  throw new Error(`${file} did not come`);
}

test("the same nodes carry a mission on a PostgreSQL and an ActiveMQ of the user's", async () => {
  const { mission } = await client.call("StartMission", {
    objective: "Agree how long a lease should last and write it down",
    seed: 5,
  });
  const report = await dev.report(mission, 400_000);
  expect(breachesOf(report)).toEqual([]);
  expect(report.deliveries.sent).toBe(report.deliveries.stored);
  expect(await overdueIn(client)).toEqual([]);
  const status = await client.call("GetStatus", {});
  expect(status.broker.publish).toMatch(/ActiveMQ/);
}, 450_000);

test("a fourth node is added from the command line, starts with its join folder alone, and reads what it is sent", async () => {
  const out = path.join(folder, "tester");
  const { stdout } = await promisify(execFile)(process.execPath, [
    path.join(bin, "federation.mjs"),
    ...["--json", "node", "add", "tester", "--role", "developer", "--model", "fixture", "--port", "0"],
    ...["--database-url", database.adminUrl, "--broker-url", broker.url, "--out", out],
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ node: "tester", folder: out });
  await broker.addAccount({
    login: "tester",
    passcode: (await readFile(path.join(out, "secrets", "broker-passcode"), "utf8")).trim(),
  });
  const daemon = fork(path.join(bin, "federationd.mjs"), ["--config", path.join(out, "node.yaml")], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let log = "";
  daemon.stderr?.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  try {
    await once(daemon, "message");
    const sent = await client.call("SendMessage", {
      to: "tester",
      text: "Welcome to the team. What will you look at first?",
    });
    // The broker may take the new account's grant later than the node, which polls, takes the message: `sent` can come last.
    for (let tries = 0; ; tries++) {
      const { deliveries } = await client.call("ShowMessage", { message: sent.id });
      const mine = deliveries.find((d) => d.recipient === "tester");
      if (mine?.state === "done" && mine.sentAt !== null) {
        expect(mine.readAt).not.toBeNull();
        break;
      }
      if (tries > 240) throw new Error(`not sent and acted on: ${JSON.stringify(mine)}\n${log.slice(-3000)}`);
      await sleep(500);
    }
    // Presence is renewed every few seconds, and the model's name comes with it.
    for (let tries = 0; ; tries++) {
      const roster = await client.call("ListRoster", {});
      const tester = roster.actors.find((a) => a.actor === "tester");
      if (tester?.model === "fixture") {
        expect(tester).toMatchObject({ role: "developer", online: true });
        break;
      }
      if (tries > 60) throw new Error(`the roster does not show the model: ${JSON.stringify(tester)}`);
      await sleep(500);
    }
  } finally {
    // It leaves in time though the broker hangs.
    broker.freeze();
    const ended = once(daemon, "exit");
    const startedMs = performance.now();
    daemon.kill("SIGTERM");
    await ended;
    broker.thaw();
    expect(performance.now() - startedMs).toBeLessThan(6_000);
  }
}, 240_000);
