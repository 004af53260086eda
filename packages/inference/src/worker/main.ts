/**
 * The worker process: one model behind one local socket.
 *
 * 1. The socket answers before the model is loaded: a client sees `loading` and its progress, not a refusal.
 * 2. A model that cannot be loaded leaves the process up, saying why: it would fail the same way after a restart.
 * 3. It leaves when its supervisor does. Work under way is aborted and awaited before llama.cpp is taken down.
 */
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { MeshError } from "@federation/core";
import type { InferenceStatus } from "@federation/runtime/ports";
import { identifyModelFile } from "../catalogue/file-identity.ts";
import { createParentLog, followParent, tellParent } from "../protocol/child-side.ts";
import { createBiasMeter } from "./bias-meter.ts";
import type { Engine } from "./engine.ts";
import { fastWeights } from "./fast-weights.ts";
import { createJobTable } from "./job-table.ts";
import { createAskRunner, type LoadedParts } from "./run-ask.ts";
import { type SocketServer, startSocketServer } from "./socket-server.ts";
import { RequestStop } from "./stop-reason.ts";
import { createTokenAccounts } from "./token-accounts.ts";
import { type WorkerConfig, workerConfigSchema } from "./worker-config.ts";

const log = createParentLog();
const config = workerConfigSchema.parse(JSON.parse(process.argv[2] ?? "null"));
const accounts = createTokenAccounts();
let status: InferenceStatus = { state: "loading", alias: config.model.alias, progress: 0 };
let parts: LoadedParts | undefined;
let leaving = false;
let server: SocketServer | undefined;

const loaded = load(config, (progress) => {
  const { state } = status;
  if (state === "loading" && progress - status.progress >= 0.02) announce({ ...status, progress });
});
// Answered for below; until then an early failure is no unhandled rejection.
loaded.catch(() => undefined);
const jobs = createJobTable({ run: createAskRunner({ loaded, accounts, log }) });
followParent({
  onMessage: (message) => {
    if (message.t === "ping")
      tellParent({ t: "pong", running: jobs.running, tokens: parts?.engine.progress.tokens ?? 0 });
    else void leave();
  },
  onLeave: () => void leave(),
});
server = await startSocketServer({
  socketPath: config.socketPath,
  worker: randomUUID(),
  status: () => status,
  report: () => ({
    workerPid: process.pid,
    accounts: accounts.list(),
    running: jobs.running,
    waiting: parts?.engine.slots.waiting ?? 0,
    keptOutcomes: jobs.kept,
    contextOverflows: accounts.contextOverflows,
  }),
  jobs,
  countTokens: async (text) => (await present()).engine.model.tokenize(text).length,
  embed: async (texts) => {
    const { engine } = await present();
    const vectors: (readonly number[])[] = [];
    for (const text of texts) {
      vectors.push(await engine.embed(text));
      engine.progress.tokens += 1;
    }
    return vectors;
  },
  log,
}).catch((error: unknown) => {
  const { code, message } = MeshError.from(error);
  tellParent({ t: "refused", code, message });
  return undefined;
});
if (server === undefined) await leave();
tellParent({ t: "listening" });

loaded.then(
  (found) => {
    parts = found;
    announce({ state: "ready", model: found.engine.loaded, workerPid: process.pid });
  },
  (error: unknown) => {
    const reason = MeshError.from(error).message;
    log.error({ reason, path: config.model.path }, "The model could not be loaded.");
    announce({ state: "failed", reason });
  },
);

async function load(options: WorkerConfig, onProgress: (fraction: number) => void): Promise<LoadedParts> {
  const identity = identifyModelFile(options.model.path, {
    cacheDir: options.cacheDir,
    expected: { sha256: options.model.sha256 },
  });
  // Awaited below; a broken file is reported then, and not as an unhandled rejection while llama.cpp starts.
  identity.catch(() => undefined);
  // llama.cpp's bindings take half a second to import: the socket is up by then.
  const [{ loadEngine }, { runGenerate }, { runChoose }, { createReferenceScorer }, { openBiasStore }] =
    await Promise.all([
      import("./engine.ts"),
      import("./run-generate.ts"),
      import("./run-choose.ts"),
      import("./score-sentences.ts"),
      import("./bias-store.ts"),
    ]);
  const sha256 = identity.then((file) => file.sha256);
  // A CPU alone gains: a GPU multiplies every format fast.
  const { path } = options.model;
  const { cacheDir } = options;
  const file = options.gpu === false ? await fastWeights({ path, sha256: await sha256, cacheDir }) : path;
  const open = (from: string): Promise<Engine> =>
    loadEngine({ ...options, model: { ...options.model, path: from } }, sha256, onProgress);
  const opened = open(file).catch(async (error: unknown) => {
    if (file === path) throw error;
    await rm(file, { force: true });
    return await open(path);
  });
  const engine = await Promise.all([opened, sha256]).then(
    ([ready]) => ready,
    async (error: unknown) => {
      // A corrupt file is why llama.cpp failed: say that rather than its consequence.
      await sha256;
      if (error instanceof MeshError) throw error;
      const text = error instanceof Error ? error.message : String(error);
      throw new MeshError("model_invalid", `llama.cpp could not load ${options.model.path}: ${text}`, { cause: error });
    },
  );
  const store = await openBiasStore({
    cacheDir: options.cacheDir,
    modelSha256: engine.loaded.sha256,
    onError: (error) => log.warn({ error: String(error) }, "A measured bias could not be kept on disk."),
  });
  const sequence = engine.spareSequence;
  const biases =
    sequence === undefined ? undefined : createBiasMeter({ score: createReferenceScorer(engine, sequence), store });
  return { engine, biases, flush: store.flush, generate: runGenerate, choose: runChoose };
}

function present(): Promise<LoadedParts> {
  return loaded.catch((error: unknown) => {
    throw new MeshError("unavailable", MeshError.from(error).message, { cause: error });
  });
}

function announce(next: InferenceStatus): void {
  status = next;
  server?.announce(next);
  tellParent({ t: "status", status: next });
}

async function leave(): Promise<void> {
  if (leaving) return;
  leaving = true;
  // Native work that does not end must not keep the process: its parent may be gone.
  setTimeout(() => process.exit(1), 3_000).unref();
  await server?.leave();
  jobs.abortAll(new RequestStop("unavailable", "The model worker is stopping."));
  await jobs.idle();
  await parts?.flush();
  await parts?.engine.dispose();
  process.exit(0);
}
