export type {
  BrokerContractOptions,
  ContractAccount,
  ContractBroker,
  ContractLink,
  LinkRequest,
} from "./broker/harness.ts";
export { brokerContract } from "./broker-contract.ts";
