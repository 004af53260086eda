/** Every command and every place, by typing some of its letters. */
import { type ControlName, control, controlEntries } from "@federation/core";
import { useId, useMemo, useState } from "preact/hooks";
import { useApp } from "../app/app.ts";
import { views } from "../app/views.tsx";
import { hrefOf } from "../routing/route.ts";
import { useModal } from "../ui/dialog.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { places } from "./places.ts";
import { useAllowed } from "./use-tools.ts";

interface Found {
  readonly key: string;
  readonly title: string;
  readonly detail: string;
  readonly icon: IconName;
  readonly go: () => void;
}

export function Palette() {
  const { dialogs } = useApp();
  return dialogs.palette.value ? <OpenPalette /> : null;
}

function OpenPalette() {
  const { dialogs, go, roster } = useApp();
  const allowed = useAllowed();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const close = (): void => dialogs.showPalette(false);
  const modal = useModal(close);
  const list = useId();

  const everything = useMemo((): readonly Found[] => {
    const commands = controlEntries
      .filter((it) => it.kind === "command" && isCommand(it.name) && allowed(it.name))
      .map(
        (it): Found => ({
          key: it.name,
          title: it.title,
          detail: it.doc,
          icon: "command",
          go: () => {
            if (isCommand(it.name)) dialogs.openCommand(it.name);
          },
        }),
      );
    const rooms = views.map(
      (it): Found => ({
        key: `view ${it.name}`,
        title: it.title,
        detail: it.doc,
        icon: it.icon,
        go: () => go(hrefOf(it.name)),
      }),
    );
    const people = roster.value.map(
      (it): Found => ({
        key: `actor ${it.actor}`,
        title: it.actor,
        detail: `${it.role}, ${it.activity.state}`,
        icon: "user",
        go: () => go(hrefOf("actors", it.actor)),
      }),
    );
    return [...commands, ...rooms, ...people];
  }, [allowed, dialogs, go, roster.value]);

  const found = rank(everything, typed).slice(0, 60);
  const now = Math.min(at, found.length - 1);
  const choose = (it: Found | undefined): void => {
    if (it === undefined) return;
    close();
    it.go();
  };

  return (
    <dialog
      {...modal}
      class="palette"
      aria-label="Commands"
      onClick={(event) => {
        if (event.target === modal.ref.current) close();
      }}
      onKeyDown={() => {}}
    >
      <div class="palette-input">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={found[now] === undefined ? undefined : `${list}-${now}`}
          aria-label="Command or place"
          placeholder="A command, a place, an actor…"
          autocomplete="off"
          spellcheck={false}
          value={typed}
          onInput={({ currentTarget }) => {
            setTyped(currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") setAt((now + 1) % Math.max(1, found.length));
            else if (event.key === "ArrowUp") setAt((now - 1 + found.length) % Math.max(1, found.length));
            else if (event.key === "Enter") choose(found[now]);
            else return;
            event.preventDefault();
          }}
        />
      </div>
      <div id={list} class="palette-list" role="listbox" aria-label="Found">
        {found.map((it, index) => (
          <div
            key={it.key}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === now}
            class={index === now ? "palette-item now" : "palette-item"}
            data-palette={it.key}
            ref={(element) => {
              if (index === now) element?.scrollIntoView({ block: "nearest" });
            }}
            onMouseMove={() => setAt(index)}
            onClick={() => choose(it)}
            onKeyDown={() => {}}
          >
            <Icon name={it.icon} />
            <span class="palette-title">{it.title}</span>
            <span class="faint clamp-1">{it.detail}</span>
          </div>
        ))}
        {found.length === 0 ? <p class="empty-next soft">Nothing is called that.</p> : null}
      </div>
    </dialog>
  );
}

function isCommand(name: string): name is ControlName {
  return Object.hasOwn(places, name) && Object.hasOwn(control, name);
}

/** What begins with the letters first, then a word that does, then whatever has them in order. */
function rank<T extends { readonly title: string; readonly detail: string }>(
  all: readonly T[],
  typed: string,
): readonly T[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === "") return all;
  const scored = all.map((it) => ({ it, score: scoreOf(it.title.toLowerCase(), it.detail.toLowerCase(), wanted) }));
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ it }) => it);
}

function scoreOf(title: string, detail: string, wanted: string): number {
  if (title.startsWith(wanted)) return 5;
  if (title.split(/[\s-]+/).some((word) => word.startsWith(wanted))) return 4;
  if (title.includes(wanted)) return 3;
  if (detail.includes(wanted)) return 2;
  let from = 0;
  for (const letter of wanted) {
    const index = title.indexOf(letter, from);
    if (index === -1) return 0;
    from = index + 1;
  }
  return 1;
}
