import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { MeshError } from "@federation/core";
import { childEnvironment } from "../config/index.ts";

/**
 * A child that listens on a port and is kept alive.
 *
 * 1. It is started again when it dies, on the port it once had: clients come back to it.
 * 2. It leaves when this process does: its channel closes.
 */
export interface KeptChild {
  port(): number;
  pid(): number | undefined;
  stop(): Promise<void>;
}

export interface KeptChildOptions {
  /** What messages call it. */
  readonly name: string;
  readonly entry: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** Its environment beside what every child gets; `port` is 0 at first. */
  readonly environment: (port: number) => Readonly<Record<string, string>>;
  /** The port that a message of the child tells, once it listens. */
  readonly portOf: (message: unknown) => number | undefined;
  /** Out of reach of this terminal's Ctrl-C: it is stopped in order. */
  readonly detached?: boolean;
  /** Exit codes after which starting again cannot help. */
  readonly hopeless?: ReadonlySet<number>;
  readonly onHopeless?: (problem: string) => void;
}

const restartMs = 500;

/** Resolves when it listens. @throws MeshError `unavailable` when it ends before that. */
export async function startKeptChild(options: KeptChildOptions): Promise<KeptChild> {
  const { name, logFile } = options;
  let stopping = false;
  let port = 0;
  let child: ChildProcess;

  // A launch that fails ends the child, and its exit brings the next try.
  const again = (): void => {
    if (!stopping) void launch().catch(() => undefined);
  };
  const launch = async (): Promise<void> => {
    const log = openSync(logFile, "a");
    child = fork(options.entry, [...options.args], {
      stdio: ["ignore", log, log, "ipc"],
      env: { ...childEnvironment(), ...options.environment(port) },
      detached: options.detached ?? false,
    });
    closeSync(log);
    const started = child;
    started.once("exit", (code) => {
      if (stopping) return;
      if (code !== null && options.hopeless?.has(code))
        options.onHopeless?.(`${name} ended with code ${code}; see ${logFile}`);
      else setTimeout(again, restartMs);
    });
    const gone = once(started, "exit").then(([code]) => {
      throw new MeshError("unavailable", `${name} ended at its start with code ${code}; see ${logFile}.`);
    });
    gone.catch(() => undefined);
    for (;;) {
      const [message] = await Promise.race([once(started, "message"), gone]);
      const told = options.portOf(message);
      if (told === undefined) continue;
      port = told;
      return;
    }
  };

  try {
    await launch();
  } catch (error) {
    stopping = true;
    throw error;
  }
  return {
    port: () => port,
    pid: () => child.pid,
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}
