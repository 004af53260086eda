/** What the editor shows of a session beside the Observer: trees, badge, status bar, and which commands make sense. */
import * as vscode from "vscode";
import type { TreeName } from "../commands/names.ts";
import type { Question } from "../session/questions.ts";
import type { Session } from "../session/session.ts";
import { inboxItems, openItems, waitingCount, waitingKey } from "../views/inbox-items.ts";
import type { Item, WaitingItem } from "../views/item.ts";
import { missionChildren, missionItems } from "../views/mission-items.ts";
import { rosterItems } from "../views/roster-items.ts";
import { reachText, statusLine } from "../views/status-line.ts";
import { taskItems } from "../views/task-items.ts";
import type { Tree } from "../views/tree.ts";

export interface Shown {
  /** What waits, and was not answered here; nothing once the session has ended. */
  open(): readonly WaitingItem[];
  /** An answer was given here, and is not in the rows yet. */
  answered(key: string): void;
  /** It came to nothing. */
  notAnswered(key: string): void;
  close(): void;
}

/** Which answers each tree is made from. */
const madeFrom: Readonly<Record<TreeName, readonly string[]>> = {
  inbox: ["ListWaiting"],
  missions: ["ListMissions", "ShowMission"],
  tasks: ["ListTasks", "GetStatus"],
  roster: ["ListRoster", "GetStatus"],
};

/** The reach is told in words that grow older. */
const ageMs = 5_000;

export function showSession(session: Session, trees: readonly Tree[]): Shown {
  const { known } = session;
  const answered = new Set<string>();
  const drawn = new Map<TreeName, string>();
  const opened = new Map<string, Question<"ShowMission">>();
  const status = vscode.window.createStatusBarItem("federation.status", vscode.StatusBarAlignment.Left, 10);
  status.name = "Federation";
  let ageing: ReturnType<typeof setInterval> | undefined;
  let unwatch: (() => void) | undefined;
  let closed = false;
  const me = (): string => known.status.answer()?.you.actor ?? "";

  const items: Readonly<Record<TreeName, () => readonly Item[]>> = {
    inbox: () => inboxItems(known.waiting.answer()?.items ?? [], answered),
    missions: () => missionItems(known.missions.answer()?.missions ?? []),
    tasks: () => taskItems(known.tasks.answer()?.tasks ?? [], me()),
    roster: () => rosterItems(known.roster.answer()?.actors ?? [], me()),
  };

  async function children({ subject }: Item): Promise<readonly Item[]> {
    if (subject.kind !== "mission") return [];
    const mission = subject.mission.id;
    const answer =
      opened.get(mission)?.answer() ?? (await session.call("ShowMission", { mission }).catch(() => undefined));
    return answer === undefined ? [] : missionChildren(answer.mission, me());
  }

  function onOpened({ subject }: Item, open: boolean): void {
    if (subject.kind !== "mission") return;
    const mission = subject.mission.id;
    opened.get(mission)?.drop();
    opened.delete(mission);
    if (open) opened.set(mission, session.keep("ShowMission", { mission }));
  }

  /** Lines that are as they were stay: a person may be about to click on one. `inside`: below one of them something changed. */
  function draw(tree: Tree, inside = false): void {
    const now = JSON.stringify(items[tree.name]());
    if (!inside && drawn.get(tree.name) === now) return;
    drawn.set(tree.name, now);
    tree.refresh();
  }

  function drawStatus(): void {
    const line = statusLine(session.reach(), known.roster.answer()?.actors, known.waiting.answer()?.items);
    status.text = line.text;
    status.tooltip = line.tooltip.join("\n");
    status.accessibilityInformation = { label: line.accessible };
    const background = line.tone === "bad" ? "errorBackground" : line.tone === "warn" ? "warningBackground" : undefined;
    status.backgroundColor =
      background === undefined ? undefined : new vscode.ThemeColor(`statusBarItem.${background}`);
    status.command =
      line.leadsTo === "inbox"
        ? "federation.inbox.focus"
        : line.leadsTo === "connect"
          ? "federation.connect"
          : "federation.openObserver";
    status.show();
  }

  function drawReach(): void {
    const reach = session.reach();
    const say = setContext;
    say("session", reach.state !== "over");
    say("connected", reach.state === "connected");
    const away = reach.state === "connected" || reach.state === "over" ? undefined : reach;
    clearInterval(ageing);
    ageing = away === undefined ? undefined : setInterval(drawAge, ageMs);
    drawAge();
    // Somebody who is let out sees nothing of the mesh any more.
    for (const tree of trees)
      tree.show(reach.state === "over" ? undefined : { items: items[tree.name], children, onOpened });
  }

  function drawAge(): void {
    const reach = session.reach();
    // In one of them: four times the same would push four lists down.
    const inbox = trees.find((it) => it.name === "inbox");
    if (inbox !== undefined) inbox.view.message = reachText(reach, Date.now());
    drawStatus();
  }

  function drawInbox(): void {
    const waiting = known.waiting.answer()?.items;
    const keys = new Set(waiting?.map(waitingKey));
    for (const key of [...answered]) if (!keys.has(key)) answered.delete(key);
    const count = waitingCount(waiting);
    const inbox = trees.find((it) => it.name === "inbox");
    if (inbox !== undefined)
      inbox.view.badge = count === 0 ? undefined : { value: count, tooltip: `${count} waiting for you` };
    setContext("waiting", count > 0);
  }

  function drawRights(): void {
    const you = known.status.answer()?.you;
    setContext("mayAct", you?.scopes.includes("act") === true && you.role !== "observer");
    setContext("mayManage", you?.scopes.includes("manage") === true && you.role === "commander");
  }

  const look = (): void => {
    const visible = trees.some((it) => it.view.visible);
    if (visible) unwatch ??= session.watch();
    else {
      unwatch?.();
      unwatch = undefined;
    }
  };
  const looking = trees.map((it) => it.view.onDidChangeVisibility(look));
  const unhear = session.onChange((what) => {
    if (what === "reach") {
      drawReach();
      return;
    }
    if (what === "ListWaiting") drawInbox();
    if (what === "GetStatus") drawRights();
    for (const tree of trees) if (madeFrom[tree.name].includes(what)) draw(tree, what === "ShowMission");
    drawStatus();
  });
  look();
  drawReach();

  return {
    open: () => (closed ? [] : openItems(known.waiting.answer()?.items, answered)),
    answered(key) {
      answered.add(key);
      for (const tree of trees) if (tree.name === "inbox") draw(tree);
    },
    notAnswered(key) {
      answered.delete(key);
      for (const tree of trees) if (tree.name === "inbox") draw(tree);
    },
    close() {
      closed = true;
      unhear();
      unwatch?.();
      clearInterval(ageing);
      for (const it of looking) it.dispose();
      for (const question of opened.values()) question.drop();
      status.dispose();
      for (const tree of trees) {
        tree.show(undefined);
        tree.view.message = "";
        tree.view.badge = undefined;
      }
      for (const key of ["session", "connected", "waiting", "mayAct", "mayManage"]) setContext(key, false);
    },
  };
}

export function setContext(key: string, value: boolean): void {
  void vscode.commands.executeCommand("setContext", `federation.${key}`, value);
}
