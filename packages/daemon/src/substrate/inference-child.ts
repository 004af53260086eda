/**
 * The node's model worker as the substrate sees it: a socket path, and a supervisor process that is kept alive.
 *
 * 1. It outlives every impl: impl gets the socket's path and connects when it can.
 * 2. llama.cpp, its package and its catalogue are only loaded for a node that has a model.
 */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { InferenceSupervisor } from "@federation/inference";
import type { Log } from "@federation/runtime/ports";
import type { NodeConfig, OwnInferenceSettings } from "../config/index.ts";
import type { ImplInit } from "./impl-protocol.ts";

const backOff = { firstMs: 500, maxMs: 30_000, healthyMs: 60_000 };
/** A socket's path must fit into 104 bytes on macOS, 108 on Linux; `.lock` is put behind it. */
const maxSocketPath = 95;

export interface InferenceChild {
  /** For impl's `init`: known before anything runs. */
  readonly endpoint: ImplInit["inference"];
  /**
   * Resolves once a first supervisor was tried; from then on one is kept alive. A supervisor that cannot start now
   * (that of a killed predecessor still leaves) is tried again.
   * @throws MeshError `model_invalid` or `not_found` when the model cannot be had as configured.
   */
  start(): Promise<void>;
  /** Asks the supervisor to leave; it does so by itself once this process is gone. */
  stop(): Promise<void>;
}

export function createInferenceChild(config: NodeConfig, log: Log): InferenceChild {
  const { inference } = config;
  const nothing = () => Promise.resolve();
  if (inference.mode === "none") return { endpoint: { kind: "none" }, start: nothing, stop: nothing };
  if (inference.mode === "shared") {
    return { endpoint: { kind: "socket", socketPath: inference.socketPath }, start: nothing, stop: nothing };
  }
  const socketPath = socketPathIn(config.stateDir);
  const keeper = createSupervisorKeeper(log, async () => {
    await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 });
    return supervisorStarter(inference, config.stateDir, socketPath, log);
  });
  return { endpoint: { kind: "socket", socketPath }, ...keeper };
}

/** In the state folder, or where that is too deep for a socket, in a private folder named after it. */
export function socketPathIn(stateDir: string): string {
  const path = join(stateDir, "inference.sock");
  if (Buffer.byteLength(path) <= maxSocketPath) return path;
  const name = createHash("sha256").update(stateDir).digest("hex").slice(0, 16);
  return join(tmpdir(), `federation-${name}`, "inference.sock");
}

type Starter = () => Promise<InferenceSupervisor>;

async function supervisorStarter(
  inference: OwnInferenceSettings,
  stateDir: string,
  socketPath: string,
  log: Log,
): Promise<Starter> {
  const { resolveModel, startInferenceSupervisor } = await import("@federation/inference");
  const { mode: _mode, model: name, modelsDir, style, choice, ...settings } = inference;
  const model = await resolveModel(name, { dir: modelsDir ?? join(stateDir, "models"), style, choice });
  const options = { ...settings, model, socketPath, cacheDir: join(stateDir, "inference") };
  return () => startInferenceSupervisor(options, { log });
}

/** Starts once, loudly; afterwards starts again whenever the supervisor ended by itself. */
function createSupervisorKeeper(log: Log, prepare: () => Promise<Starter>): Pick<InferenceChild, "start" | "stop"> {
  let stopped = false;
  let delayMs = backOff.firstMs;
  let timer: NodeJS.Timeout | undefined;
  let current: InferenceSupervisor | undefined;

  async function run(starter: Starter): Promise<void> {
    const supervisor = await starter();
    if (stopped) return supervisor.stop();
    current = supervisor;
    log.info({ supervisor: supervisor.pid, socketPath: supervisor.socketPath }, "The inference supervisor runs.");
    const startedMs = performance.now();
    void supervisor.exited.then((end) => {
      current = undefined;
      if (performance.now() - startedMs >= backOff.healthyMs) delayMs = backOff.firstMs;
      if (!stopped) log.warn({ ...end, restartInMs: delayMs }, "The inference supervisor ended; it is started again.");
      again(starter);
    });
  }

  function again(starter: Starter): void {
    if (stopped) return;
    timer = setTimeout(() => void attempt(starter), delayMs);
    delayMs = Math.min(delayMs * 2, backOff.maxMs);
  }

  async function attempt(starter: Starter): Promise<void> {
    try {
      await run(starter);
    } catch (error) {
      log.error({ error, retryInMs: delayMs }, "The inference supervisor could not be started; it is tried again.");
      again(starter);
    }
  }

  return {
    start: async () => {
      const starter = await prepare();
      await attempt(starter);
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await current?.stop();
    },
  };
}
