import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type PostgresServer, startPostgres } from "@federation/local-postgres";
import { ensureDatabase } from "@federation/store";

export interface LocalDatabase {
  readonly ownerUrl: string;
  /** e.g. `PostgreSQL 18.4 (embedded)`. */
  readonly label: string;
  stop(): Promise<void>;
}

/** The folder PostgreSQL keeps its data in: in the state folder, or beside the system's where its user cannot get there. */
export async function databaseFolder(stateDir: string): Promise<string> {
  if (process.getuid?.() !== 0 || (await openToOthers(stateDir))) return join(stateDir, "postgres");
  return join("/var/tmp", `federation-${createHash("sha256").update(stateDir).digest("hex").slice(0, 16)}`, "postgres");
}

async function openToOthers(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

export async function startLocalDatabase(stateDir: string): Promise<LocalDatabase> {
  const server: PostgresServer = await startPostgres({ dir: await databaseFolder(stateDir), durable: true });
  const ownerUrl = await ensureDatabase(server.adminUrl, "federation");
  return { ownerUrl, label: `PostgreSQL ${server.version} (embedded)`, stop: () => server.stop() };
}
