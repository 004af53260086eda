/** One event laid open, with what came before and after it, wherever in the log it is. */
import { describeEvent, type MeshEvent } from "@federation/core";
import { useApp } from "../../app/app.ts";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { EventLine } from "../../ui/event-line.tsx";
import { Badge, Facts, Id } from "../../ui/parts.tsx";
import { Failed, Loading, useQuery } from "../../ui/query-view.tsx";
import { At } from "../../ui/time.tsx";
import { Line, Revealed, Words } from "../../ui/words.tsx";
import { subjectHref } from "./subject-href.ts";

const around = 8;

export function EventDetail({ cursor }: { readonly cursor: string }) {
  const earlier = useQuery("ListEvents", { before: cursor, limit: around });
  // The event itself comes first after the one before it; where none is before, it is the first of the log.
  const previous = earlier.data?.events.at(-1)?.cursor;
  if (earlier.error !== undefined && earlier.data === undefined)
    return <Failed error={earlier.error} onRetry={earlier.refresh} />;
  if (earlier.data === undefined) return <Loading />;
  return <WithLater cursor={cursor} previous={previous} before={earlier.data.events} />;
}

function WithLater({
  cursor,
  previous,
  before,
}: {
  readonly cursor: string;
  readonly previous: string | undefined;
  readonly before: readonly MeshEvent[];
}) {
  const later = useQuery("ListEvents", { ...(previous === undefined ? {} : { after: previous }), limit: around + 1 });
  if (later.error !== undefined && later.data === undefined)
    return <Failed error={later.error} onRetry={later.refresh} />;
  if (later.data === undefined) return <Loading />;
  const event = later.data.events.find((it) => it.cursor === cursor);
  if (event === undefined) return <p class="soft panel-body">This event is not here, or not yours to see.</p>;
  const after = later.data.events.slice(later.data.events.indexOf(event) + 1);
  return (
    <div class="panel-body stack">
      <OneEvent event={event} />
      <h3>Around it</h3>
      <ol class="event-lines">
        {[...before, event, ...after].map((it) => (
          <li key={it.cursor} class={it === event ? "event-brief chosen" : "event-brief"}>
            <EventLine event={it} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function OneEvent({ event }: { readonly event: MeshEvent }) {
  const { roster } = useApp();
  const { text, quote } = describeEvent(event);
  const href = subjectHref(event, (name) => roster.value.some((it) => it.actor === name));
  return (
    <>
      <div class="row">
        <Badge tone="accent">{event.kind}</Badge>
        {event.actor === null ? null : <ActorName name={event.actor} />}
        <span class="faint">
          <At time={event.at} />
        </span>
      </div>
      <Words of={text} />
      {quote === undefined ? null : (
        <blockquote>
          <Words of={quote} first={2_000} />
        </blockquote>
      )}
      <Facts
        of={[
          [
            "conversation",
            event.conversation === null ? null : (
              <a key="conversation" href={hrefOf("conversations", event.conversation)}>
                open it
              </a>
            ),
          ],
          [
            "about",
            event.subject === null ? null : href === undefined ? (
              <Line key="subject" of={event.subject} />
            ) : (
              <a key="subject" href={href}>
                <Line of={event.subject} />
              </a>
            ),
          ],
          ["cursor", <Id key="cursor" of={event.cursor} what="event" />],
        ]}
      />
      <details>
        <summary>As it is in the log</summary>
        <pre class="data">
          <Revealed text={JSON.stringify(event.data, null, 2)} />
        </pre>
      </details>
      <p class="row">
        <a
          class="button"
          href={hrefOf("timeline", undefined, {
            ...(event.conversation === null ? {} : { conversation: event.conversation }),
            event: event.cursor,
          })}
        >
          Only this conversation
        </a>
        {event.subject === null ? null : (
          <a class="button" href={hrefOf("timeline", undefined, { subject: event.subject, event: event.cursor })}>
            Only about this
          </a>
        )}
      </p>
    </>
  );
}
