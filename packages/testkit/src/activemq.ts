/**
 * A real ActiveMQ Classic for tests: the shipped configuration, STOMP on a loopback port of its own, data in a
 * temporary folder.
 *
 * 1. The Java process ends with the test process, however that ends.
 * 2. `kill` is SIGKILL, and returns when the process is gone; the store stays until `wipe` or `close`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MeshError } from "@federation/core";
import { type ActiveMqVersion, brokerJars } from "./activemq/assembly.ts";
import { type BrokerAccount, writeAccounts, writeConfiguration } from "./activemq/configuration.ts";
import { openRawStomp } from "./raw-stomp.ts";

export { type ActiveMqVersion, installableVersions } from "./activemq/assembly.ts";
export type { BrokerAccount } from "./activemq/configuration.ts";

export interface ActiveMq {
  /** e.g. `ActiveMQ Classic 6.3.1`. */
  readonly label: string;
  readonly port: number;
  /** `stomp://127.0.0.1:port`. */
  readonly url: string;
  /** Starts it again after `kill` or `stop`, on the same port and store. */
  start(): Promise<void>;
  /** SIGTERM, and waits. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** `stop`, then `start`. */
  restart(): Promise<void>;
  /** Deletes the store; the broker must be down. */
  wipe(): Promise<void>;
  /** SIGSTOP: the sockets stay open and nobody answers. */
  freeze(): void;
  thaw(): void;
  /** As an operator would: edits the files of the running broker. With 5.17.2 it needs a restart to count. */
  addAccount(account: BrokerAccount): Promise<void>;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

export interface ActiveMqOptions {
  /** Default `6.3.1`. */
  readonly version?: ActiveMqVersion;
  readonly accounts: readonly BrokerAccount[];
  /** Disk the message store may use, as ActiveMQ writes it, e.g. `20 mb`. Default as shipped. */
  readonly storeLimit?: string;
}

/** A broker that somebody else keeps. */
export interface GivenBroker {
  readonly url: string;
  readonly account: BrokerAccount;
}

/** From `FEDERATION_TEST_BROKER_URL`, `_LOGIN` and `_PASSCODE`. @throws MeshError `config_invalid` when half is there. */
export function givenBroker(): GivenBroker | undefined {
  const url = process.env["FEDERATION_TEST_BROKER_URL"];
  if (!url) return undefined;
  const login = process.env["FEDERATION_TEST_BROKER_LOGIN"];
  const passcode = process.env["FEDERATION_TEST_BROKER_PASSCODE"];
  if (!login || !passcode) {
    throw new MeshError(
      "config_invalid",
      "FEDERATION_TEST_BROKER_URL needs FEDERATION_TEST_BROKER_LOGIN and FEDERATION_TEST_BROKER_PASSCODE beside it.",
    );
  }
  return { url, account: { login, passcode } };
}

const announced = new Set<string>();

/** Says once per process and broker which one the tests run on. */
export function announceBroker(label: string): void {
  if (announced.has(label)) return;
  announced.add(label);
  process.stderr.write(`broker: ${label}\n`);
}

