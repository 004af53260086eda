/**
 * One server for a whole test run, started when the first test asks for it.
 *
 * 1. A run without database tests starts nothing: the runner's main process only listens on a local socket.
 * 2. All workers get the same server: the first question starts it, later ones wait for the same start.
 * 3. Who started the server stops it: the main process in its teardown, or, outside a test run, the process itself
 *    when its last database is dropped.
 */
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { MeshError } from "@federation/core";
import { type PostgresServer, startPostgres } from "@federation/local-postgres";
import { Client } from "pg";

/** Names the socket of the run's main process; inherited by its workers and their children. */
const socketVariable = "FEDERATION_TEST_POSTGRES_SOCKET";

/** A server somebody else keeps: we only create and drop databases in it. */
export interface SharedServer {
  readonly adminUrl: string;
  /** What it is, for people, e.g. `PostgreSQL 18.4 (embedded)`. */
  readonly label: string;
}

interface OwnedServer extends SharedServer {
  stop(): Promise<void>;
}

/** For the runner's main process. Returns the teardown. */
export async function offerSharedServer(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), "federation-testkit-"));
  const socketPath = path.join(folder, "postgres.sock");
  let server: Promise<OwnedServer> | undefined;
  const listener = createServer((socket) => {
    socket.on("error", () => {});
    server ??= startOne();
    server.then(
      ({ adminUrl, label }) => socket.end(JSON.stringify({ adminUrl, label })),
      (thrown: unknown) => socket.end(JSON.stringify({ error: String(thrown) })),
    );
  });
  listener.listen(socketPath);
  await once(listener, "listening");
  process.env[socketVariable] = socketPath;
  return async () => {
    delete process.env[socketVariable];
    listener.close();
    await (await server?.catch(() => undefined))?.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

let own: Promise<OwnedServer> | undefined;
let users = 0;

/** The run's server, and what to call when one use of it is over. */
export async function useSharedServer(): Promise<{ server: SharedServer; release: () => Promise<void> }> {
  const socketPath = process.env[socketVariable];
  if (socketPath !== undefined) return { server: await ask(socketPath), release: async () => {} };
  users += 1;
  own ??= startOne();
  const release = async (): Promise<void> => {
    users -= 1;
    if (users > 0) return;
    const last = own;
    own = undefined;
    await (await last)?.stop();
  };
  try {
    return { server: await own, release };
  } catch (thrown) {
    users -= 1;
    own = undefined;
    throw thrown;
  }
}

async function ask(socketPath: string): Promise<SharedServer> {
  const answer: unknown = JSON.parse(await text(connect(socketPath)));
  if (typeof answer === "object" && answer !== null && "adminUrl" in answer && "label" in answer) {
    return { adminUrl: String(answer.adminUrl), label: String(answer.label) };
  }
  const reason =
    typeof answer === "object" && answer !== null && "error" in answer ? String(answer.error) : "no answer";
  throw new MeshError("unavailable", `The test run's PostgreSQL is not there: ${reason}`);
}

/** The order: a given URL, a named version, a container where an engine answers, the embedded server. */
async function startOne(): Promise<OwnedServer> {
  const server = await pickServer();
  process.stderr.write(`database: ${server.label}\n`);
  return server;
}

async function pickServer(): Promise<OwnedServer> {
  const given = process.env["FEDERATION_TEST_DATABASE_URL"];
  if (given) {
    const label = `PostgreSQL ${await askVersion(given)} (FEDERATION_TEST_DATABASE_URL)`;
    return { adminUrl: given, label, stop: async () => {} };
  }
  const named = process.env["FEDERATION_TEST_POSTGRES"];
  if (named === "15") return installed(await startPostgres({ version: 15 }), "installed on this machine");
  if (named !== undefined && named !== "" && named !== "18") {
    throw new MeshError("config_invalid", `FEDERATION_TEST_POSTGRES is "${named}"; say 15, 18 or leave it out.`);
  }
  if (named !== "18" && (await dockerAnswers())) {
    try {
      return await container();
    } catch (thrown) {
      process.stderr.write(`database: no container (${String(thrown)}); using the embedded server\n`);
    }
  }
  return installed(await startPostgres({ version: 18 }), "embedded");
}

function installed(server: PostgresServer, origin: string): OwnedServer {
  return { adminUrl: server.adminUrl, label: `PostgreSQL ${server.version} (${origin})`, stop: () => server.stop() };
}

async function container(): Promise<OwnedServer> {
  // Loaded only here: it is large, and most runs have no engine.
  const { PostgreSqlContainer } = await import("@testcontainers/postgresql");
  const started = await new PostgreSqlContainer("postgres:18-alpine")
    .withUsername("federation")
    .withCommand(["-c", "fsync=off", "-c", "max_connections=200"])
    .withStartupTimeout(60_000)
    .start();
  const url = new URL(started.getConnectionUri());
  url.pathname = "/postgres";
  const adminUrl = url.href;
  return {
    adminUrl,
    label: `PostgreSQL ${await askVersion(adminUrl)} (container)`,
    stop: async () => {
      await started.stop();
    },
  };
}

async function askVersion(url: string): Promise<string> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return rows[0]?.server_version ?? "of unknown version";
  } catch (thrown) {
    throw new MeshError("unavailable", `The test database does not answer: ${String(thrown)}`, { cause: thrown });
  } finally {
    await client.end();
  }
}

/** Looks for a Docker engine on its local socket only, and for no longer than a blink. */
async function dockerAnswers(): Promise<boolean> {
  const host = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
  const socketPath = host.startsWith("unix://") ? host.slice("unix://".length) : undefined;
  if (socketPath === undefined || !(await stat(socketPath).catch(() => undefined))) return false;
  const socket = connect(socketPath);
  socket.setTimeout(500, () => socket.destroy());
  socket.write("GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n");
  const answer = await text(socket).catch(() => "");
  return answer.includes("200 OK");
}
