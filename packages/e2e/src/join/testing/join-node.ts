/**
 * The commander's node as people run it: a `federationd` of its own on a real PostgreSQL and an embedded broker,
 * without a model. Agents from outside come in through it, and the command line issues their tokens.
 */
import { type ChildProcess, execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type CharterParameters, defaultPersonas } from "@federation/core";
import type { NodeFile } from "@federation/daemon";
import { type ControlClient, connectControl } from "@federation/mcp/client";
import { addNode, adoptCharter, dropLogins, loadCharter, migrate } from "@federation/store";
import { testDatabase } from "@federation/testkit/postgres";
import { startEmbeddedBroker } from "@federation/transport/embedded-broker";
import pg from "pg";
import { stringify } from "yaml";
import { z } from "zod";
import { log, until } from "../../mesh/mesh-fixture.ts";

export const repository = path.join(import.meta.dirname, "../../../../..");
const federation = path.join(repository, "packages/daemon/bin/federation.mjs");
const federationd = path.join(repository, "packages/daemon/bin/federationd.mjs");

const actor = "commander";
const readyMs = 60_000;
const leaveMs = 10_000;

export interface JoinNode {
  readonly dir: string;
  readonly port: number;
  /** The owner's URL of the database, and what its server is. */
  readonly adminUrl: string;
  readonly server: string;
  /** The commander's own. */
  readonly tokenFile: string;
  /** `federation …` as the commander types it at this node; answers standard output. @throws with standard error. */
  federation(...words: string[]): Promise<string>;
  /** The commander's control client. */
  commander(): Promise<ControlClient>;
  /** A token for an external actor, made by the command line, in a file as a person would keep it. */
  issueToken(of: string): Promise<{ readonly token: string; readonly tokenFile: string }>;
  /** Ends the daemon in order, and starts it again on the same port. */
  restart(): Promise<void>;
  /** Ends it without a word. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Tells the daemon's process something by a signal; its children hear nothing of it. */
  signal(signal: NodeJS.Signals): void;
  /** The process id of the logic at work. */
  implPid(): Promise<number>;
  owner<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** What the daemon wrote so far. */
  logged(): Promise<string>;
  close(): Promise<void>;
}

export interface JoinNodeOptions {
  readonly parameters?: (shipped: CharterParameters) => CharterParameters;
  /** Pages that may connect. */
  readonly allowedOrigins?: readonly string[];
}

export async function startJoinNode(options: JoinNodeOptions = {}): Promise<JoinNode> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return await start(options, cleanups, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: JoinNodeOptions,
  cleanups: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<JoinNode> {
  const dir = await mkdtemp(path.join(tmpdir(), "fed-join-"));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  const { adminUrl, server, drop } = await testDatabase();
  cleanups.push(() => drop());
  await migrate(adminUrl, path.join(repository, "migrations"));
  const charter = await loadCharter(path.join(repository, "charter"));
  const parameters = options.parameters?.(charter.parameters) ?? charter.parameters;
  await adoptCharter(adminUrl, { ...charter, parameters });
  const persona = defaultPersonas.commander;
  const credentials = await addNode(adminUrl, { name: actor, kind: "human", role: "commander", persona });
  cleanups.push(() => dropLogins(adminUrl));
  const owner = new pg.Pool({ connectionString: adminUrl, max: 2 });
  owner.on("error", () => undefined);
  cleanups.push(() => owner.end());
  const broker = await startEmbeddedBroker({ tcpPort: 0, accounts: (login) => login === actor, log });
  cleanups.push(() => broker.close());

  const { configFile, tokenFile } = await writeNode(dir, credentials, adminUrl, broker.tcpPort, options);
  const logFile = path.join(dir, "daemon.log");
  let daemon = await startDaemon(configFile, logFile, 0);
  cleanups.push(() => leave(daemon.child));
  const { port } = daemon;
  const url = `ws://127.0.0.1:${port}/mcp`;

  async function command(...words: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [federation, ...words], {
      cwd: dir,
      env: { ...process.env, FEDERATION_URL: url, FEDERATION_TOKEN_FILE: tokenFile, NO_COLOR: "1" },
    });
    return stdout;
  }

  return {
    dir,
    port,
    adminUrl,
    server,
    tokenFile,
    federation: command,
    commander: () => connectControl({ url, token: credentials.token, program: "test" }),
    async issueToken(of) {
      const issuedFile = path.join(dir, `${of}.token`);
      await command("token", "issue", of, "--to", issuedFile);
      return { tokenFile: issuedFile, token: (await readFile(issuedFile, "utf8")).trim() };
    },
    async restart() {
      await leave(daemon.child);
      daemon = await startDaemon(configFile, logFile, port);
    },
    async kill() {
      if (daemon.child.exitCode !== null || daemon.child.signalCode !== null) return;
      const ended = once(daemon.child, "exit");
      daemon.child.kill("SIGKILL");
      await ended;
    },
    async start() {
      daemon = await startDaemon(configFile, logFile, port);
    },
    signal: (signal) => void daemon.child.kill(signal),
    implPid: async () => implSchema.parse(await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()).impl.pid,
    owner: async <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await owner.query<Row>(sql, [...values])).rows,
    logged: () => readFile(logFile, "utf8"),
    close,
  };
}

async function writeNode(
  dir: string,
  { login, password, token }: { readonly login: string; readonly password: string; readonly token: string },
  databaseUrl: string,
  brokerPort: number,
  { allowedOrigins = [] }: JoinNodeOptions,
): Promise<{ readonly configFile: string; readonly tokenFile: string }> {
  const url = new URL(databaseUrl);
  url.username = login;
  url.password = "";
  const config: NodeFile = {
    node: { name: actor },
    listen: { port: 0, allowedOrigins: [...allowedOrigins] },
    database: { url: url.href, passwordFile: "secrets/database-password" },
    broker: { urls: [`stomp://127.0.0.1:${brokerPort}`], login: actor, passcodeFile: "secrets/broker-passcode" },
    inference: { mode: "none" },
    logging: { level: "info", pretty: "off" },
  };
  await mkdir(path.join(dir, "secrets"), { mode: 0o700 });
  const secrets = { "database-password": password, "broker-passcode": "any", token };
  for (const [name, value] of Object.entries(secrets)) {
    await writeFile(path.join(dir, "secrets", name), `${value}\n`, { mode: 0o600 });
  }
  const configFile = path.join(dir, "node.yaml");
  await writeFile(configFile, stringify(config), { mode: 0o600 });
  return { configFile, tokenFile: path.join(dir, "secrets", "token") };
}

interface Daemon {
  readonly child: ChildProcess;
  readonly port: number;
}

const implSchema = z.object({ impl: z.object({ pid: z.int() }) });
const listeningSchema = z.object({ type: z.literal("listening"), port: z.int() });

async function startDaemon(configFile: string, logFile: string, port: number): Promise<Daemon> {
  const out = await open(logFile, "a");
  const child = fork(federationd, ["--config", configFile, "--take-over"], {
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
    if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}`);
    if (told === undefined) return false;
    const answer = await fetch(`http://127.0.0.1:${told}/readyz`).catch(() => undefined);
    return answer?.ok === true;
  };
  try {
    await until("the node is ready", ready, readyMs);
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`${String(error)}\n${(await readFile(logFile, "utf8")).slice(-2000)}`);
  }
  return { child, port: told ?? port };
}

async function leave(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), leaveMs);
  await ended;
  clearTimeout(late);
}
