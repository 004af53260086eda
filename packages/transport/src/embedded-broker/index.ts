export { type Account, type Authenticate, authenticateFrom, passcodeSha256 } from "./accounts.ts";
export { openAccountsFile } from "./accounts-file.ts";
export {
  type EmbeddedBroker,
  type EmbeddedBrokerOptions,
  type EmbeddedBrokerStats,
  startEmbeddedBroker,
} from "./embedded-broker.ts";
export type { BrokerLimits } from "./limits.ts";
