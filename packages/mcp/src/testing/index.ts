export { type ControlEndpointOptions, startControlEndpoint } from "./control-endpoint.ts";
export { createHandFedControl, type HandFedCall } from "./hand-fed-control.ts";
