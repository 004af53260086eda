/** What a run measured, which bars it is held to, and how it is told. Pure. */
import { markdownTable } from "../../docs/written-section.ts";
import type { BuiltFile } from "../../portal/testing/built-page.ts";
import { type Runs, runsOf } from "./figures.ts";
import type { FloodFigures, PixelFigures } from "./measure-live.ts";
import type { ScrollFigures } from "./measure-scroll.ts";
import type { PictureFigures, RoomFigures } from "./measure-visits.ts";
import type { ProfileLine } from "./profile.ts";

/** Parts that were not asked for are not there. */
export interface Report {
  readonly machine: string;
  readonly command: string;
  /** The database's clock and the page's. */
  readonly clocksApartMs?: number;
  readonly seconds: { readonly pixels: number; readonly flood: number };
  readonly timeline?: readonly PixelFigures[];
  readonly mesh?: readonly PixelFigures[];
  readonly flood?: readonly FloodFigures[];
  readonly scroll?: readonly ScrollFigures[];
  readonly smallPicture?: PictureFigures;
  readonly largePicture?: PictureFigures;
  readonly rooms?: readonly RoomFigures[];
  readonly bundle: readonly Omit<BuiltFile, "content">[];
  /** Of what missed its bar. */
  readonly profiles: Readonly<Record<string, readonly ProfileLine[]>>;
}

export interface Line {
  readonly what: string;
  /** Of the runs, least, median and most. */
  readonly value: Runs;
  readonly unit: "ms" | "MB" | "kB" | "";
  readonly most?: number;
}

export const bars = {
  pixelP50Ms: 100,
  pixelP95Ms: 250,
  floodLongestTaskMs: 200,
  heapMb: 300,
  pictureMs: 1_500,
  bundleKb: 350,
  roomMs: 500,
} as const;

/** What is held to a bar, and what belongs beside it. The median of the runs is held; what must not happen, in each. */
export function linesOf(report: Report): readonly Line[] {
  const lines: Line[] = [];
  const add = (what: string, values: readonly number[], unit: Line["unit"], most?: number): void => {
    if (values.length > 0) lines.push({ what, value: runsOf(values), unit, ...(most === undefined ? {} : { most }) });
  };
  for (const [room, runs] of [
    ["timeline", report.timeline ?? []],
    ["mesh", report.mesh ?? []],
  ] as const) {
    const what = `event to pixel, ${room} open, 50 events/s`;
    const held = room === "timeline";
    const of = (pick: (it: PixelFigures) => number): readonly number[] => runs.map(pick);
    add(
      `${what}: p50`,
      of((it) => it.ms.p50),
      "ms",
      held ? bars.pixelP50Ms : undefined,
    );
    add(
      `${what}: p95`,
      of((it) => it.ms.p95),
      "ms",
      held ? bars.pixelP95Ms : undefined,
    );
    add(
      `${what}: p99`,
      of((it) => it.ms.p99),
      "ms",
    );
    add(
      `${what}: most`,
      of((it) => it.ms.most),
      "ms",
    );
    add(
      `${what}: p50 of what this node did`,
      of((it) => it.own.p50),
      "ms",
    );
    add(
      `${what}: p50 of what another did`,
      of((it) => it.others.p50),
      "ms",
    );
    add(
      `${what}: events that were not seen`,
      of((it) => it.missing),
      "",
      0,
    );
  }
  const flood = report.flood ?? [];
  const scroll = report.scroll ?? [];
  const mb = (bytes: number): number => bytes / 1e6;
  add(
    "1,000 events/s: longest task",
    flood.map((it) => it.longTasks.longestMs),
    "ms",
    bars.floodLongestTaskMs,
  );
  add(
    "1,000 events/s: tasks over 50 ms",
    flood.map((it) => it.longTasks.count),
    "",
  );
  add("1,000 events/s: events lost, doubled or out of order", flood.map(lost), "", 0);
  add(
    "1,000 events/s: events behind when the last is committed",
    flood.map((it) => it.behind),
    "",
  );
  add(
    "1,000 events/s: caught up after",
    flood.map((it) => it.caughtUpMs),
    "ms",
  );
  add(
    "1,000 events/s: frames dropped, of 1,000",
    flood.map(({ frames: it }) => (1_000 * it.dropped) / (it.count + it.dropped)),
    "",
  );
  add(
    "100,000 events scrolled: the most heap on the way",
    scroll.map((it) => mb(it.heap.most)),
    "MB",
    bars.heapMb,
  );
  add(
    "100,000 events scrolled: heap in the end",
    scroll.map((it) => mb(it.heap.after)),
    "MB",
    bars.heapMb,
  );
  add(
    "100,000 events scrolled: events missing from the list",
    scroll.map((it) => it.counted - it.events),
    "",
    0,
  );
  add(
    "100,000 events scrolled: longest task",
    scroll.map((it) => it.longTasks.longestMs),
    "ms",
  );
  add(
    "100,000 events scrolled: frames dropped, of 1,000",
    scroll.map(({ frames: it }) => (1_000 * it.dropped) / (it.count + it.dropped)),
    "",
  );
  add(
    "100,000 events scrolled: waited for older ones",
    scroll.map((it) => it.waitedMs),
    "ms",
  );
  for (const [size, picture] of [
    ["4 actors", report.smallPicture],
    ["50 actors, 100,000 events", report.largePicture],
  ] as const) {
    if (picture === undefined) continue;
    for (const [way, ms] of [
      ["with a ticket", picture.ticketMs],
      ["tab loaded again", picture.reloadMs],
    ] as const) {
      add(`first picture, ${size}, ${way}: p50`, [ms.p50], "ms", bars.pictureMs);
      add(`first picture, ${size}, ${way}: most of ${ms.count}`, [ms.most], "ms");
    }
  }
  add("bundle, gzipped", [report.bundle.reduce((sum, it) => sum + it.gzipBytes, 0) / 1_000], "kB", bars.bundleKb);
  return lines;
}

