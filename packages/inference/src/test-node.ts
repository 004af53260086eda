/** For tests: a supervisor with the fixture model, and clients of it, all gone at `stop`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChooseRequest, GenerateRequest, Log } from "@federation/runtime/ports";
import { resolveModel } from "./catalogue/resolve-model.ts";
import { connectInference, type InferenceClient } from "./client/connect-inference.ts";
import {
  type InferenceSupervisor,
  type InferenceSupervisorOptions,
  startInferenceSupervisor,
} from "./supervisor/start-supervisor.ts";

export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {}

export interface TestNode {
  readonly dir: string;
  readonly socketPath: string;
  readonly supervisor: InferenceSupervisor;
  readonly client: InferenceClient;
  connect(): InferenceClient;
  /** Process id of the worker that is ready now. */
  workerPid(): Promise<number>;
  stop(): Promise<void>;
}

export async function startTestNode(
  options: Partial<Omit<InferenceSupervisorOptions, "socketPath">> = {},
  modelName = "fixture",
  modelDir?: string,
): Promise<TestNode> {
  const dir = await mkdtemp(join(tmpdir(), "fi-"));
  const model = await resolveModel(modelName, { dir: modelDir ?? join(dir, "models") });
  const socketPath = join(dir, "s");
  const supervisor = await startInferenceSupervisor(
    {
      threads: 1,
      ...options,
      model: options.model ?? model,
      socketPath,
      cacheDir: options.cacheDir ?? join(dir, "cache"),
    },
    { log: silentLog },
  );
  const clients: InferenceClient[] = [];
  const connect = (): InferenceClient => {
    const client = connectInference({ socketPath, log: silentLog });
    clients.push(client);
    return client;
  };
  const client = connect();
  return {
    dir,
    socketPath,
    supervisor,
    client,
    connect,
    workerPid: async () => {
      const status = await client.whenReady({ deadlineMs: 30_000 });
      if (status.state !== "ready") throw new Error(`The worker is ${JSON.stringify(status)}.`);
      return status.workerPid;
    },
    stop: async () => {
      await Promise.all(clients.map((each) => each.close()));
      await supervisor.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

let requests = 0;

export function sayRequest(change: Partial<GenerateRequest> = {}): GenerateRequest {
  requests += 1;
  return {
    id: `say-${process.pid}-${requests}`,
    actor: "lead",
    messages: [
      { role: "system", text: "You lead a small team. Answer in short plain sentences." },
      { role: "user", text: "We should choose a retry policy for the outbox relay. What is the next step?" },
    ],
    deadlineMs: 30_000,
    output: { kind: "object", fields: [{ name: "say", kind: "sentences", min: 1, max: 2 }] },
    maxTokens: 120,
    sampling: { temperature: 0.7, topP: 0.95, minP: 0.05, seed: 7 },
    ...change,
  };
}

/** Long enough that a test can act while it runs: some 700 tokens of the fixture model. */
export function longRequest(change: Partial<GenerateRequest> = {}): GenerateRequest {
  return sayRequest({
    output: { kind: "object", fields: [{ name: "say", kind: "sentences", min: 60, max: 64 }] },
    maxTokens: 2_500,
    ...change,
  });
}

export function chooseRequest(change: Partial<ChooseRequest> = {}): ChooseRequest {
  requests += 1;
  return {
    id: `choose-${process.pid}-${requests}`,
    actor: "lead",
    messages: sayRequest().messages,
    deadlineMs: 30_000,
    options: [
      { id: "delegate", sentence: "I will give this task to the developer." },
      { id: "ask", sentence: "I want to see evidence for this first." },
      { id: "wait", sentence: "I will wait for the others." },
    ],
    references: ["What do you think?", "Please go on.", "Tell me more."].map((text) => [
      { role: "system", text: "You are a member of a team." },
      { role: "user", text },
    ]),
    temperature: 0.15,
    ...change,
  };
}
