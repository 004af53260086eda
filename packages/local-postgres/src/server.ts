/**
 * A PostgreSQL server of one's own, on this machine.
 *
 * 1. It listens on loopback only and asks for a password: what a test sees of logins is what production sees.
 * 2. It dies with the process that started it, also when that process is killed: a shell between the two holds a
 *    pipe and interrupts the server when the pipe closes.
 * 3. The port stays the same over `kill` and `restart`, so a client under test can reconnect.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { MeshError } from "@federation/core";
import { findBinaries, type PostgresBinaries, type PostgresMajor } from "./binaries.ts";

export interface StartPostgresOptions {
  /** 18 (default) is the server from npm, 15 Debian's. */
  readonly version?: PostgresMajor;
  /** Data folder to create or to start again; it is kept. By default a temporary one, removed by `stop`. */
  readonly dir?: string;
  /**
   * False (default) turns `fsync` and its relatives off: several times faster, and safe against the death of any
   * process but not of the machine. True keeps PostgreSQL's own settings, which fault tests and benches need.
   */
  readonly durable?: boolean;
  /** Further `name: value` settings, e.g. `{ max_connections: "20" }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface PostgresServer {
  /** A superuser's URL of the database `postgres`. */
  readonly adminUrl: string;
  readonly port: number;
  /** e.g. `18.4`. */
  readonly version: string;
  /** The postmaster's process id, for signals such as SIGSTOP; undefined while it is down. */
  pid(): number | undefined;
  /** SIGKILL to the postmaster, as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
  /** Stops it at once (`immediate`, the default: no checkpoint, recovery at start) or tidily, and starts it again. */
  restart(how?: "immediate" | "fast"): Promise<void>;
  /** Ends the server and removes its temporary folder. Calling it again does nothing. */
  stop(): Promise<void>;
}

interface Running {
  readonly shell: ChildProcess;
  readonly pid: number;
}

const startDeadlineMs = 60_000;

// $1… is the server's command line. The shell prints the server's id, then waits for it; a second process interrupts
// the server when our end of the pipe (fd 3) closes.
const guard = `exec 3<&0
"$@" </dev/null 3<&- >/dev/null & server=$!
echo $server
( read _ <&3; kill -INT $server ) >/dev/null 2>&1 & watch=$!
wait $server; code=$?
kill $watch 2>/dev/null; wait $watch 2>/dev/null
exit $code`;

const settingsOff = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

/** Starts a server. @throws MeshError `unavailable` when the binaries are missing or it does not come up. */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer> {
  const binaries = await findBinaries(options.version ?? 18);
  const temporary = options.dir === undefined ? await mkdtemp(path.join(tmpdir(), "federation-pg-")) : undefined;
  const dir = temporary ?? path.resolve(options.dir ?? "");
  try {
    const password = await prepare(binaries, dir, options.version ?? 18);
    return await serve(binaries, dir, password, temporary !== undefined, options);
  } catch (thrown) {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    throw thrown;
  }
}

async function serve(
  binaries: PostgresBinaries,
  dir: string,
  password: string,
  removeDir: boolean,
  options: StartPostgresOptions,
): Promise<PostgresServer> {
  const settings = { max_connections: "200", ...(options.durable ? {} : settingsOff), ...options.settings };
  const data = path.join(dir, "data");
  const launch = (port: number) => start(binaries, data, port, settings);

  let port = await freePort();
  let running: Running | undefined;
  for (let attempt = 1; running === undefined; attempt += 1) {
    try {
      running = await launch(port);
    } catch (thrown) {
      // Somebody else took the port between our look and the server's.
      if (attempt === 5 || !String(thrown).includes("could not bind")) throw thrown;
      port = await freePort();
    }
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const { shell, pid } = running ?? {};
    running = undefined;
    if (shell === undefined || pid === undefined) return;
    const gone = shell.exitCode === null && shell.signalCode === null ? once(shell, "exit") : undefined;
    if (gone !== undefined) process.kill(pid, signal);
    await gone;
    shell.stdin?.destroy();
  };
  const version = await readVersion(binaries);
  return {
    adminUrl: `postgres://federation:${password}@127.0.0.1:${port}/postgres`,
    port,
    version,
    pid: () => running?.pid,
    kill: () => end("SIGKILL"),
    restart: async (how = "immediate") => {
      await end(how === "fast" ? "SIGINT" : "SIGQUIT");
      running = await untilFree(() => launch(port));
    },
    stop: async () => {
      await end("SIGINT");
      if (removeDir) await rm(dir, { recursive: true, force: true });
    },
  };
}

