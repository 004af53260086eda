/**
 * What the mesh expects of a broker and of the link to it, proven on every broker it may run with.
 *
 * 1. Sentences hold for all brokers alike; where one may differ, `ContractBroker` says so and the sentence says how.
 * 2. Waits are for conditions with a bound, never for time.
 */
import { describe } from "vitest";
import { authorisationSentences } from "./broker/authorisation.ts";
import { deliverySentences } from "./broker/delivery.ts";
import { failureSentences } from "./broker/failure.ts";
import { type BrokerContractOptions, createBrokerHarness } from "./broker/harness.ts";

export function brokerContract(options: BrokerContractOptions): void {
  describe(`broker contract: ${options.name}`, () => {
    const harness = createBrokerHarness(options);
    deliverySentences(harness);
    failureSentences(harness);
    authorisationSentences(harness);
  });
}
