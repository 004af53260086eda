/** Which events a reader wants. The node filters what it is asked for, this what it tells: both by the same rule. */
import type { EventFilter, MeshEvent } from "@federation/core";

export const noFilter: EventFilter = {};

export function fits(filter: EventFilter, event: MeshEvent): boolean {
  return (
    (filter.actor === undefined || event.actor === filter.actor) &&
    (filter.kinds === undefined || filter.kinds.includes(event.kind)) &&
    (filter.conversation === undefined || event.conversation === filter.conversation) &&
    (filter.subject === undefined || event.subject === filter.subject) &&
    (filter.text === undefined || textOf(event).includes(filter.text.toLowerCase()))
  );
}

function textOf(event: MeshEvent): string {
  return `${event.kind}\n${event.actor ?? ""}\n${event.subject ?? ""}\n${JSON.stringify(event.data)}`.toLowerCase();
}

/** As arguments of ListEvents and CountEvents. */
export function asRequest({ kinds, ...rest }: EventFilter) {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined && value !== ""));
  return { ...given, ...(kinds === undefined || kinds.length === 0 ? {} : { kinds: [...kinds] }) };
}

export function isEmpty(filter: EventFilter): boolean {
  return Object.keys(asRequest(filter)).length === 0;
}
