/** The mesh as a picture: actors around the broker and the database, what they do, and messages on their way. */
import { actorColour } from "@federation/core";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Roster, useApp } from "../../app/app.ts";
import { hrefOf } from "../../routing/route.ts";
import { monogram } from "../../ui/actor.tsx";
import { spanText } from "../../ui/time.tsx";
import { activityWords } from "./activity.tsx";
import { layOut, type MeshLayout, type Place } from "./layout.ts";
import { useFlow } from "./use-flow.ts";

type Entry = Roster[number];

export function MeshPicture() {
  const { roster, status } = useApp();
  const entries = roster.value;
  const who = entries.map((it) => `${it.actor} ${it.kind}`).join();
  const shape = useNarrow() ? "narrow" : "wide";
  const layout = useMemo(() => layOut(entries, shape), [who, shape]);
  const flow = useRef<HTMLCanvasElement | null>(null);
  useFlow(flow, layout);
  const { width, height } = layout;
  const broker = status.value?.broker;
  const brokerUp = broker?.publish.startsWith("connected") === true && broker.consume.startsWith("connected");
  const databaseUp = status.value !== undefined && !status.value.database.startsWith("unavailable");
  const viewBox = `${-width / 2} ${-height / 2} ${width} ${height}`;
  return (
    <div class="mesh-layers">
      <svg class="mesh-picture" viewBox={viewBox} aria-hidden="true">
        <g class="mesh-links">
          {layout.places.map(({ actor, x, y }) => {
            const entry = entries.find((it) => it.actor === actor);
            return (
              <line key={actor} x1={0} y1={0} x2={x} y2={y} class={entry?.online === true ? "link-up" : "link-down"} />
            );
          })}
        </g>
      </svg>
      <canvas ref={flow} class="mesh-flow" />
      <svg class="mesh-picture" viewBox={viewBox}>
        <title>{`The mesh: ${entries.length} actors around the broker`}</title>
        <Hub brokerUp={brokerUp} databaseUp={databaseUp} />
        {layout.places.map((place) => {
          const entry = entries.find((it) => it.actor === place.actor);
          return entry === undefined ? null : (
            <ActorInPicture key={place.actor} entry={entry} place={place} layout={layout} />
          );
        })}
        <Orbits entries={entries} layout={layout} />
      </svg>
    </div>
  );
}

/** Around those who are at work. They move, and come last: what lies above something that moves is laid out apart. */
function Orbits({ entries, layout }: { readonly entries: Roster; readonly layout: MeshLayout }) {
  return (
    <g>
      {layout.places.map(({ actor, x, y }) => {
        const entry = entries.find((it) => it.actor === actor);
        const busy = entry?.activity.state === "thinking" || entry?.activity.state === "working";
        return !busy ? null : (
          <g key={actor} transform={`translate(${x} ${y})`}>
            <circle
              class="mark-orbit"
              style={{ "--actor": `var(--actor-${actorColour(actor, entry.ordinal)})` }}
              r={layout.mark + 6}
              pathLength={100}
            />
          </g>
        );
      })}
    </g>
  );
}

/** Whether the page has room for no more than one column. */
function useNarrow(): boolean {
  const [query] = useState(() => matchMedia("(max-width: 640px)"));
  const [narrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const changed = (): void => setNarrow(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, [query]);
  return narrow;
}

function Hub({ brokerUp, databaseUp }: { readonly brokerUp: boolean; readonly databaseUp: boolean }) {
  return (
    <g class="hub">
      <title>{`Broker ${brokerUp ? "connected" : "away"}, database ${databaseUp ? "ready" : "away"}`}</title>
      <rect x={-44} y={-30} width={88} height={60} rx={12} />
      <circle class={brokerUp ? "lamp good" : "lamp bad"} cx={-27} cy={-10} r={4} />
      <text x={-17} y={-6}>
        broker
      </text>
      <circle class={databaseUp ? "lamp good" : "lamp bad"} cx={-27} cy={12} r={4} />
      <text x={-17} y={16}>
        rows
      </text>
    </g>
  );
}

function ActorInPicture({
  entry,
  place,
  layout,
}: {
  readonly entry: Entry;
  readonly place: Place;
  readonly layout: MeshLayout;
}) {
  const { clock } = useApp();
  const { mark, letters } = layout;
  const { activity } = entry;
  const roomy = mark >= 18;
  const short = monogram(entry.actor);
  const since = activity.since === null ? "" : ` ${spanText(clock.nowMs.value - Date.parse(activity.since))}`;
  return (
    <g transform={`translate(${place.x} ${place.y})`}>
      <a
        href={hrefOf("actors", entry.actor)}
        class={`mesh-actor ${activity.state}`}
        style={{ "--actor": `var(--actor-${actorColour(entry.actor, entry.ordinal)})` }}
        data-actor={entry.actor}
      >
        <title>{activityWords(entry)}</title>
        <Shape role={entry.role} r={mark} class="mark-ground" />
        <Shape role={entry.role} r={mark} class="mark-shape" />
        <text class="mark-monogram" style={{ fontSize: `${mark * (short.length > 2 ? 0.52 : 0.62)}px` }} dy="0.35em">
          {short}
        </text>
        {entry.due > 0 ? (
          <g transform={`translate(${mark * 0.8} ${-mark * 0.8}) scale(${roomy ? 1 : 0.7})`}>
            <circle class="mark-due" r={8} />
            <text class="mark-due-count" dy="0.34em">
              {entry.due > 99 ? "99+" : entry.due}
            </text>
          </g>
        ) : null}
        {roomy ? (
          <>
            <text class="mark-name" y={mark + 17}>
              {entry.actor.slice(0, letters)}
            </text>
            <text class="mark-state" y={mark + 32}>
              {activity.state}
              {activity.state === "idle" ? "" : since}
            </text>
          </>
        ) : (
          <text class={`mark-name small ${place.name}`} {...nameSpot(place.name, mark)}>
            {entry.actor.slice(0, letters)}
          </text>
        )}
      </a>
    </g>
  );
}

function nameSpot(side: Place["name"], mark: number): { readonly x: number; readonly y: number } {
  switch (side) {
    case "below":
      return { x: 0, y: mark + 11 };
    case "above":
      return { x: 0, y: -mark - 5 };
    case "left":
      return { x: -mark - 5, y: 3 };
    case "right":
      return { x: mark + 5, y: 3 };
  }
}

/** The shape says the role, beside the colour that says who. */
function Shape({ role, r, ...rest }: { readonly role: Entry["role"]; readonly r: number; readonly class: string }) {
  switch (role) {
    case "lead":
      return <polygon points={polygon(6, r * 1.08)} {...rest} />;
    case "developer":
      return <rect x={-r * 0.9} y={-r * 0.9} width={r * 1.8} height={r * 1.8} rx={r * 0.28} {...rest} />;
    case "analyst":
      return <polygon points={polygon(4, r * 1.22)} {...rest} />;
    case "commander":
      return <circle r={r} {...rest} />;
    case "observer":
      return <polygon points={polygon(8, r * 1.04)} {...rest} />;
  }
}

function polygon(corners: number, r: number): string {
  const turn = corners === 8 ? Math.PI / 8 : 0;
  return Array.from({ length: corners }, (_, n) => {
    const angle = turn - Math.PI / 2 + (2 * Math.PI * n) / corners;
    return `${(Math.cos(angle) * r).toFixed(1)},${(Math.sin(angle) * r).toFixed(1)}`;
  }).join(" ");
}
