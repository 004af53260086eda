export { type PostgresServer, type StartPostgresOptions, startPostgres } from "@federation/local-postgres";
export { type TestDatabase, type TestDatabaseOptions, testDatabase } from "./postgres/database.ts";
