import type { ContractLink, LinkRequest } from "@federation/testkit/contracts";
import { connectBrokerLink } from "../link/connect-broker-link.ts";
import { silentLog } from "./silent-log.ts";

/** For the contract suites: quick to try again, so that a test's recovery takes moments. */
export async function connectForContract(request: LinkRequest): Promise<ContractLink> {
  return await connectBrokerLink({ ...request, log: silentLog, backOff: { baseMs: 100, maxMs: 1_000 } });
}
