export type {
  BrokerContractOptions,
  ContractAccount,
  ContractBroker,
  ContractLink,
  LinkRequest,
} from "./broker/harness.ts";
export { brokerContract } from "./broker-contract.ts";
export {
  type ClaimRegistryContractOptions,
  type ClaimRegistryWorld,
  type ContractClaim,
  claimRegistryContract,
} from "./claim-registry-contract.ts";
