import { brokerContract } from "@federation/testkit/contracts";
import { connectForContract } from "../testing/contract-link.ts";
import { silentLog } from "../testing/silent-log.ts";
import { passcodeSha256 } from "./accounts.ts";
import { type EmbeddedBroker, startEmbeddedBroker } from "./embedded-broker.ts";

brokerContract({
  name: "embedded",
  accounts: [
    { login: "baby", passcode: "baby-passcode" },
    { login: "aorus-3090", passcode: "aorus-passcode" },
  ],
  async start(accounts) {
    const start = (tcpPort: number): Promise<EmbeddedBroker> =>
      startEmbeddedBroker({
        tcpPort,
        accounts: accounts.map(({ login, passcode }) => ({ login, passcodeSha256: passcodeSha256(passcode) })),
        log: silentLog,
      });
    let broker = await start(0);
    const port = broker.tcpPort;
    return {
      label: "embedded broker 0.1.0",
      port,
      durable: false,
      kill: () => broker.close(),
      async start() {
        broker = await start(port);
      },
      close: () => broker.close(),
    };
  },
  connect: connectForContract,
});
