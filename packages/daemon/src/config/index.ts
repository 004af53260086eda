export { childEnvironment } from "./child-environment.ts";
export type { LoadedConfig } from "./load.ts";
export { loadNodeConfig, loadNodeProfile, nodeOptionTable, readNodeSecrets } from "./load.ts";
export type { OptionRow } from "./option-table.ts";
export { isLoopbackHost } from "./plaintext.ts";
export type {
  NodeConfig,
  NodeFile,
  NodeProfile,
  OwnInferenceSettings,
  ReloadConfig,
} from "./schema.ts";
export { readSecretFile } from "./secret-file.ts";
