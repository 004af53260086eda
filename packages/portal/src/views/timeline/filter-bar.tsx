import { useId } from "preact/hooks";
import { useApp } from "../../app/app.ts";
import { hrefOf } from "../../routing/route.ts";
import { plainly } from "../../text/plain.ts";
import { Icon } from "../../ui/icon.tsx";
import { useQuery } from "../../ui/query-view.tsx";
import { useTyped } from "../../ui/use-typed.ts";
import { eventGroups } from "./event-groups.ts";

/** What of the log is shown. It stands in the address, so a link shows the same. */
export function FilterBar({ params }: { readonly params: Readonly<Record<string, string>> }) {
  const { roster, replace } = useApp();
  const id = useId();
  const set = (name: string, value: string): void => {
    replace(hrefOf("timeline", undefined, { ...params, event: undefined, [name]: value }));
  };
  const { typed, type } = useTyped(params["text"] ?? "", (text) => set("text", text));
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
          onInput={({ currentTarget }) => type(currentTarget.value)}
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
          <option value={params["kind"]}>{plainly(params["kind"])}</option>
        ) : null}
      </select>
      <Choice
        name="conversation"
        none="every conversation"
        now={params["conversation"]}
        onChoose={(id) => set("conversation", id)}
      />
      <Choice name="subject" none="about anything" now={params["subject"]} onChoose={(id) => set("subject", id)} />
      {any ? (
        <button
          type="button"
          class="button quiet"
          onClick={() => {
            type("");
            replace(hrefOf("timeline"));
          }}
        >
          Show all
        </button>
      ) : null}
    </search>
  );
}

/** Of the conversations, or the tasks and proposals, that there are lately; one from a link is there too. */
function Choice(props: {
  readonly name: "conversation" | "subject";
  readonly none: string;
  readonly now: string | undefined;
  readonly onChoose: (id: string) => void;
}) {
  const { name, none, now, onChoose } = props;
  const conversations = useQuery("ListConversations", { limit: 100 }).data?.conversations ?? [];
  const tasks = useQuery("ListTasks", { limit: 100 }).data?.tasks ?? [];
  const proposals = useQuery("ListProposals", { limit: 100 }).data?.proposals ?? [];
  const found =
    name === "conversation"
      ? conversations.map(({ id, kind, title }) => ({ id, label: `${kind}: ${title}` }))
      : [
          ...tasks.map(({ id, title }) => ({ id, label: `task: ${title}` })),
          ...proposals.map(({ id, title }) => ({ id, label: `proposal: ${title}` })),
        ];
  return (
    <select
      aria-label={name === "conversation" ? "Conversation" : "Task or proposal"}
      class="filter-choice"
      value={now ?? ""}
      onChange={({ currentTarget }) => onChoose(currentTarget.value)}
    >
      <option value="">{none}</option>
      {now !== undefined && !found.some((it) => it.id === now) ? <option value={now}>{plainly(now, 13)}</option> : null}
      {found.map(({ id, label }) => (
        <option key={id} value={id}>
          {plainly(label, 80)}
        </option>
      ))}
    </select>
  );
}
