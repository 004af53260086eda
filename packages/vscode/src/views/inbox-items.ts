/** What waits for the person, most urgent first, as the rows have it. */
import { hrefOf } from "@federation/portal/route";
import { oneLine, revealed } from "../text/one-line.ts";
import { atText } from "../text/times.ts";
import { colours, type Item, type WaitingItem } from "./item.ts";

/** By kind and id one waiting thing is known, in both homes; a task that comes back has another fence. */
export function waitingKey({ kind, id, fence, since }: WaitingItem): string {
  return `${kind} ${id} ${fence ?? ""} ${kind === "task" ? since : ""}`.trim();
}

const icons: Readonly<Record<WaitingItem["kind"], string>> = {
  ballot: "law",
  duty: "tasklist",
  approval: "question",
  question: "comment",
  task: "tools",
  veto: "circle-slash",
};

const titles: Readonly<Record<WaitingItem["kind"], string>> = {
  ballot: "vote",
  duty: "duty",
  approval: "approval",
  question: "question",
  task: "task",
  veto: "may be vetoed",
};

export function waitingTitle({ kind, duty, fence }: WaitingItem): string {
  if (kind === "duty") return duty ?? titles.duty;
  if (kind === "task") return fence === null ? "task to claim" : "task you hold";
  return titles[kind];
}

/** Where the item is read whole. */
export function waitingRoute(item: WaitingItem): string {
  const { kind, id, subject, conversation, conversationKind } = item;
  if (kind === "ballot" || kind === "veto") return hrefOf("proposals", id);
  if (kind === "task") return hrefOf("tasks", id);
  if (kind === "duty" && item.duty === "review" && subject !== null) return hrefOf("tasks", subject);
  if (kind === "approval" || kind === "question") return hrefOf("inbox", undefined, { item: id });
  return conversationKind === "thread" ? hrefOf("conversations", conversation) : hrefOf("missions", conversation);
}

/** Words for menus: which quick answers the item has. */
function contextOf(item: WaitingItem): string {
  switch (item.kind) {
    case "task":
      return item.fence === null ? "claimable" : "held";
    case "duty":
      return item.duty === "review" && item.subject !== null ? "review" : item.duty === "advance" ? "advance" : "duty";
    default:
      return item.kind;
  }
}

/** @param answered keys of items whose answer was given here, and is not yet in the rows. */
export function inboxItems(
  items: readonly WaitingItem[],
  answered: ReadonlySet<string>,
  nowMs: number = Date.now(),
): readonly Item[] {
  return items.map((item) => {
    const key = waitingKey(item);
    const sent = answered.has(key);
    const until = item.deadline === null ? "" : `until ${atText(item.deadline, nowMs)}`;
    const from = item.from === null ? "" : `from ${item.from}`;
    const late = item.deadline !== null && Date.parse(item.deadline) < nowMs;
    return {
      id: key,
      label: oneLine(item.text, 200),
      description: sent
        ? "answered, not confirmed yet"
        : [waitingTitle(item), from, until].filter((it) => it !== "").join(" · "),
      tooltip: [
        `${waitingTitle(item)}${item.from === null ? "" : `, ${from}`}`,
        revealed(item.text),
        `In: ${oneLine(item.conversationTitle)}`,
        `Waiting since ${atText(item.since, nowMs)}${until === "" ? "" : `, ${until}`}`,
        ...(item.optional ? ["Nothing happens if you do nothing."] : []),
      ],
      icon: sent ? "sync~spin" : icons[item.kind],
      colour: late ? colours.bad : item.optional ? colours.quiet : colours.warn,
      context: sent ? "answered" : contextOf(item),
      route: waitingRoute(item),
      subject: { kind: "waiting", item },
      children: "none",
    };
  });
}

/** Those to which an answer may be given: in the rows, and with no answer from here that is not in them yet. */
export function openItems(
  items: readonly WaitingItem[] | undefined,
  answered: ReadonlySet<string>,
): readonly WaitingItem[] {
  return items?.filter((it) => !answered.has(waitingKey(it))) ?? [];
}

/** How many of them wait; what may only be done does not. */
export function waitingCount(items: readonly WaitingItem[] | undefined): number {
  return items?.filter((it) => !it.optional).length ?? 0;
}
