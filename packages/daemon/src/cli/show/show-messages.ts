import type { ControlResponse, Delivery, MessageRecord } from "@federation/core";
import { fields, heading, type Paper, quote, sections, table, timeText } from "../paper.ts";

export function showSent(_paper: Paper, it: ControlResponse<"SendMessage">): string {
  const to = it.recipients === 1 ? "1 recipient" : `${it.recipients} recipients`;
  return `Sent message ${it.id} to ${to} in conversation ${it.conversation}.`;
}

export function showInbox(paper: Paper, { items }: ControlResponse<"ListInbox">): string {
  if (items.length === 0) return paper.colours.dim("Nothing is waiting.");
  return sections(...items.map((it) => letter(paper, it, it.delivery)));
}

export function showConversation(paper: Paper, { messages }: ControlResponse<"ListConversation">): string {
  if (messages.length === 0) return paper.colours.dim("No messages.");
  return sections(...messages.map((it) => letter(paper, it, undefined, ladderText(it.ladder))));
}

export function showConversations(paper: Paper, { conversations }: ControlResponse<"ListConversations">): string {
  return table(
    paper,
    ["CONVERSATION", "KIND", "PHASE", "MESSAGES", "DUE", "LAST", "BY", "MEMBERS", "TITLE"],
    conversations.map((it) => [
      it.id,
      it.kind,
      it.phase ?? "-",
      it.messages,
      it.due,
      timeText(it.last?.at ?? null) || "-",
      it.last?.sender ?? "-",
      it.members.join(","),
      it.title,
    ]),
    "There are no conversations.",
  );
}

/** How far a message came: `3 recipients: 3 sent, 2 received, 1 read, 1 acted`. */
function ladderText(it: ControlResponse<"ListConversation">["messages"][number]["ladder"]): string {
  if (it.recipients === 0) return "";
  const dead = it.dead === 0 ? "" : `, ${it.dead} dead`;
  return `${it.sent} sent, ${it.received} received, ${it.read} read, ${it.acted} acted, of ${it.recipients}${dead}`;
}

export function showMessage(paper: Paper, it: ControlResponse<"ShowMessage">): string {
  return sections(letter(paper, it.message), deliveries(paper, it.deliveries));
}

export function showDeadLetters(paper: Paper, it: ControlResponse<"ListDeadLetters">): string {
  return table(
    paper,
    ["MESSAGE", "FROM", "TO", "ATTEMPTS", "DIED", "REASON", "TEXT"],
    it.deliveries.map((row) => [
      row.message,
      row.sender,
      row.recipient,
      row.attempts,
      timeText(row.diedAt),
      row.lastError,
      row.text,
    ]),
    "No dead letters.",
  );
}

function letter(paper: Paper, it: MessageRecord, delivery?: Delivery, ladder = ""): string {
  const to = it.recipient === null ? "all" : it.recipient;
  const marks = delivery === undefined || delivery.readAt !== null ? "" : ", new";
  const head = heading(paper, `${it.sender} to ${to} (${it.kind}${marks})`);
  return `${head}\n${fields(paper, [
    ["message", it.id],
    ["conversation", `${it.conversation}, ${it.seq}`],
    ["at", timeText(it.createdAt)],
    ["reached", ladder],
  ])}\n${quote(paper, it.text)}`;
}

function deliveries(paper: Paper, rows: readonly Delivery[]): string {
  return table(
    paper,
    ["RECIPIENT", "STATE", "STORED", "SENT", "RECEIVED", "READ", "ACTED", "ATTEMPTS", "LAST ERROR"],
    rows.map((it) => [
      it.recipient,
      it.state,
      ...[it.storedAt, it.sentAt, it.receivedAt, it.readAt, it.actedAt].map((at) => timeText(at).slice(11) || "-"),
      it.attempts,
      it.lastError,
    ]),
    "No deliveries.",
  );
}
