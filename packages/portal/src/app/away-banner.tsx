/** That the page was away, and the proof that nothing was missed. */
import { hrefOf } from "../routing/route.ts";
import { Icon } from "../ui/icon.tsx";
import { spanText } from "../ui/time.tsx";
import { useApp } from "./app.ts";

export function AwayBanner() {
  const { log } = useApp();
  const away = log.away.value;
  if (away.state === "present" || away.state === "lost") return null;
  const span = spanText((away.toMs ?? away.fromMs) - away.fromMs);
  const tone = away.state === "complete" ? "good" : away.state === "incomplete" ? "bad" : "warn";
  return (
    <div class={`banner ${tone}`} role="status" data-away={away.state}>
      <Icon name={tone === "good" ? "good" : tone === "bad" ? "warn" : "loader"} />
      <p class="grow">
        This page was away for {span}. {sentence(away)}
      </p>
      {"missed" in away && away.missed > 0 ? <a href={hrefOf("timeline")}>Show them</a> : null}
      <button type="button" class="button quiet" aria-label="Dismiss" onClick={log.dismissAway}>
        <Icon name="close" size={14} />
      </button>
    </div>
  );
}

function sentence(away: ReturnType<typeof useApp>["log"]["away"]["value"]): string {
  switch (away.state) {
    case "counting":
      return "Asking what happened meanwhile.";
    case "catching-up":
    case "proving":
      return `${events(away.missed)} meanwhile; ${Math.min(away.arrived, away.missed)} have arrived.`;
    case "complete":
      return away.missed === 0
        ? "Nothing happened meanwhile."
        : `${events(away.missed)} meanwhile, and all of them are here, in order.`;
    case "incomplete":
      return `${events(away.missed)} meanwhile, and not all of them arrived. Load the page again, and tell us of it.`;
    default:
      return "";
  }
}

function events(count: number): string {
  return count === 1 ? "1 event happened" : `${count.toLocaleString("en")} events happened`;
}
