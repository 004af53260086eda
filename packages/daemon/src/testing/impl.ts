// What the impl of a test's choice needs. Apart from `index.ts`, so that it does not load the substrate.
export { connectImplLink, type ImplHandlers } from "../substrate/impl-link.ts";
export type { AuthenticateAnswer, HealthReport } from "../substrate/impl-protocol.ts";
