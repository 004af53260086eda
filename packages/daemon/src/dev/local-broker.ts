import { createHash } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { BrokerAccount } from "../founding/join-folder.ts";
import { startKeptChild } from "./kept-child.ts";

export interface LocalBroker {
  readonly url: string;
  readonly label: string;
  readonly pid: () => number | undefined;
  stop(): Promise<void>;
}

/** Gives the embedded broker its accounts; it reads them again at the next login it does not know. */
export async function writeBrokerAccounts(file: string, accounts: readonly BrokerAccount[]): Promise<void> {
  const hashed = accounts.map(({ login, passcode }) => ({
    login,
    passcodeSha256: createHash("sha256").update(passcode).digest("hex"),
  }));
  await writeFile(`${file}.new`, JSON.stringify({ accounts: hashed }), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

const readySchema = z.object({ type: z.literal("ready"), tcpPort: z.int() });

/** The embedded broker as a child of this process; started again on the same port when it dies. */
export async function startLocalBroker(stateDir: string, accountsFile: string): Promise<LocalBroker> {
  const child = await startKeptChild({
    name: "The embedded broker",
    entry: fileURLToPath(import.meta.resolve("@federation/transport/embedded-broker/main")),
    args: [],
    logFile: join(stateDir, "logs", "broker.log"),
    environment: (port) => ({ FEDERATION_BROKER_ACCOUNTS: accountsFile, FEDERATION_BROKER_TCP_PORT: String(port) }),
    portOf: (message) => readySchema.safeParse(message).data?.tcpPort,
  });
  return { url: `stomp://127.0.0.1:${child.port()}`, label: "embedded", pid: child.pid, stop: child.stop };
}
