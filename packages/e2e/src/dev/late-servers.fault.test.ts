import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { startPostgres } from "@federation/testkit/postgres";
import { startEmbeddedBroker } from "@federation/transport/embedded-broker";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";

const bin = path.join(import.meta.dirname, "../../../daemon/bin");
const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
}, 60_000);

const readinessSchema = z.object({
  ready: z.boolean(),
  database: z.object({ state: z.string(), detail: z.string() }),
  broker: z.object({ state: z.string() }),
});

test("a node started before its database and its broker says what it waits for, and is ready once they are there", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "fed-late-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const server = await startPostgres({ durable: true });
  cleanups.push(() => server.stop());
  const brokerPort = await freePort();
  const out = path.join(folder, "commander");
  await promisify(execFile)(process.execPath, [
    path.join(bin, "federation.mjs"),
    ...["init", "--database-url", server.adminUrl, "--broker-url", `stomp://127.0.0.1:${brokerPort}`],
    ...["--port", "0", "--out", out],
  ]);
  await server.kill();

  const daemon = fork(path.join(bin, "federationd.mjs"), ["--config", path.join(out, "node.yaml")], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  cleanups.push(async () => {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, "exit");
    daemon.kill("SIGTERM");
    await ended;
  });
  let log = "";
  daemon.stderr?.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  const [news] = await once(daemon, "message");
  const { port } = z.object({ port: z.int() }).parse(news);
  const readiness = async () => readinessSchema.parse(await (await fetch(`http://127.0.0.1:${port}/readyz`)).json());
  const until = async (fits: (it: z.infer<typeof readinessSchema>) => boolean) => {
    for (let tries = 0; ; tries++) {
      const now = await readiness().catch(() => undefined);
      if (now !== undefined && fits(now)) return now;
      if (tries > 300) throw new Error(`it stayed at ${JSON.stringify(now)}\n${log.slice(-3000)}`);
      await sleep(200);
    }
  };

  const waiting = await until((it) => /database cannot be reached/.test(it.database.detail));
  expect(waiting).toMatchObject({ ready: false, database: { state: "down" } });

  await server.restart();
  const degraded = await until((it) => it.database.state === "up");
  expect(degraded).toMatchObject({ ready: false, broker: { state: "degraded" } });

  const passcode = (await readFile(path.join(out, "secrets", "broker-passcode"), "utf8")).trim();
  const quiet = () => undefined;
  const broker = await startEmbeddedBroker({
    tcpPort: brokerPort,
    accounts: (login, given) => login === "commander" && given === passcode,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  cleanups.push(() => broker.close());
  expect(await until((it) => it.ready)).toMatchObject({ database: { state: "up" }, broker: { state: "up" } });
}, 180_000);

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return z.object({ port: z.int() }).parse(address).port;
}
