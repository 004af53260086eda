import type { Log } from "@federation/runtime/ports";
import { type ChildMessage, type ParentMessage, parentMessageSchema } from "./family.ts";

/** Sends to the parent; a channel that has closed is no error, the process is about to leave. */
export function tellParent(message: ChildMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Writes the log of a child through its parent, which owns the log. */
export function createParentLog(): Log {
  const write =
    (level: "debug" | "info" | "warn" | "error") =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      tellParent({ t: "log", level, fields, message });
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

/**
 * The child's side of the channel. A terminal's Ctrl-C reaches the whole process group, so those signals are left to
 * the parent, which stops its children in order.
 */
export function followParent(options: {
  readonly onMessage: (message: ParentMessage) => void;
  readonly onLeave: () => void;
}): void {
  process.on("message", (raw) => {
    const message = parentMessageSchema.safeParse(raw);
    if (message.success) options.onMessage(message.data);
  });
  process.on("disconnect", options.onLeave);
  process.on("SIGTERM", options.onLeave);
  process.on("SIGINT", () => undefined);
  process.on("SIGHUP", () => undefined);
}
