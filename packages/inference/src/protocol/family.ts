/**
 * What parent and child processes of this package say to each other over their IPC channel, and how they are started.
 *
 * 1. A child leaves when its channel closes: no process outlives the one that wanted it.
 * 2. A child gets the variables it needs to find libraries and GPUs, and no others: its parent's secrets stay there.
 */
import { type ChildProcess, fork } from "node:child_process";
import { z } from "zod";
import { libraryEnvironment } from "../child-environment.ts";
import { statusSchema } from "./wire.ts";

export const childMessageSchema = z.discriminatedUnion("t", [
  z.strictObject({
    t: z.literal("log"),
    level: z.enum(["debug", "info", "warn", "error"]),
    fields: z.record(z.string(), z.unknown()),
    message: z.string(),
  }),
  z.strictObject({ t: z.literal("status"), status: statusSchema }),
  /** The answer to a ping: requests under way and tokens evaluated so far. */
  z.strictObject({ t: z.literal("pong"), running: z.number(), tokens: z.number() }),
  z.strictObject({ t: z.literal("listening") }),
  /** The child cannot start and will not be better for a new try. */
  z.strictObject({ t: z.literal("refused"), code: z.string(), message: z.string() }),
]);
export type ChildMessage = z.infer<typeof childMessageSchema>;

export const parentMessageSchema = z.discriminatedUnion("t", [
  z.strictObject({ t: z.literal("ping") }),
  z.strictObject({ t: z.literal("stop") }),
]);
export type ParentMessage = z.infer<typeof parentMessageSchema>;

/** Starts a TypeScript file as a child with one JSON argument. */
export function forkChild(
  file: URL,
  argument: unknown,
  extraEnvironment: Readonly<Record<string, string>> = {},
): ChildProcess {
  return fork(file, [JSON.stringify(argument)], {
    env: { ...libraryEnvironment(), ...extraEnvironment },
    execArgv: [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "json",
  });
}
