import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MeshError } from "@federation/core";
import { childEnvironment } from "../config/index.ts";
import type { BrokerAccount } from "../founding/join-folder.ts";

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

/** The embedded broker as a child of this process; started again on the same port when it dies. */
export async function startLocalBroker(stateDir: string, accountsFile: string): Promise<LocalBroker> {
  let stopping = false;
  let port = 0;
  let child: ChildProcess;

  const again = (): void => {
    if (!stopping) void launch().catch(() => undefined);
  };
  const launch = async (): Promise<void> => {
    const log = openSync(join(stateDir, "logs", "broker.log"), "a");
    child = fork(fileURLToPath(import.meta.resolve("@federation/transport/embedded-broker/main")), [], {
      stdio: ["ignore", log, log, "ipc"],
      env: {
        ...childEnvironment(),
        FEDERATION_BROKER_ACCOUNTS: accountsFile,
        FEDERATION_BROKER_TCP_PORT: String(port),
      },
    });
    closeSync(log);
    const started = child;
    started.once("exit", () => {
      if (!stopping) setTimeout(again, 500);
    });
    const gone = once(started, "exit").then(() => {
      throw new MeshError(
        "unavailable",
        `The embedded broker did not start; see ${join(stateDir, "logs", "broker.log")}.`,
      );
    });
    gone.catch(() => undefined);
    for (;;) {
      const [message] = await Promise.race([once(started, "message"), gone]);
      if (message?.type === "ready") {
        port = message.tcpPort;
        return;
      }
    }
  };

  try {
    await launch();
  } catch (error) {
    stopping = true;
    throw error;
  }
  return {
    url: `stomp://127.0.0.1:${port}`,
    label: "embedded",
    pid: () => child.pid,
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}
