/**
 * The embedded broker as a process of its own, so that killing a daemon never takes it along.
 * `node main.ts [CONFIG.json]`; keys and environment variables in `main-config.ts`.
 *
 * 1. Forked, it says `{type: "ready", tcpPort, wsPort}` or `{type: "failed", code, message}` to its parent.
 * 2. Forked, it leaves when the channel to its parent closes, and leaves Ctrl-C to the parent: the nodes drain first.
 */
import { MeshError } from "@federation/core";
import type { Log } from "@federation/runtime/ports";
import { openAccountsFile } from "./accounts-file.ts";
import { type EmbeddedBroker, startEmbeddedBroker } from "./embedded-broker.ts";
import { readBrokerConfig } from "./main-config.ts";

/** What the process tells the one that forked it. */
export type BrokerProcessMessage =
  | { readonly type: "ready"; readonly tcpPort: number; readonly wsPort: number | undefined }
  | { readonly type: "failed"; readonly code: string; readonly message: string };

const forked = process.send !== undefined;

function tellParent(message: BrokerProcessMessage): void {
  if (process.connected) process.send?.(message);
}

function createLineLog(): Log {
  const line = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    process.stderr.write(`${JSON.stringify({ level, time: new Date().toISOString(), ...fields, message })}\n`);
  };
  return { debug: () => {}, info: line("info"), warn: line("warn"), error: line("error") };
}

async function main(): Promise<EmbeddedBroker> {
  const log = createLineLog();
  const config = await readBrokerConfig(process.argv[2], process.env);
  const accounts = await openAccountsFile(config.accountsFile, log);
  return await startEmbeddedBroker({
    host: config.host,
    tcpPort: config.tcpPort,
    ...(config.wsPort === undefined ? {} : { wsPort: config.wsPort }),
    allowedOrigins: config.allowedOrigins,
    accounts,
    log,
  });
}

if (forked) {
  process.on("disconnect", () => process.exit());
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
}

try {
  const broker = await main();
  for (const signal of forked ? (["SIGTERM"] as const) : (["SIGTERM", "SIGINT", "SIGHUP"] as const)) {
    process.on(signal, () => void broker.close().then(() => process.exit(0)));
  }
  tellParent({ type: "ready", tcpPort: broker.tcpPort, wsPort: broker.wsPort });
} catch (error) {
  const { code, message } = MeshError.from(error);
  process.stderr.write(`${message}\n`);
  tellParent({ type: "failed", code, message });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}
