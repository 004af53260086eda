/**
 * The events of a window, of which only those in view are drawn.
 *
 * 1. At its end it follows what happens; one who scrolls up stays where they are, and is told how many have come since.
 * 2. Older events are asked for as one comes near the beginning, and nothing moves under the eye when they come.
 */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { EventWindow } from "../../data/event-window.ts";
import { hrefOf } from "../../routing/route.ts";
import { EventLine } from "../../ui/event-line.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Empty } from "../../ui/parts.tsx";
import { Loading } from "../../ui/query-view.tsx";
import { useVirtualRows } from "../../ui/virtual-list.tsx";

const rowHeight = 30;
const nearBeginning = 40;

export function EventList({
  window,
  chosen,
  params,
}: {
  readonly window: EventWindow;
  readonly chosen: string | undefined;
  readonly params: Readonly<Record<string, string>>;
}) {
  window.version.value;
  const older = window.older.value;
  const prepended = window.prepended.value;
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const seen = useRef(window.events.length + prepended);
  const rows = useVirtualRows({
    scroller,
    count: window.events.length,
    estimate: rowHeight,
    keyOf: useCallback((index: number) => index - window.prepended.peek(), [window]),
  });

  // Put before the first: what is in view stays in view.
  const before = useRef(prepended);
  useLayoutEffect(() => {
    const element = scroller.current;
    const moved = prepended - before.current;
    before.current = prepended;
    if (element !== null && moved !== 0 && !following) element.scrollTop += moved * rowHeight;
  }, [prepended, following]);
  // Added after the last: whoever follows is taken along.
  const height = rows.height;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && following) element.scrollTop = height;
  }, [height, following]);
  const total = window.events.length - prepended;
  useEffect(() => {
    if (following) seen.current = total;
  }, [following, total]);
  const first = rows.items[0]?.index ?? 0;
  useEffect(() => {
    if (first < nearBeginning && (older === "there" || older === "unknown")) void window.loadOlder().catch(() => {});
  }, [first, older, window]);

  if (window.events.length === 0) {
    if (older === "loading" || older === "unknown") return <Loading />;
    return (
      <Empty icon="timeline" title="No event is like that">
        {Object.keys(params).length === 0
          ? "Start a mission, and this fills by itself."
          : "Show all, or look for less."}
      </Empty>
    );
  }
  return (
    <div class="event-list panel">
      <div
        ref={scroller}
        class="event-scroller"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        role="log"
        aria-label="Events, the latest last"
        aria-live="off"
        onScroll={({ currentTarget: it }) =>
          setFollowing(it.scrollHeight - it.scrollTop - it.clientHeight < rowHeight * 2)
        }
      >
        <p class="event-beginning faint">
          {older === "none"
            ? "The log begins here."
            : older === "failed"
              ? "Older events could not be had; scroll again to ask."
              : "Older events are on their way."}
        </p>
        <ol class="virtual-box" style={{ height: `${rows.height}px` }}>
          {rows.items.map((item) => {
            const event = window.events[item.index];
            return event === undefined ? null : (
              <li
                key={item.key}
                class={event.cursor === chosen ? "event-row chosen" : "event-row"}
                style={{ transform: `translateY(${item.start}px)`, height: `${rowHeight}px` }}
                data-cursor={event.cursor}
                data-at={event.at}
                data-kind={event.kind}
              >
                <EventLine event={event} href={hrefOf("timeline", undefined, { ...params, event: event.cursor })} />
              </li>
            );
          })}
        </ol>
      </div>
      {following ? null : (
        <button type="button" class="button primary event-follow" onClick={() => setFollowing(true)}>
          <Icon name="arrow-down" size={14} />
          {total > seen.current ? `${(total - seen.current).toLocaleString("en")} new · follow` : "Follow"}
        </button>
      )}
    </div>
  );
}
