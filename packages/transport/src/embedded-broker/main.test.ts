import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { logInRaw } from "@federation/testkit/raw-stomp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { passcodeSha256 } from "./accounts.ts";

let folder: string;
let child: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "federation-broker-"));
  const accounts = [{ login: "baby", passcodeSha256: passcodeSha256("secret") }];
  await writeFile(path.join(folder, "accounts.json"), JSON.stringify({ accounts }));
});
afterEach(async () => {
  child?.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

const main = path.join(import.meta.dirname, "main.ts");
const accountsFile = () => path.join(folder, "accounts.json");

async function start(config: unknown, env: Readonly<Record<string, string>> = {}): Promise<ChildProcess> {
  const file = path.join(folder, "broker.json");
  await writeFile(file, JSON.stringify(config));
  child = fork(main, [file], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  return child;
}

test("forked, it tells its ports, serves, and leaves when the channel to its parent closes", async () => {
  const broker = await start({ accountsFile: accountsFile() }, { FEDERATION_BROKER_WS_PORT: "0" });
  const [message] = await once(broker, "message");
  expect(message).toEqual({ type: "ready", tcpPort: expect.any(Number), wsPort: expect.any(Number) });
  const client = await logInRaw(message.tcpPort, "baby", "secret");
  client.destroy();
  broker.disconnect();
  expect(await once(broker, "exit")).toEqual([0, null]);
});

test("forked, it leaves Ctrl-C to its parent and ends at SIGTERM", async () => {
  const broker = await start({ accountsFile: accountsFile() });
  const [message] = await once(broker, "message");
  broker.kill("SIGINT");
  const client = await logInRaw(message.tcpPort, "baby", "secret");
  client.destroy();
  broker.kill("SIGTERM");
  expect(await once(broker, "exit")).toEqual([0, null]);
});

test("a mistake in its configuration is told by key, and it ends", async () => {
  const broker = await start({ accountsFile: accountsFile(), tcpport: 1 });
  const [[message], exit] = await Promise.all([once(broker, "message"), once(broker, "exit")]);
  expect(message).toMatchObject({
    type: "failed",
    code: "config_invalid",
    message: expect.stringContaining("tcpport"),
  });
  expect(exit).toEqual([1, null]);
});
