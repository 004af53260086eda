export {
  loadNodeConfig,
  loadNodeProfile,
  type NodeConfig,
  type NodeFile,
  type NodeProfile,
  nodeOptionTable,
  type OptionRow,
} from "./config/index.ts";
export { registryOf } from "./git/claim-registry.ts";
export { type RegisteredKey, registeredKey } from "./git/signing-key.ts";
