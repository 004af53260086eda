/**
 * The events of a window, of which only those in view are drawn.
 *
 * 1. At its end it follows what happens; one who scrolls up stays where they are, and is told how many have come since.
 * 2. Older events are asked for as one comes near the beginning, and nothing moves under the eye when they come.
 */
import { MeshError, type MeshEvent } from "@federation/core";
import { Component } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { EventWindow } from "../../data/event-window.ts";
import { hrefOf } from "../../routing/route.ts";
import { EventLine } from "../../ui/event-line.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Empty } from "../../ui/parts.tsx";
import { Failed, Loading } from "../../ui/query-view.tsx";
import { useVirtualRows } from "../../ui/virtual-rows.ts";

const rowHeight = 30;
/** So early that who scrolls as fast as a key repeats seldom has to wait. */
const nearBeginning = 300;

interface EventListProps {
  readonly window: EventWindow;
  readonly chosen: string | undefined;
  readonly params: Readonly<Record<string, string>>;
}

export function EventList(props: EventListProps) {
  const { window, params } = props;
  window.version.value;
  const older = window.older.value;
  if (window.events.length > 0) return <EventRows {...props} />;
  if (older === "loading" || older === "unknown") return <Loading />;
  if (older instanceof MeshError) return <Failed error={older} onRetry={() => void loadOlder(window)} />;
  return (
    <Empty icon="timeline" title="No event is like that">
      {Object.keys(params).length === 0 ? "Start a mission, and this fills by itself." : "Show all, or look for less."}
    </Empty>
  );
}

/** The window says itself how it went. */
const loadOlder = (window: EventWindow): Promise<void> => window.loadOlder().catch(() => {});

function EventRows({ window, chosen, params }: EventListProps) {
  window.version.value;
  const older = window.older.value;
  const prepended = window.prepended.value;
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const seen = useRef(window.events.length - prepended);
  const count = window.events.length;
  const { first, end, keyOf, scrolled } = useVirtualRows({ scroller, count, prepended, rowHeight, following });

  // Put before the first: what is in view stays in view.
  const before = useRef(prepended);
  useLayoutEffect(() => {
    const element = scroller.current;
    const moved = prepended - before.current;
    before.current = prepended;
    if (element !== null && moved !== 0 && !following) element.scrollTop += moved * rowHeight;
  }, [prepended, following]);
  // Added after the last: whoever follows is taken along.
  const height = count * rowHeight;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && following) element.scrollTop = height;
  }, [height, following]);
  const total = count - prepended;
  useEffect(() => {
    if (following) seen.current = total;
  }, [following, total]);
  useEffect(() => {
    if (first < nearBeginning && (older === "there" || older === "unknown")) void loadOlder(window);
  }, [first, older, window]);

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
        onScroll={({ currentTarget: it }) => {
          setFollowing(it.scrollHeight - it.scrollTop - it.clientHeight < rowHeight * 2);
          scrolled();
        }}
      >
        <p class="event-beginning faint">
          {older === "none" ? (
            "The log begins here."
          ) : older instanceof MeshError ? (
            <>
              Older events could not be had.{" "}
              <button type="button" class="button quiet" onClick={() => void loadOlder(window)}>
                Ask again
              </button>
            </>
          ) : (
            "Older events are on their way."
          )}
        </p>
        <div class="virtual-box" style={{ height: `${height}px` }}>
          <ol style={{ transform: `translateY(${first * rowHeight}px)`, "--row-height": `${rowHeight}px` }}>
            {window.events.slice(first, end).map((event, index) => (
              <EventRow key={keyOf(first + index)} event={event} chosen={event.cursor === chosen} params={params} />
            ))}
          </ol>
        </div>
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

interface RowProps {
  readonly event: MeshEvent;
  readonly params: Readonly<Record<string, string>>;
}

function EventRow({ event, chosen, params }: RowProps & { readonly chosen: boolean }) {
  return (
    <li
      class={chosen ? "event-row chosen" : "event-row"}
      data-cursor={event.cursor}
      data-at={event.at}
      data-kind={event.kind}
    >
      <UnchangingLine event={event} params={params} />
    </li>
  );
}

/**
 * What an event says never changes: it is made once, however often the list around it is drawn. An element that is kept
 * for that would keep, through its parents, every list that was ever drawn.
 */
class UnchangingLine extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return next.event !== this.props.event || next.params !== this.props.params;
  }

  override render({ event, params }: RowProps) {
    return <EventLine event={event} href={hrefOf("timeline", undefined, { ...params, event: event.cursor })} />;
  }
}
