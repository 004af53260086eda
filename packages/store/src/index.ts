export {
  addNode,
  adoptCharter,
  type CharterText,
  dropLogins,
  ensureDatabase,
  type NewNode,
  type NodeCredentials,
  overrideCharter,
  tokenSha256,
} from "./admin.ts";
export { loadCharter } from "./charter-files.ts";
export { connectStore, REQUIRED_MIGRATION } from "./connect-store.ts";
export type { ConnectionOptions } from "./connection.ts";
export { type MigrationStatus, migrate, migrationStatus } from "./migrate.ts";
