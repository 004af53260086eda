/**
 * The worker's local socket.
 *
 * 1. Only this user may connect: the socket file has mode 0600 from its first moment.
 * 2. A line is bounded, parsed and answered; a request that is malformed gets an outcome, not silence.
 * 3. A client that does not read is cut off, so that its answers do not fill the memory; it may ask again by id.
 */
import { lstat, unlink } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { isErrorCode, MeshError } from "@federation/core";
import type { InferenceStatus, Log } from "@federation/runtime/ports";
import { z } from "zod";
import { createLineReader } from "../protocol/lines.ts";
import { failed } from "../protocol/outcome.ts";
import { listenPrivately } from "../protocol/private-socket.ts";
import {
  type ClientLine,
  clientLineSchema,
  encodeLine,
  maxLineChars,
  type ServerLine,
  type WorkerReport,
  wireVersion,
} from "../protocol/wire.ts";
import type { JobListener, JobTable } from "./job-table.ts";
import { RequestStop } from "./stop-reason.ts";

export interface SocketServer {
  announce(status: InferenceStatus): void;
  /** Removes the socket file; connections stay, so that what is under way can still be answered. */
  leave(): Promise<void>;
}

const maxConnections = 128;
const maxUnreadBytes = 16 * 1024 * 1024;
const badLinesAllowed = 3;

export async function startSocketServer(options: {
  readonly socketPath: string;
  /** Names this process, so that a client notices when another one answers. */
  readonly worker: string;
  readonly status: () => InferenceStatus;
  readonly report: () => WorkerReport;
  readonly jobs: JobTable;
  readonly countTokens: (text: string) => Promise<number>;
  readonly embed: (texts: readonly string[]) => Promise<readonly (readonly number[])[]>;
  readonly log: Log;
}): Promise<SocketServer> {
  const connections = new Set<(line: ServerLine) => void>();
  const server = createServer((socket) => {
    const send = (line: ServerLine): void => {
      if (socket.destroyed) return;
      socket.write(encodeLine(line));
      if (socket.writableLength > maxUnreadBytes) socket.destroy();
    };
    serve(socket, send, options);
    connections.add(send);
    socket.on("close", () => connections.delete(send));
    send({ t: "status", worker: options.worker, status: options.status() });
  });
  server.maxConnections = maxConnections;
  await listenPrivately(server, options.socketPath);
  const { ino } = await lstat(options.socketPath);
  return {
    announce: (status) => {
      for (const send of connections) send({ t: "status", worker: options.worker, status });
    },
    leave: async () => {
      const found = await lstat(options.socketPath).catch(() => undefined);
      // A successor may have replaced the file already: only our own is removed.
      if (found?.ino === ino) await unlink(options.socketPath).catch(() => undefined);
    },
  };
}

type ServeOptions = Parameters<typeof startSocketServer>[0];

function serve(socket: Socket, send: (line: ServerLine) => void, options: ServeOptions): void {
  const asked = new Map<string, JobListener>();
  let greeted = false;
  let badLines = 0;

  const refuse = (call: string | null, error: unknown): void => {
    const { code, message } = MeshError.from(error);
    send({ t: "refused", call, code: isErrorCode(code) ? code : "internal", message });
  };

  const onLine = (text: string): void => {
    const line = parseLine(text);
    if ("bad" in line) {
      const { id, call, problem } = line.bad;
      badLines += 1;
      if (id !== undefined)
        send({ t: "outcome", id, outcome: failed("invalid_request", problem, { input: 0, output: 0 }) });
      else refuse(call ?? null, new MeshError("invalid_input", problem));
      if (id === undefined && call === undefined && badLines >= badLinesAllowed) socket.end();
      return;
    }
    if (line.t === "hello") {
      greeted = line.version === wireVersion;
      if (!greeted) {
        refuse(
          null,
          new MeshError(
            "schema_mismatch",
            `This worker speaks version ${wireVersion} of its protocol; run both ends from one build.`,
          ),
        );
        socket.end();
      }
      return;
    }
    if (greeted) answer(line);
    else socket.end();
  };

  const answer = (line: Exclude<ClientLine, { t: "hello" }>): void => {
    switch (line.t) {
      case "ask": {
        const { id } = line.ask;
        const listener: JobListener = asked.get(id) ?? {
          onPiece: (from, text) => send({ t: "piece", id, from, text }),
          onOutcome: (outcome) => {
            asked.delete(id);
            send({ t: "outcome", id, outcome });
          },
        };
        asked.set(id, listener);
        if (!options.jobs.ask(line.ask, listener)) {
          const detail = "This id belongs to another request; give every request an id of its own.";
          listener.onOutcome(failed("invalid_request", detail, { input: 0, output: 0 }));
        }
        return;
      }
      case "abort":
        options.jobs.abort(line.id, new RequestStop("aborted", "The caller aborted the request."));
        return;
      case "count":
        options.countTokens(line.text).then(
          (count) => send({ t: "result", call: line.call, count }),
          (error: unknown) => refuse(line.call, error),
        );
        return;
      case "embed":
        options.embed(line.texts).then(
          (vectors) => send({ t: "vectors", call: line.call, vectors }),
          (error: unknown) => refuse(line.call, error),
        );
        return;
      case "report":
        send({ t: "report", call: line.call, report: options.report() });
        return;
    }
  };

  const read = createLineReader({
    maxChars: maxLineChars,
    onLine,
    onTooLong: () => {
      refuse(null, new MeshError("limit_exceeded", `A line is longer than ${maxLineChars} characters.`));
      socket.end();
    },
  });
  socket.on("data", read);
  socket.on("error", (error) => options.log.debug({ error: error.message }, "A client's connection broke."));
  socket.on("close", () => {
    // The work goes on: the client may come back and ask for it by its id.
    for (const [id, listener] of asked) options.jobs.leave(id, listener);
  });
}

const addressSchema = z.object({
  call: z.string().max(200).optional(),
  ask: z.object({ id: z.string().max(200) }).optional(),
});

interface BadLine {
  readonly bad: { readonly id: string | undefined; readonly call: string | undefined; readonly problem: string };
}

function parseLine(text: string): ClientLine | BadLine {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
    const parsed = clientLineSchema.safeParse(raw);
    if (parsed.success) return parsed.data;
    const address = addressSchema.safeParse(raw).data;
    const issues = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    return {
      bad: {
        id: address?.ask?.id,
        call: address?.call,
        problem: `The request is malformed (${issues.join("; ").slice(0, 500)}).`,
      },
    };
  } catch {
    return { bad: { id: undefined, call: undefined, problem: "The line is not JSON." } };
  }
}
