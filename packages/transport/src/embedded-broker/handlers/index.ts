import type { BrokerContext } from "../context.ts";
import { encodeFrame, type Frame } from "../frame.ts";
import type { Session } from "../session.ts";
import { StompError } from "../stomp-error.ts";
import { handleAbort } from "./abort.ts";
import { handleAck } from "./ack.ts";
import { handleBegin } from "./begin.ts";
import { handleCommit } from "./commit.ts";
import { handleConnect } from "./connect.ts";
import { handleDisconnect } from "./disconnect.ts";
import { shortHeader } from "./headers.ts";
import { handleNack } from "./nack.ts";
import { handleSend } from "./send.ts";
import { handleSubscribe } from "./subscribe.ts";
import { handleUnsubscribe } from "./unsubscribe.ts";

/** Does what one kind of frame asks. @throws StompError, which ends the session. */
export type FrameHandler = (context: BrokerContext, session: Session, frame: Frame) => void;

const handlers: ReadonlyMap<string, FrameHandler> = new Map([
  ["CONNECT", handleConnect],
  ["STOMP", handleConnect],
  ["DISCONNECT", handleDisconnect],
  ["SEND", handleSend],
  ["SUBSCRIBE", handleSubscribe],
  ["UNSUBSCRIBE", handleUnsubscribe],
  ["ACK", handleAck],
  ["NACK", handleNack],
  ["BEGIN", handleBegin],
  ["COMMIT", handleCommit],
  ["ABORT", handleAbort],
]);

export function handleFrame(context: BrokerContext, session: Session, frame: Frame): void {
  const connecting = frame.command === "CONNECT" || frame.command === "STOMP";
  if (!connecting) session.login();
  const handler = handlers.get(frame.command);
  if (handler === undefined) throw new StompError("Unknown command.");
  const receipt = shortHeader(frame, "receipt");
  handler(context, session, frame);
  if (receipt !== undefined && !connecting) session.write(encodeFrame("RECEIPT", [["receipt-id", receipt]]));
}
