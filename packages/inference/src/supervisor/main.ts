/**
 * The supervisor process: small, never loads llama.cpp, outlives its workers, leaves with its parent.
 *
 * 1. It holds the path's lock before it forks anything, and leaves when it has lost it.
 * 2. Whatever ends it (its parent gone, a stop, SIGTERM), its worker goes first.
 */
import { MeshError } from "@federation/core";
import { createParentLog, followParent, tellParent } from "../protocol/child-side.ts";
import { workerConfigSchema } from "../worker/worker-config.ts";
import { acquirePathLock } from "./path-lock.ts";
import { keepWorker } from "./supervise-worker.ts";

const lockCheckMs = 2_000;

await main().catch((error: unknown) => {
  const { code, message } = MeshError.from(error);
  tellParent({ t: "refused", code, message });
  // The message is on its way to the parent, which ends the channel once it has read it.
  process.exitCode = 2;
});

async function main(): Promise<void> {
  const config = workerConfigSchema.parse(JSON.parse(process.argv[2] ?? "null"));
  const log = createParentLog();
  let leave: () => void = () => process.exit(0);
  followParent({ onMessage: (message) => message.t === "stop" && leave(), onLeave: () => leave() });
  const lock = await acquirePathLock(config.socketPath);
  const keeper = keepWorker({ config, log, onStatus: (status) => tellParent({ t: "status", status }) });
  let leaving = false;
  leave = () => {
    if (leaving) return;
    leaving = true;
    clearInterval(checker);
    void keeper
      .stop()
      .then(() => lock.release())
      .finally(() => process.exit(0));
  };
  const checker = setInterval(() => {
    void lock.stillHeld().then((held) => {
      if (held || leaving) return;
      log.error({ socketPath: config.socketPath }, "Another supervisor has taken this socket path; this one leaves.");
      leave();
    });
  }, lockCheckMs);
  tellParent({ t: "listening" });
}
