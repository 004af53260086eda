import type { BrokerAccount } from "./join-folder.ts";

/** The lines an ActiveMQ needs for a new node, file by file; deploy/activemq/README.md says where they go. */
export function brokerAccountLines({
  login,
  passcode,
}: BrokerAccount): readonly { readonly file: string; readonly line: string }[] {
  return [
    { file: "users.properties", line: `${login}=${passcode}` },
    { file: "groups.properties", line: `${login}=${login}   (and ${login} at the end of the line nodes=…)` },
    {
      file: "activemq.xml",
      line: `<authorizationEntry queue="federation.${login}" read="${login}" write="nodes" admin="nodes"/>`,
    },
  ];
}
