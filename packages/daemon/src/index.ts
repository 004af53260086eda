export {
  loadNodeConfig,
  loadNodeProfile,
  type NodeConfig,
  type NodeFile,
  type NodeProfile,
  nodeOptionTable,
  type OptionRow,
} from "./config/index.ts";
