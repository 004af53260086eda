/**
 * One real node for a measurement: a database of its own, an embedded broker, and a `federationd` with its own model.
 * Its commander is an actor without a daemon: what is sent to him waits as rows.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { defaultPersonas } from "@federation/core";
import type { NodeFile } from "@federation/daemon";
import type { Log } from "@federation/runtime/ports";
import { addNode, adoptCharter, dropLogins, loadCharter, migrate } from "@federation/store";
import { testDatabase } from "@federation/testkit/postgres";
import { startEmbeddedBroker } from "@federation/transport/embedded-broker";
import pg from "pg";
import { stringify } from "yaml";
import { z } from "zod";
import { descendants } from "../../dev/descendants.ts";
import { federationd } from "./programs.ts";

export const NODE = "baby";
export const COMMANDER = "commander";

const repository = path.join(import.meta.dirname, "../../../../..");
const READY_MS = 60_000;
const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const LEAVE_MS = 10_000;

export interface BenchNodeOptions {
  readonly reload: NonNullable<NodeFile["reload"]>;
  /** Without one the node takes no turns and starts faster. */
  readonly model: boolean;
  /** What is started instead of `federationd`, given the configuration file; in `cwd`. */
  readonly program?: (configFile: string) => { readonly entry: string; readonly args: readonly string[] };
}

export interface BenchNode {
  readonly dir: string;
  readonly token: string;
  readonly tokenFile: string;
  port(): number;
  /** Tells the daemon's process something by a signal. */
  signal(signal: NodeJS.Signals): void;
  /** Process ids of the model's worker. */
  modelPids(): Promise<readonly number[]>;
  /** Ends the daemon in order and starts it on the same port. */
  restart(): Promise<void>;
  owner<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** What the daemon wrote so far. */
  logged(): Promise<string>;
  close(): Promise<void>;
}

export async function startBenchNode(options: BenchNodeOptions): Promise<BenchNode> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const cleanup of cleanups.reverse()) await cleanup();
    cleanups.length = 0;
  };
  try {
    return await start(options, cleanups, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: BenchNodeOptions,
  cleanups: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<BenchNode> {
  const dir = await mkdtemp(path.join(tmpdir(), "fed-bench-"));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  const database = await testDatabase();
  cleanups.push(() => database.drop());
  await migrate(database.adminUrl, path.join(repository, "migrations"));
  await adoptCharter(database.adminUrl, await loadCharter(path.join(repository, "charter")));
  const credentials = await addNode(database.adminUrl, {
    name: NODE,
    kind: "agent",
    role: "developer",
    persona: defaultPersonas.developer,
  });
  await addNode(database.adminUrl, {
    name: COMMANDER,
    kind: "human",
    role: "commander",
    persona: defaultPersonas.commander,
  });
  cleanups.push(() => dropLogins(database.adminUrl));
  const owner = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  owner.on("error", () => undefined);
  cleanups.push(() => owner.end());
  const broker = await startEmbeddedBroker({ tcpPort: 0, accounts: (login) => login === NODE, log });
  cleanups.push(() => broker.close());

  const { configFile, tokenFile } = await writeNode(dir, credentials, {
    databaseUrl: database.adminUrl,
    brokerPort: broker.tcpPort,
    options,
  });
  const logFile = path.join(dir, "daemon.log");
  const program = options.program?.(configFile) ?? {
    entry: federationd,
    args: ["--config", configFile, "--take-over"],
  };
  let daemon = await startDaemon(program, dir, logFile, 0);
  cleanups.push(() => leave(daemon.child));

  return {
    dir,
    token: credentials.token,
    tokenFile,
    port: () => daemon.port,
    signal: (signal) => void daemon.child.kill(signal),
    modelPids: async () =>
      (await descendants(daemon.child.pid ?? 0))
        .filter(({ commandLine }) => commandLine.includes("inference/src/worker/main"))
        .map(({ pid }) => pid),
    async restart() {
      await leave(daemon.child);
      daemon = await startDaemon(program, dir, logFile, daemon.port);
    },
    owner: async <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await owner.query<Row>(sql, [...values])).rows,
    logged: () => readFile(logFile, "utf8"),
    close,
  };
}

async function writeNode(
  dir: string,
  { login, password, token }: { readonly login: string; readonly password: string; readonly token: string },
  at: { readonly databaseUrl: string; readonly brokerPort: number; readonly options: BenchNodeOptions },
): Promise<{ readonly configFile: string; readonly tokenFile: string }> {
  const url = new URL(at.databaseUrl);
  url.username = login;
  url.password = "";
  const config: NodeFile = {
    node: { name: NODE },
    listen: { port: 0 },
    reload: at.options.reload,
    database: { url: url.href, passwordFile: "secrets/database-password" },
    broker: {
      urls: [`stomp://127.0.0.1:${at.brokerPort}`],
      login: NODE,
      passcodeFile: "secrets/broker-passcode",
    },
    inference: at.options.model
      ? { mode: "own", model: "fixture", threads: 1, contextTokens: 1024, sequences: 1 }
      : { mode: "none" },
    logging: { level: "info", pretty: "off" },
  };
  const secrets = { "database-password": password, "broker-passcode": "any", token };
  await mkdir(path.join(dir, "secrets"), { mode: 0o700 });
  for (const [name, value] of Object.entries(secrets))
    await writeFile(path.join(dir, "secrets", name), `${value}\n`, { mode: 0o600 });
  const configFile = path.join(dir, "node.yaml");
  await writeFile(configFile, stringify(config), { mode: 0o600 });
  return { configFile, tokenFile: path.join(dir, "secrets", "token") };
}

interface Daemon {
  readonly child: ChildProcess;
  readonly port: number;
}

const listeningSchema = z.object({ type: z.literal("listening"), port: z.int() });

async function startDaemon(
  { entry, args }: { readonly entry: string; readonly args: readonly string[] },
  cwd: string,
  logFile: string,
  port: number,
): Promise<Daemon> {
  const out = await open(logFile, "a");
  const child = fork(entry, [...args], {
    cwd,
    execArgv: [],
    stdio: ["ignore", out.fd, out.fd, "ipc"],
    env: { ...process.env, ...(port === 0 ? {} : { FEDERATION_LISTEN_PORT: String(port) }) },
  });
  await out.close();
  let told: number | undefined;
  child.on("message", (message) => {
    told ??= listeningSchema.safeParse(message).data?.port;
  });
  const ready = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}:\n${await lastOf(logFile)}`);
    if (told === undefined) return false;
    const answer = await fetch(`http://127.0.0.1:${told}/readyz`).catch(() => undefined);
    return answer?.ok === true;
  };
  const endMs = performance.now() + READY_MS;
  while (!(await ready())) {
    if (performance.now() > endMs) {
      child.kill("SIGKILL");
      throw new Error(`the node is not ready after ${READY_MS / 1_000} s:\n${await lastOf(logFile)}`);
    }
    await sleep(20);
  }
  return { child, port: told ?? port };
}

async function leave(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const late = new AbortController();
  await Promise.race([ended, sleep(LEAVE_MS, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  await ended;
}

const lastOf = async (logFile: string): Promise<string> => (await readFile(logFile, "utf8")).slice(-2_000);
