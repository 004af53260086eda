import { showConversation, showDeadLetters, showInbox, showMessage, showSent } from "../show/show-messages.ts";
import { type Way, way } from "../way.ts";
import { done, limit } from "./parts.ts";

/** Messages. */
export const messagesWays: readonly Way[] = [
  way("SendMessage", "send <to> <text...>", {
    options: [
      ["--conversation <id>", "in this conversation; without it a new one is opened"],
      ["--answers <id>", "the message this one answers"],
    ],
    request: (given) => ({
      to: given.text("to"),
      text: given.text("text"),
      conversation: given.maybe("conversation"),
      causation: given.maybe("answers"),
    }),
    show: showSent,
  }),
  way("ListInbox", "inbox", {
    options: [["--all", "also what you have dealt with"], ["--mark-read", "mark what is listed as read"], limit],
    request: (given) => ({ due: !given.flag("all"), markRead: given.flag("markRead"), limit: given.whole("limit") }),
    show: showInbox,
  }),
  way("ShowMessage", "message show <message>", {
    request: (given) => ({ message: given.text("message") }),
    show: showMessage,
  }),
  way("AcknowledgeMessage", "message done <message>", {
    request: (given) => ({ message: given.text("message") }),
    show: done("Marked as dealt with."),
  }),
  way("ListConversation", "conversation show <conversation>", {
    options: [["--after <seq>", "only messages after this number"], limit],
    request: (given) => ({
      conversation: given.text("conversation"),
      afterSeq: given.whole("after"),
      limit: given.whole("limit"),
    }),
    show: showConversation,
  }),
  way("ListDeadLetters", "dead-letter list", {
    options: [limit],
    request: (given) => ({ limit: given.whole("limit") }),
    show: showDeadLetters,
  }),
  way("RedriveDelivery", "dead-letter redrive <message> <recipient>", {
    request: (given) => ({ message: given.text("message"), recipient: given.text("recipient") }),
    show: done("It is due again."),
  }),
];
