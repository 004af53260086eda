export { actorOfQueue, actorQueue, broadcastTopic, isMeshDestination } from "./destinations.ts";
export { connectBrokerLink, type StompBrokerLink } from "./link/connect-broker-link.ts";
export type { BrokerLinkOptions, TlsOptions } from "./link/options.ts";
