import { useId } from "preact/hooks";
import { useApp } from "../../app/app.ts";
import { CommandEndNote } from "../../command/command-end.tsx";
import { useCommand } from "../../command/use-command.ts";
import { Icon } from "../../ui/icon.tsx";

/** Says something in a conversation, to all or to one. */
export function Composer({
  conversation,
  members,
}: {
  readonly conversation: string;
  readonly members: readonly string[];
}) {
  const { status, drafts } = useApp();
  const { busy, end, give, clear } = useCommand("SendMessage");
  // With the text stays whom it is for: what was meant for one must not come back as said to all.
  const [draft, addressee] = [`text ${conversation}`, `to ${conversation}`];
  const text = drafts.of(draft);
  const to = drafts.of(addressee) || "all";
  const id = useId();
  const me = status.value?.you.actor;

  async function send(): Promise<void> {
    if (text.trim() === "" || busy) return;
    const ended = await give({ conversation, to, text });
    if (ended.end !== "done") return;
    drafts.change(draft, (now) => (now === text ? "" : now));
    clear();
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label class="visually-hidden" htmlFor={id}>
        Message
      </label>
      <textarea
        id={id}
        rows={2}
        dir="auto"
        placeholder="Say something. Ctrl + Enter sends."
        value={text}
        maxLength={65_536}
        onInput={({ currentTarget }) => drafts.change(draft, () => currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          void send();
        }}
      />
      <CommandEndNote end={end} />
      <div class="row">
        <select
          aria-label="To whom"
          value={to}
          onChange={({ currentTarget }) => drafts.change(addressee, () => currentTarget.value)}
        >
          <option value="all">to all here</option>
          {members
            .filter((it) => it !== me)
            .map((it) => (
              <option key={it} value={it}>
                to {it}
              </option>
            ))}
        </select>
        <span class="grow" />
        <button type="submit" class="button primary" disabled={busy || text.trim() === ""} data-command="SendMessage">
          <Icon name="send" size={14} /> {busy ? "Sending…" : "Send"}
        </button>
      </div>
    </form>
  );
}
