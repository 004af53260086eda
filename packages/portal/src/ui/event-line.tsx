/** An event in a line: when, who, what in the machine's words, and theirs after a colon. */
import { describeEvent, type MeshEvent } from "@federation/core";
import type { EventWindow } from "../data/event-window.ts";
import { hrefOf } from "../routing/route.ts";
import { ActorName } from "./actor.tsx";
import { clock } from "./time.tsx";
import { Line } from "./words.tsx";

export function EventLine({ event, href }: { readonly event: MeshEvent; readonly href?: string }) {
  const { tone, text, quote } = describeEvent(event);
  const date = new Date(event.at);
  return (
    <>
      <a
        class="event-time number"
        href={href ?? hrefOf("timeline", undefined, { event: event.cursor })}
        title={event.at}
      >
        <time dateTime={event.at}>{Number.isNaN(date.getTime()) ? "--:--:--" : clock.format(date)}</time>
      </a>
      <span class="event-actor">{event.actor === null ? null : <ActorName name={event.actor} />}</span>
      <span class={`event-text tone-${tone}`}>
        <Line of={text} max={400} />
        {quote === undefined ? null : (
          <span class="event-quote">
            {": "}
            <Line of={quote} max={400} />
          </span>
        )}
      </span>
    </>
  );
}

/** The latest of a window, newest last. */
export function EventLines({ window, last }: { readonly window: EventWindow; readonly last: number }) {
  window.version.value;
  const events = latestOf(window.events, last);
  if (events.length === 0) return <p class="soft">Nothing has happened yet.</p>;
  return (
    <ol class="event-lines" aria-label="Latest events">
      {events.map((event) => (
        <li key={event.cursor} class="event-brief">
          <EventLine event={event} />
        </li>
      ))}
    </ol>
  );
}

/** Looked for from the end: the window may be long. */
function latestOf(events: readonly MeshEvent[], last: number): readonly MeshEvent[] {
  const found: MeshEvent[] = [];
  for (let index = events.length - 1; index >= 0 && found.length < last; index--) {
    const event = events[index];
    if (event !== undefined && describeEvent(event).detail !== true) found.push(event);
  }
  return found.reverse();
}
