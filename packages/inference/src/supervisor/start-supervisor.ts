/** Starts the supervisor as a child of the calling process. Light: llama.cpp is imported by the worker alone. */
import { isErrorCode, MeshError } from "@federation/core";
import type { InferenceStatus, Log } from "@federation/runtime/ports";
import type { z } from "zod";
import { childMessageSchema, forkChild } from "../protocol/family.ts";
import { type WorkerConfig, workerConfigSchema } from "../worker/worker-config.ts";
import { endChild } from "./supervise-worker.ts";

export type InferenceSupervisorOptions = z.input<typeof workerConfigSchema>;

export interface InferenceSupervisor {
  readonly pid: number;
  readonly socketPath: string;
  /** As last reported by the worker, or why there is none at the moment. */
  status(): InferenceStatus;
  /** Resolves when the supervisor has ended; its caller starts another one if it did not ask for that. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Ends worker and supervisor; takes at most some 6 s, whatever the worker does. */
  stop(): Promise<void>;
}

const startPatienceMs = 20_000;
const stopPatienceMs = 5_500;

/**
 * Resolves once the supervisor holds the socket path and has forked its worker; the model loads after that.
 *
 * @throws MeshError `conflict` when another supervisor serves the path, `config_invalid` for options out of range.
 */
export async function startInferenceSupervisor(
  options: InferenceSupervisorOptions,
  { log }: { readonly log: Log },
): Promise<InferenceSupervisor> {
  const config = parseConfig(options);
  const child = forkChild(new URL("./main.ts", import.meta.url), config);
  let status: InferenceStatus = { state: "loading", alias: config.model.alias, progress: 0 };
  let errorTail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errorTail = (errorTail + text).slice(-2_000);
  });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once("exit", (code, signal) => {
      status = { state: "unavailable", reason: "The inference supervisor has ended." };
      resolve({ code, signal });
    });
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new MeshError("unavailable", "The inference supervisor did not start in time."));
    }, startPatienceMs);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      act();
    };
    child.once("error", (error) => settle(() => reject(MeshError.from(error))));
    child.once("exit", (code) =>
      settle(() =>
        reject(
          new MeshError(
            "unavailable",
            `The inference supervisor ended at its start (code ${code ?? -1}): ${errorTail}`,
          ),
        ),
      ),
    );
    child.on("message", (raw) => {
      const parsed = childMessageSchema.safeParse(raw);
      if (!parsed.success) return;
      const message = parsed.data;
      if (message.t === "log") log[message.level](message.fields, message.message);
      if (message.t === "status") status = message.status;
      if (message.t === "listening") settle(resolve);
      if (message.t === "refused") {
        const code = isErrorCode(message.code) ? message.code : "internal";
        settle(() => reject(new MeshError(code, message.message)));
        if (child.connected) child.disconnect();
      }
    });
  });
  return {
    pid: child.pid ?? 0,
    socketPath: config.socketPath,
    status: () => status,
    exited,
    stop: () => endChild(child, stopPatienceMs),
  };
}

function parseConfig(options: InferenceSupervisorOptions): WorkerConfig {
  const parsed = workerConfigSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new MeshError(
    "config_invalid",
    `Inference option ${issue?.path.join(".") ?? "?"}: ${issue?.message ?? "invalid"}.`,
  );
}
