import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openSession } from "./testing/session-client.ts";
import { type FixtureDaemon, isAlive, startFixtureDaemon, until, writeJoinFolder } from "./testing/start-fixture.ts";

const daemons: FixtureDaemon[] = [];
afterEach(async () => {
  for (const { child } of daemons) child.kill("SIGKILL");
  await Promise.all(daemons.splice(0).map((daemon) => daemon.ended));
});

function start(mode?: string, extra?: Record<string, unknown>): FixtureDaemon {
  const daemon = startFixtureDaemon(mode, extra);
  daemons.push(daemon);
  return daemon;
}

async function ready(daemon: FixtureDaemon): Promise<{ readonly port: number; readonly implPid: number }> {
  const port = await daemon.listening;
  const client = await openSession({ port });
  const implPid = Number((await client.call("echo")).result?.["pid"]);
  client.socket.terminate();
  return { port, implPid };
}

describe("a daemon", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("leaves with code 0 on %s, and impl with it", async (signal) => {
    const daemon = start();
    const { port, implPid } = await ready(daemon);
    const client = await openSession({ port });
    daemon.child.kill(signal);
    expect((await client.closed).code).toBe(1001);
    expect(await daemon.ended).toMatchObject({ code: 0, signal: null });
    expect(isAlive(implPid)).toBe(false);
  });

  it("leaves within five seconds when impl hangs in its drain, and when impl's event loop stands still", async () => {
    for (const tool of ["hang in drain", "spin"]) {
      const daemon = start();
      const { port, implPid } = await ready(daemon);
      const client = await openSession({ port });
      if (tool === "spin") client.post("tools/call", { name: tool });
      else await client.call(tool);
      const begun = performance.now();
      daemon.child.kill("SIGTERM");
      expect(await daemon.ended).toMatchObject({ code: 0 });
      expect(performance.now() - begun).toBeLessThan(5000);
      await until("impl is gone", () => !isAlive(implPid));
    }
  });

  it("leaves at once on a second signal", async () => {
    const daemon = start("hang in drain");
    const { implPid } = await ready(daemon);
    daemon.child.kill("SIGTERM");
    await until("it drains", () => daemon.stderr().includes("The node leaves."));
    const begun = performance.now();
    daemon.child.kill("SIGINT");
    expect(await daemon.ended).toMatchObject({ code: 130 });
    expect(performance.now() - begun).toBeLessThan(1500);
    await until("impl is gone", () => !isAlive(implPid));
  });

  it("ends impl with it even when it is killed", async () => {
    const daemon = start();
    const { implPid } = await ready(daemon);
    daemon.child.kill("SIGKILL");
    await until("impl is gone", () => !isAlive(implPid));
  });

  it("leaves when the process that forked it is gone", async () => {
    const daemon = start();
    const { implPid } = await ready(daemon);
    daemon.child.disconnect();
    expect(await daemon.ended).toMatchObject({ code: 0 });
    expect(isAlive(implPid)).toBe(false);
  });

  it("keeps its impl through a Ctrl-C that reaches the whole process group, until it has drained", async () => {
    const daemon = start();
    const { port, implPid } = await ready(daemon);
    process.kill(implPid, "SIGINT");
    process.kill(implPid, "SIGTERM");
    process.kill(implPid, "SIGHUP");
    const client = await openSession({ port });
    expect((await client.call("echo")).result).toMatchObject({ pid: implPid });
  });

  it("replaces its logic on SIGHUP, and the sessions stay", async () => {
    const daemon = start();
    const { port, implPid } = await ready(daemon);
    const client = await openSession({ port });
    await client.initialize();
    daemon.child.kill("SIGHUP");
    await until("it is reloaded", async () => Number((await client.call("echo")).result?.["pid"]) !== implPid);
    expect(daemon.stderr()).toContain('"why":"SIGHUP"');
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it.each([
    ["config_invalid", 78],
    ["schema_mismatch", 65],
    ["fenced", 69],
    ["unauthenticated", 77],
    ["model_invalid", 66],
  ] as const)("ends with one sentence and a code of its own when impl says it is %s", async (code, exitCode) => {
    const daemon = start(`fatal ${code}`);
    const { code: ended, stderr } = await daemon.ended;
    expect(ended).toBe(exitCode);
    const sentences = stderr.split("\n").filter((line) => line.startsWith("federationd: "));
    expect(sentences).toEqual([
      `federationd: The fixture cannot go on: postgresql://fed:[redacted]@db/f says ${code}.`,
    ]);
  });

  it("names the port that is taken, and starts no impl", async () => {
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, "127.0.0.1", () => resolve(Number(Reflect.get(Object(holder.address()), "port"))));
    });
    const daemon = start("", { listen: { port } });
    const { code, stderr } = await daemon.ended;
    holder.close();
    expect(code).toBe(71);
    expect(stderr).toContain(
      `federationd: 127.0.0.1:${port} is taken by another process; stop that one, or set another listen.port.`,
    );
    expect(stderr).not.toContain("Impl");
  });

  it("goes on trying when impl dies at its start, slower each time", async () => {
    const daemon = start("dies at start");
    await daemon.listening;
    await until("four restarts", () => daemon.stderr().includes('"restartInMs":800'));
    expect(
      daemon
        .stderr()
        .match(/"restartInMs":\d+/g)
        ?.slice(0, 4),
    ).toEqual([100, 200, 400, 800].map((ms) => `"restartInMs":${ms}`));
  });
});

describe("the command line", () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const joinFolder = (extra?: Record<string, unknown>): string => {
    const folder = writeJoinFolder("", extra);
    folders.push(folder);
    return folder;
  };
  const entry = new URL("../../bin/federationd.mjs", import.meta.url).pathname;
  const run = (...args: string[]) => spawnSync(process.execPath, [entry, ...args], { encoding: "utf8" });

  it("checks a configuration without starting anything", () => {
    const folder = joinFolder();
    expect(run("--config", `${folder}/node.yaml`, "--check")).toMatchObject({
      status: 0,
      stdout: `${folder}/node.yaml: the configuration of baby is complete.\n`,
      stderr: "",
    });
  });

  it("ends with 78 and the key when the configuration is wrong", () => {
    const folder = joinFolder({ listen: { prot: 1 } });
    expect(run("--config", `${folder}/node.yaml`)).toMatchObject({
      status: 78,
      stderr: `federationd: ${folder}/node.yaml: unknown key "listen.prot"; the nearest known key is "listen.port".\n`,
    });
  });

  it("ends with 64 without a configuration, and helps with every option when asked", () => {
    expect(run()).toMatchObject({ status: 64, stderr: expect.stringContaining("--config <file>") });
    const help = run("--help");
    expect(help.status).toBe(0);
    expect(help.stdout).toContain("FEDERATION_DATABASE_PASSWORD_FILE");
    expect(help.stdout).toMatch(/listen\.portal: true \| false \[true\]\n.*\/portal\/.*\n +FEDERATION_LISTEN_PORTAL\n/);
    expect(run("--version")).toMatchObject({ status: 0, stdout: "0.1.0\n" });
  });
});
