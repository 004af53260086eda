export {
  addNode,
  type CharterText,
  dropLogins,
  ensureDatabase,
  type NewNode,
  type NodeCredentials,
  tokenSha256,
} from "./admin.ts";
export { type Adopted, adoptCharter, overrideCharter } from "./adopt-charter.ts";
export { loadCharter } from "./charter-files.ts";
export { connectStore, REQUIRED_MIGRATION } from "./connect-store.ts";
export type { ConnectionOptions } from "./connection.ts";
export { type MigrationStatus, migrate, migrationStatus } from "./migrate.ts";
