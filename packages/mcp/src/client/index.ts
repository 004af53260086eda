export { provenMs, reconnectDelayMs } from "./back-off.ts";
export { type ConnectControlOptions, connectControl } from "./connect-control.ts";
export { type AskPerson, protocolVersion } from "./connection.ts";
export {
  type CallOptions,
  type ControlArguments,
  type ControlClient,
  connectControlClient,
} from "./control-client.ts";
export { type FollowOptions, followEvents } from "./follow-events.ts";
export { type ControlStatus, handshakeMs } from "./link.ts";
export { isLoopbackUrl, openSocket } from "./open-socket.ts";
export { dismissal, socketLine } from "./socket-line.ts";
