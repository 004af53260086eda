/**
 * A substrate under the signals and the parent of its process, and the exit code it ends with.
 *
 * 1. SIGTERM, SIGINT and the loss of a parent's IPC channel drain; a second signal ends at once.
 * 2. SIGHUP reloads the logic.
 * 3. The process is gone within five seconds of the first, even if the drain itself hangs.
 * 4. A fatal problem is one sentence on standard error and an exit code of its own.
 */
import { constants } from "node:os";
import { MeshError } from "@federation/core";
import type { NodeConfig } from "../config/index.ts";
import { createProcessLog, scrubText } from "../log/index.ts";
import { exitCodes } from "./impl-protocol.ts";
import type { HubLimits } from "./session-hub.ts";
import { type Substrate, startSubstrate } from "./start-substrate.ts";

const hardExitMs = 4800;

export interface DaemonOptions {
  readonly config: NodeConfig;
  /** Said once in the log. */
  readonly warnings: readonly string[];
  readonly implEntry: string;
  /** Folder of the portal's built files; without it none is served. */
  readonly portalFolder?: string;
  readonly takeOver: boolean;
  readonly limits?: Partial<HubLimits>;
}

/** What a parent that forked the daemon is told, once, when the port is open. */
export interface DaemonNews {
  readonly type: "listening";
  readonly host: string;
  readonly port: number;
  readonly instance: string;
}

/** Runs until a signal or a fatal problem; ends the process itself. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { config } = options;
  const log = await createProcessLog(config.logging, config.node.name, "substrate");
  let substrate: Substrate | undefined;
  let leaving = false;

  function endNow(code: number): never {
    substrate?.kill();
    return process.exit(code);
  }

  function leave(code: number, why: string): void {
    if (leaving) return;
    leaving = true;
    log.info({ why }, "The node leaves.");
    setTimeout(() => endNow(code), hardExitMs).unref();
    (substrate?.drain() ?? Promise.resolve())
      .catch((error: unknown) => log.error({ error }, "The drain failed."))
      .finally(() => endNow(code));
  }

  function fatal(code: keyof typeof exitCodes, sentence: string): void {
    process.stderr.write(`federationd: ${scrubText(sentence)}\n`);
    leave(exitCodes[code], `fatal: ${code}`);
  }

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (leaving) endNow(128 + constants.signals[signal]);
      leave(exitCodes.ok, signal);
    });
  }
  process.on("SIGHUP", () => substrate?.reload("SIGHUP"));
  const orphaned = (): void => leave(exitCodes.ok, "the parent process is gone");
  process.on("disconnect", orphaned);
  // It may have gone while this program was still being read.
  if (process.send !== undefined && !process.connected) orphaned();
  process.on("uncaughtException", (error) => {
    log.error({ error }, "A defect in the substrate.");
    endNow(exitCodes.internal);
  });

  for (const warning of options.warnings) log.warn({}, warning);
  try {
    substrate = await startSubstrate({ ...options, log, onFatal: fatal });
  } catch (error) {
    const { code, message } = MeshError.from(error);
    fatal(code === "unavailable" ? "listen" : "internal", message);
    return;
  }
  const news: DaemonNews = {
    type: "listening",
    host: config.listen.host,
    port: substrate.port,
    instance: substrate.instance,
  };
  if (process.connected) process.send?.(news, undefined, undefined, () => undefined);
}
