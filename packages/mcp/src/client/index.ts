export { provenMs, reconnectDelayMs } from "./back-off.ts";
export {
  type CallOptions,
  type ConnectControlOptions,
  type ControlArguments,
  type ControlClient,
  connectControl,
} from "./connect-control.ts";
export { protocolVersion } from "./connection.ts";
export { type FollowOptions, followEvents } from "./follow-events.ts";
export type { ControlStatus } from "./link.ts";
export { dismissal, openSocket } from "./open-socket.ts";
