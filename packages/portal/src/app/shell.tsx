/** The frame around everything: where one can go, how the node is, what waits, and what lies over the page. */
import { useEffect, useState } from "preact/hooks";
import { CommandButton } from "../command/command-button.tsx";
import { CommandDialogs } from "../command/command-dialog.tsx";
import { Palette } from "../command/palette.tsx";
import { hrefOf } from "../routing/route.ts";
import { Icon } from "../ui/icon.tsx";
import { useQuery } from "../ui/query-view.tsx";
import { useApp } from "./app.ts";
import { AwayBanner } from "./away-banner.tsx";
import { ConnectionState, OverScreen } from "./connection-state.tsx";
import { FollowBanner } from "./follow-banner.tsx";
import { LinkDialog } from "./link-dialog.tsx";
import { Notices } from "./notices.tsx";
import { OfflineBanner } from "./offline-banner.tsx";
import { QuestionDialog } from "./question-dialog.tsx";
import { RoomBoundary } from "./room-boundary.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";
import { type View, views } from "./views.tsx";

export function Shell() {
  const { mesh, route, dialogs } = useApp();
  const [menu, setMenu] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      // An editor that shows the page listens to its keys, too, and would wait for the second of two.
      event.stopImmediatePropagation();
      dialogs.showPalette(true);
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => window.removeEventListener("keydown", onKey, { capture: true });
  }, [dialogs]);
  const { view: name, id, params } = route.value;
  const view = views.find((it) => it.name === name);
  useEffect(() => setMenu(false), [name, id]);
  const connection = mesh.connection.value;
  useEffect(() => {
    document.title = `${view?.title ?? "Portal"} · Federation`;
  }, [view]);

  if (connection.state === "over") return <OverScreen reason={connection.reason} />;
  const Room = view?.component;
  return (
    <div class={menu ? "shell menu-open" : "shell"}>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <button
          type="button"
          class="button quiet menu-button"
          aria-label="Menu"
          aria-expanded={menu}
          onClick={() => setMenu(!menu)}
        >
          <Icon name="menu" />
        </button>
        <span class="top-title">{view?.title}</span>
        <button type="button" class="search" onClick={() => dialogs.showPalette(true)}>
          <Icon name="search" size={14} />
          <span>Command or place</span>
          <kbd>{/Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl"} K</kbd>
        </button>
        <div class="top-actions">
          <CommandButton name="SendMessage" icon="send">
            <span class="wide-only">Message</span>
          </CommandButton>
          <CommandButton name="StartMission" icon="plus" tone="primary">
            <span class="wide-only">New mission</span>
          </CommandButton>
        </div>
      </header>
      <SideBar now={name} />
      <button type="button" class="scrim" aria-label="Close the menu" tabIndex={-1} onClick={() => setMenu(false)} />
      <main id="main" tabIndex={-1}>
        <OfflineBanner />
        <FollowBanner />
        <AwayBanner />
        <RoomBoundary key={`${name} ${id ?? ""}`}>
          {Room === undefined ? null : <Room id={id} params={params} />}
        </RoomBoundary>
      </main>
      <Palette />
      <CommandDialogs />
      <QuestionDialog />
      <LinkDialog />
      <Notices />
    </div>
  );
}

const groups = [
  { name: "you", title: undefined },
  { name: "observe", title: "Observe" },
  { name: "keep", title: "Keep" },
] as const;

function SideBar({ now }: { readonly now: string }) {
  const { status } = useApp();
  const { data } = useQuery("ListWaiting", {}, 10_000);
  const waiting = data?.items.filter((it) => !it.optional).length ?? 0;
  return (
    <aside class="side">
      <div class="brand">
        <span class="brand-mark" aria-hidden="true">
          <Icon name="mesh" size={18} />
        </span>
        <div>
          <strong>Federation</strong>
          <div class="faint">{status.value === undefined ? "…" : `${status.value.you.actor}'s portal`}</div>
        </div>
      </div>
      <nav aria-label="Rooms">
        {groups.map((group) => (
          <div key={group.name} class="nav-group">
            {group.title === undefined ? null : <h2 class="nav-title">{group.title}</h2>}
            <ul>
              {views
                .filter((it) => it.group === group.name)
                .map((it) => (
                  <NavItem
                    key={it.name}
                    view={it}
                    now={it.name === now}
                    count={countOf(it, waiting, status.value?.dead ?? 0)}
                    counted={it.name === "messages" ? "given up" : "waiting"}
                  />
                ))}
            </ul>
          </div>
        ))}
      </nav>
      <div class="side-foot">
        <ConnectionState />
        <ThemeSwitch />
      </div>
    </aside>
  );
}

function countOf({ name }: View, waiting: number, dead: number): number {
  return name === "inbox" ? waiting : name === "messages" ? dead : 0;
}

function NavItem({
  view,
  now,
  count,
  counted,
}: {
  readonly view: View;
  readonly now: boolean;
  readonly count: number;
  readonly counted: string;
}) {
  return (
    <li>
      <a class="nav-item" href={hrefOf(view.name)} aria-current={now ? "page" : undefined} title={view.doc}>
        <Icon name={view.icon} />
        <span class="grow">{view.title}</span>
        {count === 0 ? null : (
          <span class="count number" role="status" aria-label={`${count} ${counted}`}>
            {count}
          </span>
        )}
      </a>
    </li>
  );
}
