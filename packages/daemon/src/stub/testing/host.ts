/** A host of the stub for tests: writes lines, and has every message it was ever sent. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { z } from "zod";
import { readToken } from "../../cli/find-node.ts";
import { runStub } from "../run-stub.ts";

const wireSchema = z.looseObject({
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.looseObject({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
});
export type Wire = z.infer<typeof wireSchema>;

export interface StubHost {
  readonly received: readonly Wire[];
  /** What the stub said to people. */
  readonly said: readonly string[];
  /** The stub's output: not read while paused. */
  readonly output: PassThrough;
  readonly ended: Promise<void>;
  /** Resolves to true once the stub has ended, and to false when it has not within this time. */
  endedWithin(ms: number): Promise<boolean>;
  write(text: string): void;
  request(id: number | string, method: string, params?: Record<string, unknown>): void;
  message(fits: (message: Wire) => boolean): Promise<Wire>;
  answerTo(id: number | string): Promise<Wire>;
  setToken(token: string): void;
  setUrl(url: string): void;
  /** Closes the stub's standard input. */
  leave(): void;
  interrupt(): void;
  remove(): Promise<void>;
}

export function startHost(options: {
  readonly url: string;
  readonly token?: string;
  readonly waitMs?: number;
}): StubHost {
  const folder = mkdtempSync(join(tmpdir(), "fed-stub-"));
  const tokenFile = join(folder, "token");
  const setToken = (token: string) => writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  setToken(options.token ?? "good");
  let { url } = options;
  const input = new PassThrough();
  const output = new PassThrough();
  const stop = new AbortController();
  const received: Wire[] = [];
  const said: string[] = [];
  const waiters = new Set<() => void>();
  let text = "";
  output.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    received.push(...lines.map((line) => wireSchema.parse(JSON.parse(line))));
    for (const waiter of waiters) waiter();
  });
  const ended = runStub({
    host: { input, output, abandon: () => {} },
    target: () => ({ url, token: readToken(tokenFile), tokenFile }),
    insecure: false,
    say: (sentence) => said.push(sentence),
    signal: stop.signal,
    ...(options.waitMs === undefined ? {} : { waitMs: options.waitMs }),
  });
  const host: StubHost = {
    received,
    said,
    output,
    ended,
    endedWithin: async (ms) => {
      const timer = Promise.withResolvers<boolean>();
      const late = setTimeout(() => timer.resolve(false), ms);
      const inTime = await Promise.race([ended.then(() => true), timer.promise]);
      clearTimeout(late);
      return inTime;
    },
    write: (more) => void input.write(more),
    request: (id, method, params) => host.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`),
    message: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const known = received.find(fits);
          if (known === undefined) return;
          waiters.delete(look);
          resolve(known);
        };
        waiters.add(look);
        look();
      }),
    answerTo: (id) => host.message((message) => message.id === id && message.method === undefined),
    setToken,
    setUrl: (next) => {
      url = next;
    },
    leave: () => void input.end(),
    interrupt: () => stop.abort(),
    remove: async () => {
      stop.abort();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return host;
}
