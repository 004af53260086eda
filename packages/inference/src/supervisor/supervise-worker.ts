/**
 * Keeps one worker alive: forks it, listens for its heart, kills it when it is wedged, forks the next.
 *
 * 1. A worker is wedged when its event loop is silent, or when it has work and evaluates no token; both end in SIGKILL,
 *    since native code hears nothing else.
 * 2. A supervisor that was itself stopped for a while gives its worker the benefit of a fresh start of the clock.
 * 3. Respawns back off from a tenth of a second to half a minute, and start afresh after a minute of good service.
 */
import type { ChildProcess } from "node:child_process";
import type { InferenceStatus, Log } from "@federation/runtime/ports";
import { childMessageSchema, forkChild } from "../protocol/family.ts";
import type { WorkerConfig } from "../worker/worker-config.ts";

export interface WorkerKeeper {
  stop(): Promise<void>;
}

const backOff = { firstMs: 100, lastMs: 30_000, forgottenAfterMs: 60_000 };
const stopPatienceMs = 4_000;
const loadingSilenceMs = 30_000;
const keptErrorChars = 2_000;

interface Heart {
  readonly child: ChildProcess;
  readonly startedMs: number;
  lastPongMs: number;
  lastProgressMs: number;
  tokens: number;
  readySinceMs: number | undefined;
  loading: boolean;
  errorTail: string;
}

export function keepWorker(options: {
  readonly config: WorkerConfig;
  readonly log: Log;
  readonly onStatus: (status: InferenceStatus) => void;
}): WorkerKeeper {
  const { config, log, onStatus } = options;
  const tickMs = Math.max(10, Math.min(1_000, config.pingTimeoutMs / 4));
  let stopping = false;
  let failures = 0;
  let heart = start();
  let respawn: NodeJS.Timeout | undefined;
  let lastTickMs = performance.now();
  const ticker = setInterval(tick, tickMs);

  function start(): Heart {
    const now = performance.now();
    const child = forkChild(new URL("../worker/main.ts", import.meta.url), config, deviceEnvironment(config));
    const started: Heart = {
      child,
      startedMs: now,
      lastPongMs: now,
      lastProgressMs: now,
      tokens: 0,
      readySinceMs: undefined,
      loading: true,
      errorTail: "",
    };
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      started.errorTail = (started.errorTail + text).slice(-keptErrorChars);
    });
    child.on("message", (raw) => hear(started, raw));
    child.on("error", (error) => log.error({ error: error.message }, "The inference worker could not be spoken to."));
    child.on("exit", (code, signal) => onExit(started, code, signal));
    return started;
  }

  function hear(from: Heart, raw: unknown): void {
    const parsed = childMessageSchema.safeParse(raw);
    if (!parsed.success) return;
    const message = parsed.data;
    const now = performance.now();
    switch (message.t) {
      case "log":
        log[message.level](message.fields, message.message);
        return;
      case "pong":
        from.lastPongMs = now;
        if (message.tokens !== from.tokens || message.running === 0) from.lastProgressMs = now;
        from.tokens = message.tokens;
        return;
      case "status":
        from.lastPongMs = now;
        from.loading = message.status.state === "loading";
        if (message.status.state === "ready") {
          from.readySinceMs = now;
          from.lastProgressMs = now;
        }
        onStatus(message.status);
        return;
      case "refused":
        log.error({ code: message.code }, message.message);
        onStatus({ state: "unavailable", reason: message.message });
        return;
      case "listening":
        return;
    }
  }

  function tick(): void {
    const now = performance.now();
    const late = now - lastTickMs > 3 * tickMs + 500;
    lastTickMs = now;
    if (heart.child.exitCode !== null || heart.child.signalCode !== null) return;
    if (late) {
      heart.lastPongMs = now;
      heart.lastProgressMs = now;
    }
    if (heart.child.connected) heart.child.send({ t: "ping" }, () => undefined);
    const problem = wedged(heart, now);
    if (problem === undefined) return;
    log.error({ pid: heart.child.pid ?? 0 }, `The inference worker ${problem}; it is killed and started anew.`);
    heart.child.kill("SIGKILL");
  }

  function wedged(of: Heart, now: number): string | undefined {
    const silentMs = now - of.lastPongMs;
    const patienceMs = of.loading ? Math.max(config.pingTimeoutMs, loadingSilenceMs) : config.pingTimeoutMs;
    if (silentMs > patienceMs) return `has been silent for ${Math.round(silentMs)} ms`;
    if (of.loading && now - of.startedMs > config.loadTimeoutMs) return "has not loaded its model in time";
    const stallMs = Math.max(config.stallTimeoutMs, 3 * tickMs);
    if (of.readySinceMs !== undefined && now - of.lastProgressMs > stallMs) {
      return "has work and evaluates no token";
    }
    return undefined;
  }

  function onExit(of: Heart, code: number | null, signal: NodeJS.Signals | null): void {
    if (stopping) return;
    const now = performance.now();
    const served = of.readySinceMs !== undefined && now - of.readySinceMs > backOff.forgottenAfterMs;
    failures = served ? 1 : failures + 1;
    const waitMs = Math.min(backOff.lastMs, backOff.firstMs * 2 ** (failures - 1));
    const ended = signal === null ? `exited with code ${code ?? -1}` : `was ended by ${signal}`;
    log.warn({ waitMs, failures, stderr: of.errorTail }, `The inference worker ${ended}; the next one starts.`);
    onStatus({ state: "unavailable", reason: `The model worker ${ended} and is being restarted.` });
    respawn = setTimeout(() => {
      heart = start();
    }, waitMs);
  }

  return {
    stop: async () => {
      if (stopping) return;
      stopping = true;
      clearInterval(ticker);
      clearTimeout(respawn);
      await endChild(heart.child, stopPatienceMs);
    },
  };
}

/** Asks a child to leave, and makes it. */
export async function endChild(child: ChildProcess, patienceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  if (child.connected) child.send({ t: "stop" }, () => undefined);
  else child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await gone;
  clearTimeout(timer);
}

/** Which GPUs llama.cpp may see. Set for the child only; not run on a GPU here. */
function deviceEnvironment(config: WorkerConfig): Record<string, string> {
  if (config.gpuDevices === undefined || config.gpu === false) return {};
  const devices = config.gpuDevices.join(",");
  return { CUDA_VISIBLE_DEVICES: devices, GGML_VK_VISIBLE_DEVICES: devices };
}
