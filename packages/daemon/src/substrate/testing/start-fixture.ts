/** Starts a substrate with the fixture impl, inside the test or as a daemon of its own. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { z } from "zod";
import { childEnvironment, loadNodeConfig, type NodeFile, type ReloadConfig } from "../../config/index.ts";
import { createProcessLog } from "../../log/index.ts";
import type { FatalCode } from "../impl-protocol.ts";
import type { HubLimits } from "../session-hub.ts";
import { type Substrate, startSubstrate } from "../start-substrate.ts";
import { type NewCode, readTrace, type Traced, writeNewCode } from "./new-code.ts";

// Dozens of processes are started from the same files.
enableCompileCache();

export const fixtureImpl = fileURLToPath(new URL("./fixture-impl.ts", import.meta.url));
const fixtureDaemon = fileURLToPath(new URL("./fixture-daemon.ts", import.meta.url));

/** A join folder with secrets that open nothing. */
export function writeJoinFolder(mode = "", extra: Record<string, unknown> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "fed-node-"));
  mkdirSync(join(folder, "secrets"));
  for (const name of ["database", "broker"]) writeFileSync(join(folder, "secrets", name), "x\n", { mode: 0o600 });
  const config = {
    node: { name: "baby" },
    profile: mode === "" ? {} : { hardware: { machine: mode } },
    listen: { port: 0, allowedOrigins: ["https://portal.example"] },
    database: { url: "postgresql://fed_baby@127.0.0.1:1/federation", passwordFile: "secrets/database" },
    broker: { urls: ["stomp://127.0.0.1:1"], login: "baby", passcodeFile: "secrets/broker" },
    ...extra,
  };
  writeFileSync(join(folder, "node.yaml"), stringify(config));
  return folder;
}

export interface FixtureSubstrate extends Substrate {
  readonly fatal: Promise<{ readonly code: FatalCode; readonly message: string }>;
  readonly logged: readonly string[];
  readonly base: string;
  /** Writes the code of the next impl, and asks for it. */
  reloadTo(code: NewCode): void;
  /** What impls did with the loops so far. */
  trace(): readonly Traced[];
}

export async function startFixture(
  options: {
    readonly mode?: string;
    readonly limits?: Partial<HubLimits>;
    readonly implEntry?: string;
    readonly reload?: Partial<ReloadConfig>;
    readonly listen?: Omit<NonNullable<NodeFile["listen"]>, "host" | "port">;
    /** Folder of the portal's built files; without it none is served. */
    readonly portalFolder?: string;
  } = {},
): Promise<FixtureSubstrate> {
  const folder = writeJoinFolder(options.mode, {
    reload: options.reload ?? {},
    ...(options.listen === undefined ? {} : { listen: { port: 0, ...options.listen } }),
  });
  const { config } = loadNodeConfig(join(folder, "node.yaml"), {});
  mkdirSync(config.stateDir, { recursive: true });
  if (options.reload !== undefined) writeNewCode(config.stateDir, {});
  const logged: string[] = [];
  const log = await createProcessLog({ level: "debug", pretty: "off" }, "baby", "substrate", (line) =>
    logged.push(line),
  );
  const fatal = Promise.withResolvers<{ code: FatalCode; message: string }>();
  const substrate = await startSubstrate({
    config,
    implEntry: options.implEntry ?? fixtureImpl,
    takeOver: false,
    log,
    onFatal: (code, message) => fatal.resolve({ code, message }),
    limits: options.limits ?? {},
    ...(options.portalFolder === undefined ? {} : { portalFolder: options.portalFolder }),
  });
  return {
    ...substrate,
    fatal: fatal.promise,
    logged,
    base: `http://127.0.0.1:${substrate.port}`,
    reloadTo: (code) => {
      writeNewCode(config.stateDir, code);
      substrate.reload("a test");
    },
    trace: () => readTrace(config.stateDir),
    drain: async () => {
      await substrate.drain();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const newsSchema = z.object({ type: z.literal("listening"), port: z.number() });

export interface FixtureDaemon {
  readonly child: ChildProcess;
  /** Resolves with the port, or never when the daemon ends first. */
  readonly listening: Promise<number>;
  /** What it wrote so far. */
  stderr(): string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly stderr: string }>;
}

/** `implEntry`: another impl than the fixture. */
export function startFixtureDaemon(
  mode = "",
  extra: Record<string, unknown> = {},
  implEntry = fixtureImpl,
): FixtureDaemon {
  const folder = writeJoinFolder(mode, extra);
  const child = fork(fixtureDaemon, [join(folder, "node.yaml"), implEntry], {
    execArgv: [],
    env: { ...childEnvironment() },
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const listening = new Promise<number>((resolve) => {
    child.on("message", (raw) => {
      const news = newsSchema.safeParse(raw);
      if (news.success) resolve(news.data.port);
    });
  });
  // Not `close`: it does not come when the test itself lets go of the channel.
  const said = new Promise((resolve) => child.stderr?.once("close", resolve));
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const ended = exited.then(async (end) => {
    await said;
    rmSync(folder, { recursive: true, force: true });
    return { ...end, stderr };
  });
  return { child, listening, ended, stderr: () => stderr };
}

/** Resolves once `condition` holds; asks every 20 ms. Rejects after ten seconds with `what`. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ten seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** True while a process with this id runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