/** @throws MeshError `unavailable` when it cannot be had or does not start; the end of its log is in the message. */
export async function startActiveMq(options: ActiveMqOptions): Promise<ActiveMq> {
  const version = options.version ?? "6.3.1";
  const jars = await brokerJars(version);
  const folder = await mkdtemp(path.join(tmpdir(), "federation-activemq-"));
  const conf = path.join(folder, "conf");
  const data = path.join(folder, "data");
  const logFile = path.join(folder, "broker.log");
  const accounts = [...options.accounts];
  await mkdir(conf);
  await mkdir(data);
  await writeConfiguration(conf, version);
  await writeAccounts(conf, accounts);
  const port = await freePort();
  let running: JavaProcess | undefined;

  const down = async (signal: "SIGTERM" | "SIGKILL") => {
    await running?.end(signal);
    running = undefined;
  };

  const broker: ActiveMq = {
    label: `ActiveMQ Classic ${version}`,
    port,
    url: `stomp://127.0.0.1:${port}`,
    async start() {
      if (running !== undefined) return;
      const java = await startJava(
        [
          "-Xmx256m",
          `-Dactivemq.home=${folder}`,
          `-Dactivemq.base=${folder}`,
          `-Dactivemq.conf=${conf}`,
          `-Dactivemq.data=${data}`,
          `-Djava.security.auth.login.config=${path.join(conf, "login.config")}`,
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
          `-Dlog4j.configuration=file:${path.join(conf, "log4j.properties")}`,
          `-Dfederation.stomp.uri=stomp+nio://127.0.0.1:${port}`,
          ...(options.storeLimit === undefined ? [] : [`-Dfederation.broker.store=${options.storeLimit}`]),
          "-cp",
          [conf, ...jars].join(":"),
          "org.apache.activemq.console.Main",
          "start",
          `xbean:file:${path.join(conf, "activemq.xml")}`,
        ],
        logFile,
      );
      running = java;
      if (await answers(java, port, accounts[0])) return;
      await down("SIGKILL");
      const log = await readFile(logFile, "utf8").catch(() => "");
      throw new MeshError("unavailable", `ActiveMQ ${version} did not start: ${log.slice(-2_000)}`);
    },
    stop: () => down("SIGTERM"),
    kill: () => down("SIGKILL"),
    async restart() {
      await broker.stop();
      await broker.start();
    },
    async wipe() {
      if (running !== undefined) throw new MeshError("conflict", "The store of a running broker cannot be wiped.");
      await rm(data, { recursive: true, force: true });
      await mkdir(data);
    },
    freeze: () => running?.signal("SIGSTOP"),
    thaw: () => running?.signal("SIGCONT"),
    async addAccount(account) {
      accounts.push(account);
      await writeAccounts(conf, accounts);
    },
    async close() {
      await down("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await broker.start();
  } catch (error) {
    await broker.close();
    throw error;
  }
  announceBroker(broker.label);
  return broker;
}

interface JavaProcess {
  isRunning(): boolean;
  signal(signal: NodeJS.Signals): void;
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** The shell holds our pipe: when this process is gone, however it went, the pipe ends and so does Java. */
const guard = `
exec 3<&0
java "$@" </dev/null >&4 2>&1 &
java=$!
echo $java
(read -r _ <&3; kill -9 $java) >/dev/null 2>&1 &
wait $java
`;

async function startJava(args: readonly string[], logFile: string): Promise<JavaProcess> {
  const log = openSync(logFile, "a");
  const shell: ChildProcess = spawn("sh", ["-c", guard, "activemq", ...args], {
    stdio: ["pipe", "pipe", "ignore", "ignore", log],
  });
  closeSync(log);
  const exited = once(shell, "exit");
  const [line] = shell.stdout === null ? [] : await once(shell.stdout, "data");
  const pid = Number(String(line).trim());
  const isRunning = () => shell.exitCode === null && shell.signalCode === null;
  const signal = (name: NodeJS.Signals) => {
    if (isRunning()) process.kill(pid, name);
  };
  return {
    isRunning,
    signal,
    async end(name) {
      signal("SIGCONT");
      signal(name);
      const inTime = sleep(10_000, "late", { ref: false });
      if ((await Promise.race([exited, inTime])) === "late") signal("SIGKILL");
      await exited;
      shell.stdin?.end();
    },
  };
}

/** Waits until a login succeeds: the port alone is open before the broker is. */
async function answers(java: JavaProcess, port: number, account: BrokerAccount | undefined): Promise<boolean> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline && java.isRunning()) {
    const client = await openRawStomp(port);
    client.send("CONNECT", {
      "accept-version": "1.2",
      host: "federation",
      login: account?.login ?? "nobody",
      passcode: account?.passcode ?? "nothing",
    });
    const frame = await client.next(5_000);
    client.destroy();
    if (frame?.command === (account === undefined ? "ERROR" : "CONNECTED")) return true;
    await sleep(100);
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string")
    throw new MeshError("internal", "A listening server has no port.");
  return address.port;
}
