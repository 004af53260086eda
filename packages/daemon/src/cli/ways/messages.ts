import { conversationKindSchema, MeshError } from "@federation/core";
import {
  showConversation,
  showConversations,
  showDeadLetters,
  showInbox,
  showMessage,
  showSent,
} from "../show/show-messages.ts";
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
    options: [
      ["--after <seq>", "only messages after this number"],
      ["--before <seq>", "the latest messages before this number, instead of the first"],
      limit,
    ],
    request: (given) => ({
      conversation: given.text("conversation"),
      afterSeq: given.whole("after"),
      beforeSeq: given.whole("before"),
      limit: given.whole("limit"),
    }),
    show: showConversation,
  }),
  way("ListConversations", "conversation list", {
    options: [
      ["--kind <kind>", "thread, mission, motion or errand", "many"],
      ["--conversation <id>", "only this one"],
      ["--mine", "only those I am a member of"],
      limit,
    ],
    request: (given) => {
      const kinds = given.list("kind").map(kindOf);
      return {
        kinds: kinds.length === 0 ? undefined : kinds,
        conversation: given.maybe("conversation"),
        mine: given.flag("mine"),
        limit: given.whole("limit"),
      };
    },
    show: showConversations,
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

function kindOf(text: string) {
  const kind = conversationKindSchema.safeParse(text);
  if (kind.success) return kind.data;
  throw new MeshError(
    "invalid_input",
    `A conversation is a ${conversationKindSchema.options.join(", ")}, not a "${text}".`,
  );
}