function lost({ told, counted, events, whole }: FloodFigures): number {
  return Math.max(Math.abs(counted - told), Math.abs(counted - events), whole ? 0 : 1);
}

const never: readonly string[] = [
  "events that were not seen",
  "events lost, doubled or out of order",
  "events missing from the list",
];

export function misses({ what, value, most }: Line): boolean {
  if (most === undefined) return false;
  return (never.some((it) => what.endsWith(it)) ? value.most : value.median) > most;
}

export function breachesOf(report: Report): readonly string[] {
  const lines = linesOf(report).filter(misses);
  return lines.map((it) => `${it.what}: ${told(it)}, and at most ${it.most} is the bar`);
}

export function mainTable(report: Report): string {
  const rows = linesOf(report).map((line) => [
    line.what,
    told(line),
    line.most === undefined ? "" : `${line.most === 0 ? "" : "≤ "}${line.most} ${line.unit}`.trim(),
    line.most === undefined ? "" : misses(line) ? "**missed**" : "reached",
  ]);
  return markdownTable(["what", "measured", "bar", ""], rows);
}

export function roomTable(rooms: readonly RoomFigures[]): string {
  const rows = rooms.map((it) => [it.room, ms(it.firstMs), ms(it.ms.p50), ms(it.ms.most), ms(it.longestTaskMs)]);
  return markdownTable(["room", "first click, ms", "p50, ms", "most, ms", "longest task, ms"], rows);
}

export function loadTable(report: Report): string {
  const of = ([what, it]: readonly [string, PixelFigures["load"] | undefined]): readonly (readonly string[])[] =>
    it === undefined
      ? []
      : [[what, it.page, it.browser, it.impl, it.substrate, it.postgres, it.bench, it.others].map(String)];
  const rows = (
    [
      ["50 events/s, timeline", report.timeline?.at(-1)?.load],
      ["50 events/s, mesh", report.mesh?.at(-1)?.load],
      ["1,000 events/s, timeline", report.flood?.at(-1)?.load],
      ["scrolling", report.scroll?.at(-1)?.load],
    ] as const
  ).flatMap(of);
  const heads = [
    "processors, % of one",
    "page",
    "rest of the browser",
    "impl",
    "substrate",
    "PostgreSQL",
    "bench, broker",
    "other programs",
  ];
  return markdownTable(heads, rows);
}

export function bundleTable(files: Report["bundle"]): string {
  const kb = (bytes: number): string => (bytes / 1_000).toFixed(1);
  const total = (pick: (it: Report["bundle"][number]) => number): string =>
    kb(files.reduce((sum, it) => sum + pick(it), 0));
  return markdownTable(
    ["file", "kB", "gzip -9, kB"],
    [
      ...files.map((it) => [it.name, kb(it.bytes), kb(it.gzipBytes)]),
      ["all", total((it) => it.bytes), total((it) => it.gzipBytes)],
    ],
  );
}

export function profileText(lines: readonly ProfileLine[]): string {
  return lines
    .map((it) => `${(100 * it.share).toFixed(1).padStart(5)} %  ${it.ms.toFixed(0).padStart(6)} ms  ${it.what}`)
    .join("\n");
}

export function fullText(report: Report): string {
  return [
    `${report.machine} The clocks of database and page are ${(report.clocksApartMs ?? Number.NaN).toFixed(1)} ms apart. ` +
      `\`${report.command}\`; where there is more than one run: least / median / most.`,
    mainTable(report),
    ...(report.rooms === undefined
      ? []
      : [
          `From the click on a room until its content is there, with 50 actors and 100,000 events; ${bars.roomMs} ms is the aim:`,
          roomTable(report.rooms),
        ]),
    loadTable(report),
    bundleTable(report.bundle),
    ...Object.entries(report.profiles).map(
      ([what, lines]) => `The profile of ${what}:\n\n\`\`\`\n${profileText(lines)}\n\`\`\``,
    ),
  ].join("\n\n");
}

function told({ value, unit }: Line): string {
  const say = (it: number): string =>
    it >= 10 || Number.isInteger(it) ? Math.round(it).toLocaleString("en") : it.toFixed(1);
  const { least, median, most } = value;
  const numbers = least === most ? say(median) : `${say(least)} / ${say(median)} / ${say(most)}`;
  return `${numbers} ${unit}`.trim();
}

const ms = (value: number): string => Math.round(value).toLocaleString("en");
