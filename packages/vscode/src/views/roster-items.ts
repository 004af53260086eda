/** Who takes part, whether they are there, and what they do now. */
import { hrefOf } from "@federation/portal/route";
import { oneLine } from "../text/one-line.ts";
import { spanText } from "../text/times.ts";
import { colours, type Item, type RosterEntry } from "./item.ts";

const icons: Readonly<Record<RosterEntry["activity"]["state"], readonly [icon: string, colour: string | undefined]>> = {
  thinking: ["sparkle", colours.busy],
  working: ["tools", colours.busy],
  waiting: ["watch", colours.warn],
  idle: ["circle-filled", colours.good],
  paused: ["debug-pause", colours.warn],
  away: ["circle-outline", colours.quiet],
};

export function rosterItems(actors: readonly RosterEntry[], me: string, nowMs: number = Date.now()): readonly Item[] {
  return actors.map((actor) => {
    const { state, title, waitingFor, since, duty } = actor.activity;
    const [icon, colour] = icons[state];
    const on = title === null ? "" : ` on “${oneLine(title, 60)}”`;
    const whom = waitingFor.length === 0 ? "" : ` for ${waitingFor.join(", ")}`;
    const host = actor.host === null ? "" : ` through ${actor.host}`;
    return {
      id: `actor ${actor.actor}`,
      label: actor.actor,
      description: [
        actor.role,
        `${state}${state === "waiting" ? whom : ""}${host}`,
        ...(actor.actor === me ? ["you"] : []),
      ].join(" · "),
      tooltip: [
        `${actor.actor}: ${actor.kind}, ${actor.role}, ${actor.online ? "online" : "away"}${host}`,
        `${duty === null ? state : `${state}, ${duty}`}${on}${whom}${since === null ? "" : `, for ${spanText(nowMs - Date.parse(since))}`}`,
        ...(actor.paused ? [`Paused: ${oneLine(actor.pauseReason ?? "")}`] : []),
        ...(actor.model === null ? [] : [`Model: ${oneLine(actor.model)}`]),
        `Waiting deliveries: ${actor.due}${actor.dead > 0 ? `; given up: ${actor.dead}` : ""}`,
        `Tokens: ${actor.tokensIn} read, ${actor.tokensOut} written`,
      ],
      icon,
      colour: actor.online || state === "paused" ? colour : colours.quiet,
      context: ["actor", actor.kind, actor.paused ? "paused" : "running", actor.actor === me ? "me" : "other"].join(
        " ",
      ),
      route: hrefOf("actors", actor.actor),
      subject: { kind: "actor", actor },
      children: "none",
    };
  });
}