/** After a SIGKILL the old backends need a moment to notice; until then the server refuses to start beside them. */
async function untilFree(launch: () => Promise<Running>): Promise<Running> {
  const deadline = performance.now() + startDeadlineMs;
  for (;;) {
    try {
      return await launch();
    } catch (thrown) {
      const busy = /pre-existing shared memory|could not bind|another server might be running/.test(String(thrown));
      if (!busy || performance.now() > deadline) throw thrown;
      await sleep(100);
    }
  }
}

async function start(
  binaries: PostgresBinaries,
  data: string,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<Running> {
  const flags = { ...settings, listen_addresses: "127.0.0.1", unix_socket_directories: "", lc_messages: "C" };
  const args = ["-D", data, "-p", String(port), ...Object.entries(flags).flatMap(([k, v]) => ["-c", `${k}=${v}`])];
  const shell = spawn("/bin/sh", ["-c", guard, "sh", binaries.postgres, ...args], {
    ...(binaries.user ?? {}),
    // A group of its own: Ctrl-C reaches the test runner only, which then stops the server in order.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    cwd: data.startsWith(tmpdir()) ? tmpdir() : "/",
  });
  shell.stdin.on("error", () => {});
  const log: string[] = [];
  const up = new Promise<void>((resolve, reject) => {
    shell.stderr.on("data", (chunk: Buffer) => {
      log.push(chunk.toString());
      if (log.length > 50) log.shift();
      if (log.join("").includes("ready to accept connections")) resolve();
    });
    shell.once("error", reject);
    shell.once("exit", () => reject(new Error("it exited")));
  });
  const [pidLine] = await once(shell.stdout, "data");
  const late = new AbortController();
  try {
    const timeout = sleep(startDeadlineMs, undefined, { signal: late.signal }).then(() => {
      throw new Error(`it was not ready in ${startDeadlineMs / 1000} s`);
    });
    timeout.catch(() => {});
    await Promise.race([up, timeout]);
    return { shell, pid: Number.parseInt(String(pidLine), 10) };
  } catch (thrown) {
    shell.stdin.destroy();
    throw new MeshError("unavailable", `PostgreSQL did not start: ${String(thrown)}\n${log.join("")}`);
  } finally {
    late.abort();
  }
}

/** Creates the cluster unless the folder has one. Resolves to the superuser's password, which is kept beside the data. */
async function prepare(binaries: PostgresBinaries, dir: string, major: PostgresMajor): Promise<string> {
  const passwordFile = path.join(dir, "password");
  const kept = await readFile(passwordFile, "utf8").catch(() => undefined);
  if (kept !== undefined) return kept;
  await mkdir(dir, { recursive: true });
  const password = randomBytes(18).toString("base64url");
  await writeFile(`${passwordFile}.new`, password, { mode: 0o600 });
  if (binaries.user !== undefined) {
    for (const file of [dir, `${passwordFile}.new`]) await chown(file, binaries.user.uid, binaries.user.gid);
  }
  // The built-in provider gives the same order and case rules on every system; 15 does not have it yet.
  const locale =
    major === 15 ? ["--locale=C.UTF-8"] : ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
  await promisify(execFile)(
    binaries.initdb,
    [
      ...["--pgdata", path.join(dir, "data"), "--username", "federation", "--pwfile", `${passwordFile}.new`],
      ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync", ...locale],
    ],
    { ...(binaries.user ?? {}), cwd: dir, env: { PATH: "/usr/bin:/bin", LC_ALL: "C" } },
  );
  await writeFile(passwordFile, password, { mode: 0o600 });
  return password;
}

async function readVersion(binaries: PostgresBinaries): Promise<string> {
  const { stdout } = await promisify(execFile)(binaries.postgres, ["--version"], { cwd: "/" });
  return /\d+(\.\d+)*/.exec(stdout)?.[0] ?? stdout.trim();
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new MeshError("internal", "No TCP port was given.");
  return address.port;
}
