import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { MeshError } from "@federation/core";
import { childEnvironment } from "../config/index.ts";
import { repository } from "../repository.ts";

/**
 * One node of the local mesh: a `federationd` of its own.
 *
 * 1. It is started again when it dies, with `--take-over`: this process knows that the one before is dead.
 * 2. It leaves when this process does, whatever ends it.
 */
export interface LocalNode {
  readonly name: string;
  /** Of the HTTP and WebSocket server. */
  port(): number;
  pid(): number | undefined;
  stop(): Promise<void>;
}

const restartMs = 500;
/** Exit codes after which starting again cannot help; see `exitCodes` of the substrate. */
const hopeless = new Set([64, 65, 66, 77, 78]);

export async function startLocalNode(
  name: string,
  options: {
    readonly configFile: string;
    readonly stateDir: string;
    /** Environment overrides of the node's configuration: addresses that are new at every start of `dev`. */
    readonly overrides: Readonly<Record<string, string>>;
    readonly onHopeless: (problem: string) => void;
  },
): Promise<LocalNode> {
  let stopping = false;
  let port = 0;
  let child: ChildProcess;
  const logFile = join(options.stateDir, "logs", `${name}.log`);

  // A launch that fails ends the child, and its exit brings the next try.
  const again = (): void => {
    if (!stopping) void launch().catch(() => undefined);
  };
  const launch = async (): Promise<void> => {
    const log = openSync(logFile, "a");
    child = fork(repository.federationd, ["--config", options.configFile, "--take-over"], {
      stdio: ["ignore", log, log, "ipc"],
      // Once given, the port is kept: clients come back to it.
      env: {
        ...childEnvironment(),
        ...options.overrides,
        ...(port === 0 ? {} : { FEDERATION_LISTEN_PORT: String(port) }),
      },
      // Ctrl-C is for this process: it stops the nodes in order.
      detached: true,
    });
    closeSync(log);
    const started = child;
    started.once("exit", (code) => {
      if (stopping) return;
      if (code !== null && hopeless.has(code)) options.onHopeless(`${name} ended with code ${code}; see ${logFile}`);
      else setTimeout(again, restartMs);
    });
    const gone = once(started, "exit").then(([code]) => {
      throw new MeshError("unavailable", `The node ${name} ended at its start with code ${code}; see ${logFile}.`);
    });
    gone.catch(() => undefined);
    for (;;) {
      const [message] = await Promise.race([once(started, "message"), gone]);
      if (message?.type === "listening") {
        port = message.port;
        return;
      }
    }
  };

  try {
    await launch();
  } catch (error) {
    stopping = true;
    throw error;
  }
  return {
    name,
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

/** Waits until the node says it is ready; answers its last reasons when the deadline passes first. */
export async function untilReady(node: LocalNode, deadlineMs: number, signal: AbortSignal): Promise<"ready" | string> {
  const startedMs = performance.now();
  let last = "it does not answer";
  while (performance.now() - startedMs < deadlineMs && !signal.aborted) {
    try {
      const answer = await fetch(`http://127.0.0.1:${node.port()}/readyz`, { signal: AbortSignal.timeout(2_000) });
      if (answer.ok) return "ready";
      last = await answer.text();
    } catch (error) {
      last = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  return last;
}
