/** Pure: the tables of docs/portal.md that are written by looking. */
import { control } from "@federation/core";
import { type CommandName, places } from "@federation/portal/places";
import { markdownTable } from "../../docs/written-section.ts";
import type { RoomFindings } from "../../portal/testing/axe.ts";
import type { HostileOutcome } from "./read-hostile-texts.ts";

export function placesTable(): string {
  const names = Object.keys(places).filter((it): it is CommandName => Object.hasOwn(places, it));
  return markdownTable(
    ["command", "in the palette as", "room", "at hand as"],
    names.map((name) => {
      const place = places[name];
      return [
        `\`${name}\``,
        control[name].title,
        place.view === "palette" ? "–" : place.view,
        place.view === "palette" ? `in the palette only: ${place.why}` : place.where,
      ];
    }),
  );
}

export interface ScreenFindings {
  readonly screen: string;
  readonly rooms: readonly RoomFindings[];
}

const impacts = ["critical", "serious", "moderate", "minor"] as const;

export function accessTable(findings: readonly ScreenFindings[]): string {
  const lesser = new Set<string>();
  const rows = findings.map(({ screen, rooms }) => {
    const violations = rooms.flatMap((it) => it.violations);
    for (const it of violations)
      if (it.impact === "moderate" || it.impact === "minor") lesser.add(`${it.id} (${it.help})`);
    const of = (impact: string) =>
      String(violations.filter((it) => it.impact === impact).reduce((sum, it) => sum + it.count, 0));
    return [
      screen,
      String(rooms.length),
      String(rooms.reduce((sum, it) => sum + it.passes, 0)),
      ...impacts.map(of),
      String(rooms.filter((it) => it.widerBy > 0).length),
    ];
  });
  const table = markdownTable(["screen", "rooms", "rules passed", ...impacts, "wider than the screen"], rows);
  return lesser.size === 0 ? table : `${table}\n\nLess than serious: ${[...lesser].join("; ")}.`;
}

export function hostileTable(outcomes: readonly HostileOutcome[]): string {
  return markdownTable(
    ["text", "characters", "marked as", "ran, fetched or changed", "longest task, ms"],
    outcomes.map((it) => [
      it.name,
      it.characters.toLocaleString("en"),
      marksInWords(it.marks),
      it.harm.length === 0 && it.missing.length === 0 ? "nothing" : [...it.harm, ...it.missing].join("; "),
      it.longestTaskMs === 0 ? "< 50" : String(Math.round(it.longestTaskMs)),
    ]),
  );
}

function marksInWords(marks: readonly string[]): string {
  const shown = marks.slice(0, 4).join(" ");
  return marks.length === 0 ? "–" : marks.length > 4 ? `${shown} …` : shown;
}
