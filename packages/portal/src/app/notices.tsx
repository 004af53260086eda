import { Icon } from "../ui/icon.tsx";
import { useApp } from "./app.ts";

/** What just happened, in a corner, for a while. */
export function Notices() {
  const { dialogs } = useApp();
  return (
    <div class="toasts" role="status" aria-live="polite">
      {dialogs.notices.value.map((it) => (
        <div key={it.id} class={`toast ${it.tone}`}>
          <Icon name={it.tone === "good" ? "good" : it.tone === "bad" ? "warn" : "info"} />
          <span class="grow">{it.text}</span>
          {it.href === undefined ? null : (
            <a href={it.href} onClick={() => dialogs.dismiss(it.id)}>
              Show
            </a>
          )}
          <button type="button" class="button quiet" aria-label="Dismiss" onClick={() => dialogs.dismiss(it.id)}>
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
