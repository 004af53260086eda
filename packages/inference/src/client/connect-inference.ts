/**
 * The runtime's `Inference` port over a worker's local socket.
 *
 * 1. Connecting never fails and never waits: while there is no worker the status says so, and requests wait for one
 *    until their deadline.
 * 2. Every request ends in a value. Counting and embedding, which have no outcome type, reject with a MeshError.
 */
import { randomUUID } from "node:crypto";
import { isErrorCode, MeshError } from "@federation/core";
import type {
  ChooseOutcome,
  FailedOutcome,
  GenerateOutcome,
  Inference,
  InferenceStatus,
  Log,
} from "@federation/runtime/ports";
import { failed } from "../protocol/outcome.ts";
import {
  type AnyOutcome,
  type Ask,
  askSchema,
  type ClientLine,
  chooseOutcomeSchema,
  generateOutcomeSchema,
  maxEmbedTexts,
  type WorkerReport,
} from "../protocol/wire.ts";
import { createPendingRequests } from "./pending-requests.ts";
import { createWorkerLink, type ReceivedLine } from "./worker-link.ts";

export interface InferenceClient extends Inference {
  /** Token accounts per actor and load of the worker; rejects like `countTokens` when there is none. */
  report(): Promise<WorkerReport>;
}

type Answer = Extract<ReceivedLine, { t: "result" | "vectors" | "report" }>;

interface Call {
  readonly line: ClientLine;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: MeshError) => void;
}

/** An answer on its way; what a worker says is parsed like any other input. */
function parseOutcome(op: Ask["op"] | undefined, raw: unknown): AnyOutcome {
  const schema = op === "choose" ? chooseOutcomeSchema : generateOutcomeSchema;
  const parsed = schema.safeParse(raw);
  return parsed.success ? parsed.data : mixedUp();
}

function mixedUp(): FailedOutcome {
  return failed(
    "invalid_request",
    "The answer is not of the kind that was asked for; give every request an id of its own.",
    {
      input: 0,
      output: 0,
    },
  );
}

function closedError(): MeshError {
  return new MeshError("unavailable", "The connection to the model was closed.");
}

const countPatienceMs = 30_000;
const embedPatienceMs = 120_000;

/** Connects in the background, and again after each loss; `close` ends it and whatever still waits. */
export function connectInference(options: { readonly socketPath: string; readonly log: Log }): InferenceClient {
  let status: InferenceStatus = { state: "unavailable", reason: "There is no connection to the model worker yet." };
  let closed = false;
  const watchers = new Set<() => void>();
  const calls = new Map<string, Call>();
  const requests = createPendingRequests({ send: (line) => link.send(line), worker: () => link.worker });

  const setStatus = (next: InferenceStatus): void => {
    status = next;
    for (const watcher of [...watchers]) watcher();
  };

  const onLine = (line: ReceivedLine): void => {
    switch (line.t) {
      case "piece":
        requests.onPiece(line.id, line.from, line.text);
        return;
      case "outcome":
        requests.onOutcome(line.id, parseOutcome(requests.opOf(line.id), line.outcome));
        return;
      case "refused": {
        const code = isErrorCode(line.code) ? line.code : "internal";
        if (line.call === null) options.log.warn({ code }, line.message);
        else calls.get(line.call)?.reject(new MeshError(code, line.message));
        return;
      }
      default:
        calls.get(line.call)?.resolve(line);
    }
  };

  const link = createWorkerLink({
    socketPath: options.socketPath,
    log: options.log,
    onStatus: setStatus,
    onWorker: (worker) => {
      requests.onWorker(worker);
      // Counting and embedding change nothing: they may be asked twice.
      for (const call of calls.values()) link.send(call.line);
    },
    onLine,
  });

  const call = (line: Extract<ClientLine, { call: string }>, patienceMs: number): Promise<Answer> => {
    if (closed) return Promise.reject(closedError());
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = setTimeout(
      () => reject(new MeshError("unavailable", "The model worker has not answered in time; call again later.")),
      patienceMs,
    );
    calls.set(line.call, { line, resolve, reject });
    link.send(line);
    return promise.finally(() => {
      clearTimeout(timer);
      calls.delete(line.call);
    });
  };

  const ask = async (given: unknown, onText?: (piece: string) => void): Promise<AnyOutcome> => {
    if (closed) return failed("unavailable", closedError().message, { input: 0, output: 0 });
    const parsed = askSchema.safeParse(given);
    if (!parsed.success) {
      const issues = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
      return failed("invalid_request", issues.join("; ").slice(0, 500), { input: 0, output: 0 });
    }
    return requests.ask(parsed.data, onText);
  };

  return {
    status: () => status,
    whenReady: ({ deadlineMs }) =>
      new Promise((resolve) => {
        const settled = (): boolean => status.state === "ready" || status.state === "failed";
        const finish = (): void => {
          clearTimeout(timer);
          watchers.delete(look);
          resolve(status);
        };
        const look = (): void => {
          if (settled() || closed) finish();
        };
        const timer = setTimeout(finish, deadlineMs);
        watchers.add(look);
        look();
      }),
    generate: async ({ onText, ...request }): Promise<GenerateOutcome> => {
      const outcome = await ask({ op: "generate", ...request }, onText);
      return outcome.outcome === "failed" || "text" in outcome ? outcome : mixedUp();
    },
    choose: async (request): Promise<ChooseOutcome> => {
      const outcome = await ask({ op: "choose", ...request });
      return outcome.outcome === "failed" || "probabilities" in outcome ? outcome : mixedUp();
    },
    countTokens: async (text) => {
      const answer = await call({ t: "count", call: randomUUID(), text }, countPatienceMs);
      return answer.t === "result" ? answer.count : 0;
    },
    embed: async (texts) => {
      const vectors: (readonly number[])[] = [];
      for (let start = 0; start < texts.length; start += maxEmbedTexts) {
        const part = texts.slice(start, start + maxEmbedTexts);
        const answer = await call({ t: "embed", call: randomUUID(), texts: part }, embedPatienceMs);
        if (answer.t === "vectors") vectors.push(...answer.vectors);
      }
      return vectors;
    },
    report: async () => {
      const answer = await call({ t: "report", call: randomUUID() }, countPatienceMs);
      if (answer.t !== "report") throw new MeshError("internal", "The model worker answered another question.");
      return answer.report;
    },
    abort: (requestId) => requests.abort(requestId),
    close: async () => {
      if (closed) return;
      closed = true;
      link.close();
      requests.endAll("unavailable", closedError().message);
      for (const waiting of [...calls.values()]) waiting.reject(closedError());
      setStatus({ state: "unavailable", reason: closedError().message });
    },
  };
}
