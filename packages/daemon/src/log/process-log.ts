/**
 * The log of one process: pino's JSON lines on standard error, or coloured ones for a terminal. Every field passes
 * `scrub.ts`; pino's own redaction by path was not used, since it knows no depth and no texts.
 */
import type { Log } from "@federation/runtime/ports";
import { type DestinationStream, destination, pino, stdTimeFunctions } from "pino";
import type { NodeConfig } from "../config/index.ts";
import { scrubFields, scrubText } from "./scrub.ts";

export type LogSettings = NodeConfig["logging"];

/** Which of a node's processes speaks. */
export type ProcessName = "substrate" | "impl" | "inference";

/**
 * @param write where whole lines go, standard error when not given.
 */
export async function createProcessLog(
  settings: LogSettings,
  node: string,
  processName: ProcessName,
  write?: (line: string) => void,
): Promise<Log> {
  const target: DestinationStream = write === undefined ? await standardError(settings.pretty) : { write };
  const logger = pino(
    {
      level: settings.level,
      base: { node, process: processName, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    target,
  );
  return {
    debug: (fields, message) => {
      if (logger.isLevelEnabled("debug")) logger.debug(scrubFields(fields), scrubText(message));
    },
    info: (fields, message) => logger.info(scrubFields(fields), scrubText(message)),
    warn: (fields, message) => logger.warn(scrubFields(fields), scrubText(message)),
    error: (fields, message) => logger.error(scrubFields(fields), scrubText(message)),
  };
}

async function standardError(pretty: LogSettings["pretty"]): Promise<DestinationStream> {
  const wanted = pretty === "on" || (pretty === "auto" && process.stderr.isTTY === true);
  // Synchronous: the last line before a crash is the one that is needed.
  if (!wanted) return destination({ fd: 2, sync: true });
  const { default: prettyStream } = await import("pino-pretty");
  return prettyStream({
    destination: 2,
    sync: true,
    colorize: process.stderr.isTTY === true,
    ignore: "pid,node,process",
    messageFormat: "{node}/{process} {msg}",
    translateTime: "SYS:HH:MM:ss.l",
  });
}
