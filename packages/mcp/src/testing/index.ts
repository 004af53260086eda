export { type ControlEndpointOptions, startControlEndpoint } from "./control-endpoint.ts";
export { createHandFedChanges } from "./hand-fed-changes.ts";
export { createHandFedControl, type HandFedCall } from "./hand-fed-control.ts";
