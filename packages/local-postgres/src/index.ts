/** A real PostgreSQL server from npm for one machine: `pnpm dev` keeps its state in one, and tests kill theirs. */
export { type PostgresServer, type StartPostgresOptions, startPostgres } from "./server.ts";
