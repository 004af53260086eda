import type { MissionView } from "@federation/core";

/** More members than a prompt can hold are counted, not named. */
const MAX_NAMED = 12;

/** Who is in the mission, in one line, with a mark on the one who reads it. */
export function teamLine(view: Pick<MissionView, "members">, reader: string): string {
  const members = view.members.filter((m) => m.kind !== "system");
  const self = members.findIndex((m) => m.actor === reader);
  // The reader is named whatever the size of the team; otherwise the order is the same for every reader.
  const shown = members.filter((_, i) => i < MAX_NAMED - 1 || i === self || members.length <= MAX_NAMED);
  const names = shown.map((m) => `${m.actor} (${m.role}${m.actor === reader ? ", you" : ""})`).join(", ");
  const more = members.length - shown.length;
  return `Team: ${names}${more > 0 ? ` and ${more} more` : ""}.`;
}
