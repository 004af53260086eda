import { useId } from "preact/hooks";
import { useApp } from "../../app/app.ts";
import type { ViewProps } from "../../app/view-props.ts";
import { CommandButton } from "../../command/command-button.tsx";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { Badge, Empty } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { At } from "../../ui/time.tsx";
import { useTyped } from "../../ui/use-typed.ts";

export function MemoryView({ params }: ViewProps) {
  const { replace } = useApp();
  const { typed, type } = useTyped(params["query"] ?? "", (text) =>
    replace(hrefOf("memory", undefined, { query: text })),
  );
  const query = (params["query"] ?? "").trim();
  const id = useId();
  return (
    <div class="stack-wide narrow">
      <div class="spread">
        <h1>Memory</h1>
        <CommandButton name="Remember" icon="plus">
          Remember
        </CommandButton>
      </div>
      <label class="filter-text" htmlFor={id}>
        <Icon name="search" size={14} />
        <span class="visually-hidden">Words to look for</span>
        <input
          id={id}
          type="search"
          placeholder="Any of these words"
          value={typed}
          onInput={({ currentTarget }) => type(currentTarget.value)}
        />
      </label>
      <QueryView
        name="RecallMemory"
        request={{ limit: 100, ...(query === "" ? {} : { query: query.slice(0, 400) }) }}
        empty={({ episodes }) =>
          episodes.length === 0 ? (
            <Empty
              icon="brain"
              title={query === "" ? "Nothing is remembered yet" : "Nothing remembered has these words"}
            >
              What an actor remembers is shown to the others when it fits their objective: as data, never as authority.
            </Empty>
          ) : null
        }
      >
        {({ episodes }) => (
          <ul class="stack">
            {episodes.map((it) => (
              <li key={it.id} class="card">
                <div class="row">
                  <ActorName name={it.actor} />
                  <Badge tone={it.source === "human" ? "good" : "soft"}>{it.source}</Badge>
                  <span class="faint">
                    <At time={it.createdAt} />
                  </span>
                  {it.conversation === null ? null : <a href={hrefOf("conversations", it.conversation)}>where</a>}
                </div>
                <Markdown of={it.text} />
              </li>
            ))}
          </ul>
        )}
      </QueryView>
    </div>
  );
}
