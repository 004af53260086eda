/** Every event of the log: filtered, followed live until one scrolls, and each to be laid open. */
import type { EventFilter } from "@federation/core";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useApp } from "../../app/app.ts";
import type { ViewProps } from "../../app/view-props.ts";
import { isEmpty } from "../../data/event-filter.ts";
import { hrefOf } from "../../routing/route.ts";
import { Icon } from "../../ui/icon.tsx";
import { EventDetail } from "./event-detail.tsx";
import { EventList } from "./event-list.tsx";
import { FilterBar } from "./filter-bar.tsx";

export function TimelineView({ params }: ViewProps) {
  const { log } = useApp();
  const { actor, kind, conversation, subject, text, event } = params;
  const filter = useMemo(
    (): EventFilter => ({
      actor,
      conversation,
      subject,
      text,
      ...(kind === undefined ? {} : { kinds: kind.split(",") }),
    }),
    [actor, kind, conversation, subject, text],
  );
  const [window, setWindow] = useState(() => (isEmpty(filter) ? log.all : undefined));
  useEffect(() => {
    const opened = log.open(filter);
    setWindow(opened.window);
    return opened.release;
  }, [log, filter]);
  return (
    <div class="timeline-view">
      <div class="spread">
        <h1>Timeline</h1>
        <LiveCount />
      </div>
      <FilterBar params={params} />
      <div class={event === undefined ? "timeline-body" : "timeline-body with-detail"}>
        {window === undefined ? null : (
          <EventList key={JSON.stringify(filter)} window={window} chosen={event} params={params} />
        )}
        {event === undefined ? null : (
          <aside class="panel timeline-detail" aria-label="One event">
            <header class="panel-head">
              <h2>Event</h2>
              <a
                class="button quiet"
                href={hrefOf("timeline", undefined, { ...params, event: undefined })}
                aria-label="Close"
              >
                <Icon name="close" size={14} />
              </a>
            </header>
            <EventDetail cursor={event} />
          </aside>
        )}
      </div>
    </div>
  );
}

function LiveCount() {
  const { log } = useApp();
  const told = log.told.value;
  const { is } = log.state.value;
  return (
    <span class="faint number" role="status">
      {is === "following" ? `following · ${told.toLocaleString("en")} since this page was opened` : is}
    </span>
  );
}
