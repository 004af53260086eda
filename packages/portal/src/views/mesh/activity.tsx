/** What an actor does now, in words. */
import type { Roster } from "../../app/app.ts";
import { hrefOf } from "../../routing/route.ts";
import { plainly } from "../../text/plain.ts";
import { ActorName } from "../../ui/actor.tsx";
import type { Tone } from "../../ui/parts.tsx";
import { Since } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";

type Entry = Roster[number];
type Activity = Entry["activity"];

const toneOf: Readonly<Record<Activity["state"], Tone>> = {
  thinking: "accent",
  working: "accent",
  waiting: "warn",
  idle: "soft",
  paused: "warn",
  away: "bad",
};

export function StateBadge({ of }: { readonly of: Activity }) {
  return (
    <span class={`badge ${toneOf[of.state]}`} data-activity={of.state}>
      <span class={`pulse ${of.state}`} aria-hidden="true" />
      {of.state}
    </span>
  );
}

/** Of those one waits for. */
const mostNamed = 3;

/** Of what, since when, for whom. */
export function ActivityLine({ of }: { readonly of: Activity }) {
  return (
    <span class="activity">
      {of.since === null ? null : (
        <span class="faint">
          {of.state === "idle" ? "since" : "for"} <Since time={of.since} suffix="" />
        </span>
      )}
      {of.title === null || of.conversation === null ? null : (
        <a href={hrefOf("conversations", of.conversation)} class="clamp-1">
          {of.duty === null ? "" : `${of.duty}: `}
          <Line of={of.title} max={90} />
        </a>
      )}
      {of.waitingFor.length === 0 ? null : (
        <span class="row-tight">
          <span class="faint">waits for</span>
          {of.waitingFor.slice(0, mostNamed).map((name) => (
            <ActorName key={name} name={name} />
          ))}
          {of.waitingFor.length > mostNamed ? (
            <span class="faint">and {of.waitingFor.length - mostNamed} more</span>
          ) : null}
        </span>
      )}
    </span>
  );
}

/** The same for a screen reader and a title. */
export function activityWords({ actor, role, activity: { state, title, waitingFor } }: Entry): string {
  const on = title === null ? "" : ` on “${plainly(title.slice(0, 80))}”`;
  const whom = waitingFor.length === 0 ? "" : `, waits for ${waitingFor.join(", ")}`;
  return `${actor}, ${role}, ${state}${on}${whom}`;
}
