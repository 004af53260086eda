import { announceBroker, givenBroker, installableVersions, startActiveMq } from "@federation/testkit/activemq";
import { brokerContract } from "@federation/testkit/contracts";
import { expect, test } from "vitest";
import { connectForContract } from "./testing/contract-link.ts";

const accounts = [
  { login: "baby", passcode: "baby-passcode" },
  { login: "aorus-3090", passcode: "aorus-passcode" },
] as const;

const given = givenBroker();
const versions = given === undefined ? await installableVersions() : [];

test("there is a real broker to test against", () => {
  expect(
    given !== undefined || versions.length > 0,
    "Install Java and Maven (or Debian's activemq), or set FEDERATION_TEST_BROKER_URL.",
  ).toBe(true);
});

if (given !== undefined) {
  brokerContract({
    name: given.url,
    accounts: [given.account],
    async start() {
      const { port, hostname } = new URL(given.url);
      if (hostname !== "127.0.0.1") throw new Error("FEDERATION_TEST_BROKER_URL must be stomp://127.0.0.1:port.");
      const label = `the broker of FEDERATION_TEST_BROKER_URL (${given.url})`;
      announceBroker(label);
      return { label, port: Number(port), durable: true, close: async () => {} };
    },
    connect: connectForContract,
  });
}

for (const version of versions) {
  brokerContract({
    name: `ActiveMQ Classic ${version}`,
    accounts,
    async start(wanted) {
      const broker = await startActiveMq({ version, accounts: wanted });
      return { ...broker, durable: true };
    },
    connect: connectForContract,
  });
}
