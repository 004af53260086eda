import { spawnSync } from "node:child_process";
import { connectInference } from "@federation/inference";
import { afterEach, describe, expect, it } from "vitest";
import { createProcessLog } from "../log/index.ts";
import { socketPathIn } from "./inference-child.ts";
import { openSession } from "./testing/session-client.ts";
import { type FixtureDaemon, isAlive, startFixtureDaemon, until } from "./testing/start-fixture.ts";

const daemons: FixtureDaemon[] = [];
afterEach(async () => {
  for (const { child } of daemons) child.kill("SIGKILL");
  await Promise.all(daemons.splice(0).map((daemon) => daemon.ended));
});

async function startWithModel(model = "fixture") {
  const daemon = startFixtureDaemon("", { inference: { mode: "own", model, contextTokens: 512, sequences: 1 } });
  daemons.push(daemon);
  const client = await openSession({ port: await daemon.listening });
  const { pid, inference } = Object((await client.call("echo")).result);
  const socketPath = String(Reflect.get(Object(inference), "socketPath"));
  const log = await createProcessLog({ level: "error", pretty: "off" }, "baby", "impl", () => undefined);
  const link = connectInference({ socketPath, log });
  return { daemon, client, implPid: Number(pid), link };
}

async function readyWorker(link: ReturnType<typeof connectInference>): Promise<number> {
  const status = await link.whenReady({ deadlineMs: 60_000 });
  if (status.state !== "ready") throw new Error(`the model is ${status.state}`);
  return status.workerPid;
}

function parentOf(pid: number): number {
  return Number(spawnSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" }).stdout);
}

// Each llama.cpp start forks a trial process of its own; on a busy machine that takes its time.
describe("the model of a daemon", { timeout: 120_000 }, () => {
  it("stays warm when impl is killed, and leaves with a daemon that is killed", async () => {
    const { daemon, client, implPid, link } = await startWithModel();
    const worker = await readyWorker(link);
    const supervisor = parentOf(worker);
    process.kill(implPid, "SIGKILL");
    expect((await client.call("echo")).result).toMatchObject({ implNumber: 2 });
    expect(await readyWorker(link)).toBe(worker);
    daemon.child.kill("SIGKILL");
    await until("worker and supervisor are gone", () => !isAlive(worker) && !isAlive(supervisor));
    await link.close();
  });

  it("comes back when its supervisor is killed, and leaves with the drain", async () => {
    const { daemon, link } = await startWithModel();
    const worker = await readyWorker(link);
    process.kill(parentOf(worker), "SIGKILL");
    await until("the old worker is gone", () => !isAlive(worker));
    const next = await readyWorker(link);
    expect(next).not.toBe(worker);
    const begun = performance.now();
    daemon.child.kill("SIGTERM");
    expect(await daemon.ended).toMatchObject({ code: 0 });
    expect(performance.now() - begun).toBeLessThan(5000);
    await until("the worker is gone", () => !isAlive(next));
    await link.close();
  });

  it.each([
    ["no-such-model", /federationd: .*no-such-model.*name one of/],
    ["./absent.gguf", /federationd: .*absent\.gguf/],
  ])("ends the daemon with 66 and a sentence when it is %s", async (model, says) => {
    const daemon = startFixtureDaemon("", { inference: { mode: "own", model } });
    daemons.push(daemon);
    const { code, stderr } = await daemon.ended;
    expect(stderr).toMatch(says);
    expect(code).toBe(66);
  });
});

describe("the socket's path", () => {
  it("is in the state folder, or in a private place where that is too deep for a socket", () => {
    expect(socketPathIn("/var/lib/federation/baby")).toBe("/var/lib/federation/baby/inference.sock");
    const deep = socketPathIn(`/srv/${"deep/".repeat(30)}state`);
    expect(deep.length).toBeLessThan(100);
    expect(socketPathIn(`/srv/${"deep/".repeat(30)}other`)).not.toBe(deep);
  });
});
