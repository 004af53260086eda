/** The control client for where there is no Node: the browser, and an editor's webview. */

export type { PlainSocket } from "../web-socket-transport.ts";
export type { AskPerson, OfferedTool, PersonAnswer, PersonQuestion } from "./connection.ts";
export {
  type CallOptions,
  type ControlArguments,
  type ControlClient,
  type ControlClientOptions,
  connectControlClient,
} from "./control-client.ts";
export { type FollowOptions, followEvents } from "./follow-events.ts";
export type { Dial, Line } from "./line.ts";
export type { ControlStatus } from "./link.ts";
export { socketLine } from "./socket-line.ts";
