import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connectInference,
  type InferenceClient,
  type InferenceSupervisor,
  resolveModel,
  startInferenceSupervisor,
} from "@federation/inference";
import type { Log } from "@federation/runtime/ports";
import { afterAll, beforeAll, expect, test } from "vitest";
import { conversation, running, voting } from "./testing/turn-cases.ts";
import { turnWorld } from "./testing/turn-world.ts";

const ignore = () => undefined;
const log: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
let dir = "";
let socketPath = "";
let supervisor: InferenceSupervisor;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fl-"));
  socketPath = join(dir, "s");
  const model = await resolveModel("fixture", { dir: join(dir, "models") });
  const options = { threads: 1, contextTokens: 8_192, sequences: 1, model, socketPath, cacheDir: join(dir, "cache") };
  supervisor = await startInferenceSupervisor(options, { log });
});
afterAll(async () => {
  await supervisor.stop();
  await rm(dir, { recursive: true });
});

/** The logic of one process: a client of the model's process, and a turn of it. */
async function logic(
  asked: string[],
): Promise<{ readonly client: InferenceClient; readonly inference: InferenceClient }> {
  const client = connectInference({ socketPath, log });
  await client.whenReady({ deadlineMs: 60_000 });
  const inference: InferenceClient = {
    ...client,
    generate: (request) => {
      asked.push(request.id);
      return client.generate(request);
    },
    choose: (request) => {
      asked.push(request.id);
      return client.choose(request);
    },
  };
  return { client, inference };
}

test("a generation goes on while the logic is replaced four times, and is asked of the model once", async () => {
  const asked: string[] = [];
  const observer = connectInference({ socketPath, log });
  await observer.whenReady({ deadlineMs: 60_000 });
  const turn = { views: [voting()], actor: "ana", role: "analyst" } as const;
  for (let reload = 0; reload < 4; reload++) {
    const { client, inference } = await logic(asked);
    const deactivate = new AbortController();
    const before = asked.length;
    const world = turnWorld({ ...turn, inference, attempt: 1 });
    const ended = world.runner.run(conversation, deactivate.signal);
    while (asked.length === before) await new Promise((resolve) => setImmediate(resolve));
    deactivate.abort();
    expect(await ended).toBe("idle");
    expect(world.calls).toContain("leaveTurn");
    await client.close();
  }
  const { client, inference } = await logic(asked);
  const world = turnWorld({ ...turn, inference });
  expect(await world.runner.run(conversation, running())).toBe("acted");
  const distinct = new Set(asked).size;
  expect(asked.length).toBeGreaterThan(distinct);
  const { accounts, running: stillRunning } = await observer.report();
  expect(stillRunning).toBe(0);
  expect(accounts).toEqual([
    expect.objectContaining({
      actor: "ana",
      requests: distinct,
      inputTokens: world.counters.tokensIn,
      outputTokens: world.counters.tokensOut,
    }),
  ]);
  await Promise.all([client.close(), observer.close()]);
});
