/** Tells a person of what waits for them, and of nothing else. */
import * as vscode from "vscode";
import type { AnswerName } from "../inbox/answers.ts";
import { answersOf } from "../inbox/answers.ts";
import { decideNotices, type Noticed } from "../inbox/notices.ts";
import type { Session } from "../session/session.ts";
import { oneLine } from "../text/one-line.ts";
import { waitingTitle } from "../views/inbox-items.ts";
import type { WaitingItem } from "../views/item.ts";
import { keptToldKey } from "./kept.ts";
import { tell } from "./tell.ts";

const open = "Open";
/** More would not be read. */
const maxButtons = 2;

export interface NotifierOptions {
  readonly session: Session;
  readonly memento: vscode.Memento;
  readonly answer: (item: WaitingItem, name: AnswerName) => void;
  readonly open: (item: WaitingItem) => void;
  readonly openInbox: () => void;
}

/** @returns what ends it. */
export function startNotifier({ session, memento, answer, open: lead, openInbox }: NotifierOptions): () => void {
  let noticed: Noticed = { told: memento.get<readonly string[]>(keptToldKey, []), first: true };

  async function tellOf(item: WaitingItem): Promise<void> {
    const from = item.from === null ? "" : ` from ${item.from}`;
    const answers = answersOf(item).slice(0, maxButtons);
    const chosen = await tell.info(
      `Federation, ${waitingTitle(item)}${from}: ${oneLine(item.text, 200)}`,
      ...answers.map((it) => it.title),
      open,
    );
    if (chosen === open) lead(item);
    const given = answers.find((it) => it.title === chosen);
    if (given !== undefined) answer(item, given.name);
  }

  return session.onChange((what) => {
    if (what !== "ListWaiting") return;
    const decided = decideNotices(noticed, session.known.waiting.answer()?.items ?? []);
    const changed = JSON.stringify(decided.noticed.told) !== JSON.stringify(noticed.told);
    noticed = decided.noticed;
    if (changed) void memento.update(keptToldKey, noticed.told);
    // What was not shown because it was turned off is not shown later.
    if (!vscode.workspace.getConfiguration("federation").get("notifications", true)) return;
    for (const notice of decided.notices) {
      if (notice.kind === "one") void tellOf(notice.item);
      else
        void tell.info(`Federation: ${notice.count} things wait for you.`, "Open the Inbox").then((chosen) => {
          if (chosen !== undefined) openInbox();
        });
    }
  });
}
