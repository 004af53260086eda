import { z } from "zod";
import { actorNameSchema, uuidSchema } from "../../ids.ts";
import { entry } from "../entry.ts";
import {
  conversationKindSchema,
  conversationMessageSchema,
  conversationSummarySchema,
  deadLetterSchema,
  deliverySchema,
  inboxItemSchema,
  messageRecordSchema,
} from "../records.ts";
import { actors, anyone, done, limit, text } from "./parts.ts";

/** Messages, the inbox, dead letters. */
export const messagesEntries = {
  SendMessage: entry({
    name: "SendMessage",
    kind: "command",
    title: "Send a message",
    doc: "Sends text to one actor, or to everyone in a conversation or in the mesh.",
    request: z.strictObject({
      id: uuidSchema.optional().describe("Made by the caller, so that a retry is the same message."),
      conversation: uuidSchema
        .optional()
        .describe("Without one a new conversation is opened with the recipient, or with all."),
      to: z
        .union([actorNameSchema, z.literal("all")])
        .default("all")
        .describe("An actor's name, or all."),
      text,
      causation: uuidSchema.optional().describe("The message this one answers."),
    }),
    response: z.object({ id: z.uuid(), conversation: z.uuid(), seq: z.int(), recipients: z.int() }),
    roles: actors,
    idempotent: false,
  }),
  ListInbox: entry({
    name: "ListInbox",
    kind: "query",
    title: "My inbox",
    doc: "Lists messages delivered to me, newest first, and with markRead marks them as read.",
    request: z.strictObject({
      due: z.boolean().default(true).describe("Only what I have not acted on."),
      markRead: z
        .boolean()
        .default(false)
        .describe("Mark what is listed as read; needs no answer then, unless it asks something."),
      limit,
    }),
    response: z.object({ items: z.array(inboxItemSchema) }),
    roles: anyone,
    idempotent: true,
  }),
  AcknowledgeMessage: entry({
    name: "AcknowledgeMessage",
    kind: "command",
    title: "Acknowledge a message",
    doc: "Marks a message in my inbox as read and dealt with.",
    request: z.strictObject({ message: uuidSchema }),
    response: done,
    roles: anyone,
    idempotent: true,
  }),
  ShowMessage: entry({
    name: "ShowMessage",
    kind: "query",
    title: "One message",
    doc: "Shows one message and how far it came with each recipient: stored, sent, received, read, acted.",
    request: z.strictObject({ message: uuidSchema }),
    response: z.object({ message: messageRecordSchema, deliveries: z.array(deliverySchema) }),
    roles: anyone,
    idempotent: true,
  }),
  ListDeadLetters: entry({
    name: "ListDeadLetters",
    kind: "query",
    title: "Dead letters",
    doc: "Lists deliveries that were given up, with the reason.",
    request: z.strictObject({ limit }),
    response: z.object({ deliveries: z.array(deadLetterSchema) }),
    roles: anyone,
    idempotent: true,
  }),
  RedriveDelivery: entry({
    name: "RedriveDelivery",
    kind: "command",
    title: "Redrive a dead letter",
    doc: "Gives a dead delivery a new set of attempts.",
    request: z.strictObject({ message: uuidSchema, recipient: actorNameSchema }),
    response: done,
    roles: ["commander", "lead"],
    idempotent: true,
  }),
  ListConversation: entry({
    name: "ListConversation",
    kind: "query",
    title: "Messages of a conversation",
    doc: "Lists the messages of a conversation in order, with how far each came; from its beginning, or its end.",
    request: z.strictObject({
      conversation: uuidSchema,
      afterSeq: z.int().min(0).default(0),
      beforeSeq: z
        .int()
        .min(1)
        .optional()
        .describe(
          "The latest messages before this one instead, oldest first; a number past the last one: the latest of all.",
        ),
      limit,
    }),
    response: z.object({ messages: z.array(conversationMessageSchema) }),
    roles: anyone,
    idempotent: true,
  }),
  ListConversations: entry({
    name: "ListConversations",
    kind: "query",
    title: "Conversations",
    doc: "Lists the conversations I may see, those first in which something was said last.",
    request: z.strictObject({
      kinds: z.array(conversationKindSchema).max(4).optional(),
      conversation: uuidSchema.optional().describe("Only this one."),
      mine: z.boolean().default(false).describe("Only those I am a member of."),
      limit,
    }),
    response: z.object({ conversations: z.array(conversationSummarySchema) }),
    roles: anyone,
    idempotent: true,
  }),
} as const;
