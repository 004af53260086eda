import { useEffect, useId, useState } from "preact/hooks";
import { useApp } from "../../app/app.ts";
import { hrefOf } from "../../routing/route.ts";
import { Icon } from "../../ui/icon.tsx";
import { eventGroups } from "./event-groups.ts";

const typingMs = 300;

/** What of the log is shown. It stands in the address, so a link shows the same. */
export function FilterBar({ params }: { readonly params: Readonly<Record<string, string>> }) {
  const { roster, replace } = useApp();
  const [typed, setTyped] = useState(params["text"] ?? "");
  const id = useId();
  const set = (name: string, value: string): void => {
    replace(hrefOf("timeline", undefined, { ...params, event: undefined, [name]: value }));
  };
  useEffect(() => {
    if (typed === (params["text"] ?? "")) return;
    const timer = setTimeout(() => set("text", typed), typingMs);
    return () => clearTimeout(timer);
  });
  const narrowed = ["conversation", "subject"].filter((it) => params[it] !== undefined);
  const any = ["actor", "kind", "text", "conversation", "subject"].some((it) => params[it] !== undefined);
  return (
    <search class="filter-bar">
      <label class="filter-text" htmlFor={id}>
        <Icon name="search" size={14} />
        <span class="visually-hidden">Letters in the event</span>
        <input
          id={id}
          type="search"
          placeholder="Letters anywhere in the event"
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
      <select
        aria-label="Actor"
        value={params["actor"] ?? ""}
        onChange={({ currentTarget }) => set("actor", currentTarget.value)}
      >
        <option value="">every actor</option>
        {roster.value.map((it) => (
          <option key={it.actor} value={it.actor}>
            {it.actor}
          </option>
        ))}
        <option value="federation">federation (the runtime)</option>
      </select>
      <select
        aria-label="Kind"
        value={params["kind"] ?? ""}
        onChange={({ currentTarget }) => set("kind", currentTarget.value)}
      >
        <option value="">every kind</option>
        {eventGroups.map((group) => (
          <option key={group.title} value={group.kinds.join(",")}>
            {group.title}
          </option>
        ))}
        {params["kind"] !== undefined && !eventGroups.some((it) => it.kinds.join(",") === params["kind"]) ? (
          <option value={params["kind"]}>{params["kind"]}</option>
        ) : null}
      </select>
      {narrowed.map((name) => (
        <span key={name} class="badge accent">
          {name} <span class="mono">{params[name]?.slice(0, 8)}</span>
          <button type="button" class="badge-close" aria-label={`Every ${name}`} onClick={() => set(name, "")}>
            <Icon name="close" size={12} />
          </button>
        </span>
      ))}
      {any ? (
        <button
          type="button"
          class="button quiet"
          onClick={() => {
            setTyped("");
            replace(hrefOf("timeline"));
          }}
        >
          Show all
        </button>
      ) : null}
    </search>
  );
}
