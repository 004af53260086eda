export { provenMs, reconnectDelayMs } from "./back-off.ts";
export { type ConnectControlOptions, connectControl } from "./connect-control.ts";
export { protocolVersion } from "./connection.ts";
export type { CallOptions, ControlArguments, ControlClient } from "./control-client.ts";
export { type FollowOptions, followEvents } from "./follow-events.ts";
export type { ControlStatus } from "./link.ts";
export { openSocket } from "./open-socket.ts";
export { dismissal } from "./socket-line.ts";
