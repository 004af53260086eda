// What impl and `dev` use. The daemon's own entry imports `run-daemon.ts`: impl must not load the substrate.
export { connectImplLink, type ImplHandlers, type ImplLink } from "./impl-link.ts";
export { isFatalCode, probeCredential } from "./impl-protocol.ts";
export { socketPathIn } from "./inference-child.ts";
