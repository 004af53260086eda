/** `federation mcp` as a process of its own, and its host without an SDK: lines in, lines out. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { Place } from "./interop-client.ts";
import { stubOf } from "./open-transport.ts";

const wireSchema = z.looseObject({
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.looseObject({ code: z.number(), message: z.string() }).optional(),
});
export type Wire = z.infer<typeof wireSchema>;

export interface StubProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it wrote to standard error. */
  said(): string;
  request(id: number, method: string, params?: Readonly<Record<string, unknown>>): void;
  answerTo(id: number): Promise<Wire>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

export function startStub(place: Pick<Place, "port" | "tokenFile">): StubProcess {
  const { command, args } = stubOf(place);
  const child = spawn(command, args);
  const answers = new Map<number, PromiseWithResolvers<Wire>>();
  const answerTo = (id: number): PromiseWithResolvers<Wire> => {
    const known = answers.get(id) ?? Promise.withResolvers<Wire>();
    answers.set(id, known);
    return known;
  };
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  // A host that has no ear left is no fault of the stub.
  child.stdin.on("error", () => undefined);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = wireSchema.parse(JSON.parse(line));
    if (typeof message.id === "number") answerTo(message.id).resolve(message);
  });
  return {
    child,
    said: () => said,
    request: (id, method, params) =>
      void child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`),
    answerTo: (id) => answerTo(id).promise,
    ended: new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal }))),
  };
}
