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
  readonly scroll?: ScrollFigures;
  readonly smallPicture?: PictureFigures;
  readonly largePicture?: PictureFigures;
  readonly rooms?: readonly RoomFigures[];
  readonly bundle: readonly Omit<BuiltFile, "content">[];
  /** Of what missed its bar. */
  readonly profiles: Readonly<Record<string, readonly ProfileLine[]>>;
}

type Unit = "ms" | "MB" | "kB" | "";

/** What is held to a bar: `inMedian` of the runs, or `inEach` of them, where something must not happen at all. */
type Bar = { readonly inMedian: number } | { readonly inEach: number };

/** A number of each run. */
type Row<Figures> = readonly [what: string, pick: (it: Figures) => number, unit: Unit, bar?: Bar | undefined];

export interface Line {
  readonly what: string;
  readonly value: Runs;
  readonly unit: Unit;
  readonly bar: Bar | undefined;
}

/** What a room should not take longer than, when it is opened. */
const roomMs = 500;

const pixelRows = (held: boolean): readonly Row<PixelFigures>[] => [
  ["p50", (it) => it.ms.p50, "ms", held ? { inMedian: 100 } : undefined],
  ["p95", (it) => it.ms.p95, "ms", held ? { inMedian: 250 } : undefined],
  ["p99", (it) => it.ms.p99, "ms"],
  ["most", (it) => it.ms.most, "ms"],
  ["p50 of what this node did", (it) => it.own.p50, "ms"],
  ["p50 of what another did", (it) => it.others.p50, "ms"],
  ["events that were not seen", (it) => it.missing, "", { inEach: 0 }],
];

const floodRows: readonly Row<FloodFigures>[] = [
  ["longest task", (it) => it.longTasks.longestMs, "ms", { inEach: 200 }],
  ["longest task, without what it waited for a processor", (it) => it.longestOnProcessorMs, "ms"],
  ["tasks over 50 ms", (it) => it.longTasks.count, ""],
  [
    "events lost, doubled or out of order",
    (it) => Math.max(Math.abs(it.counted - it.told), Math.abs(it.counted - it.events), it.whole ? 0 : 1),
    "",
    { inEach: 0 },
  ],
  ["events behind when the last is committed", (it) => it.behind, ""],
  ["caught up after", (it) => it.caughtUpMs, "ms"],
];

const scrollRows: readonly Row<ScrollFigures>[] = [
  ["the most heap on the way", (it) => it.heap.most / 1e6, "MB", { inEach: 300 }],
  ["heap in the end", (it) => it.heap.after / 1e6, "MB", { inEach: 300 }],
  ["events missing from the list", (it) => Math.abs(it.counted - it.events), "", { inEach: 0 }],
  ["longest task", (it) => it.longTasks.longestMs, "ms"],
  ["frames dropped, of 100", ({ frames: it }) => (100 * it.dropped) / (it.count + it.dropped), ""],
  ["seconds from the end to the beginning", (it) => it.seconds, ""],
  ["seconds of these waited for older events", (it) => it.waitedMs / 1_000, ""],
];

const pictureRows: readonly Row<PictureFigures>[] = [
  ["with a ticket, p50", (it) => it.ticketMs.p50, "ms", { inMedian: 1_500 }],
  ["with a ticket, most", (it) => it.ticketMs.most, "ms"],
  ["tab loaded again, p50", (it) => it.reloadMs.p50, "ms", { inMedian: 1_500 }],
  ["tab loaded again, most", (it) => it.reloadMs.most, "ms"],
];

const bundleRows: readonly Row<Report["bundle"]>[] = [
  ["gzipped", (files) => files.reduce((sum, it) => sum + it.gzipBytes, 0) / 1_000, "kB", { inEach: 350 }],
];

export function linesOf(report: Report): readonly Line[] {
  const once = <T>(figures: T | undefined): readonly T[] => (figures === undefined ? [] : [figures]);
  return [
    ...linesFrom("event to pixel at 50 events/s, timeline open", pixelRows(true), report.timeline),
    ...linesFrom("event to pixel at 50 events/s, mesh open", pixelRows(false), report.mesh),
    ...linesFrom("1,000 events/s, timeline open", floodRows, report.flood),
    ...linesFrom("100,000 events scrolled", scrollRows, once(report.scroll)),
    ...linesFrom("first picture, 4 actors", pictureRows, once(report.smallPicture)),
    ...linesFrom("first picture, 50 actors, 100,000 events", pictureRows, once(report.largePicture)),
    ...linesFrom("bundle", bundleRows, [report.bundle]),
  ];
}

function linesFrom<T>(title: string, rows: readonly Row<T>[], runs: readonly T[] = []): readonly Line[] {
  if (runs.length === 0) return [];
  return rows.map(([what, pick, unit, bar]) => ({
    what: `${title}: ${what}`,
    value: runsOf(runs.map(pick)),
    unit,
    bar,
  }));
}

export function misses({ value, bar }: Line): boolean {
  if (bar === undefined) return false;
  // What could not be measured has not reached its bar.
  return !("inEach" in bar ? value.most <= bar.inEach : value.median <= bar.inMedian);
}

export function breachesOf(report: Report): readonly string[] {
  return linesOf(report)
    .filter(misses)
    .map((it) => `${it.what}: ${told(it)}; the bar is ${barOf(it)}`);
}

function mainTable(report: Report): string {
  const rows = linesOf(report).map((line) => [
    line.what,
    told(line),
    barOf(line),
    line.bar === undefined ? "" : misses(line) ? "**missed**" : "reached",
  ]);
  return markdownTable(["what", "measured", "bar", ""], rows);
}

function barOf({ bar, unit }: Line): string {
  if (bar === undefined) return "";
  const most = "inEach" in bar ? bar.inEach : bar.inMedian;
  return most === 0 ? "0" : `≤ ${say(most)} ${unit}`;
}

function roomTable(rooms: readonly RoomFigures[]): string {
  const rows = rooms.map((it) => [it.room, ms(it.firstMs), ms(it.ms.p50), ms(it.ms.most), ms(it.longestTaskMs)]);
  return markdownTable(["room", "first click, ms", "p50, ms", "most, ms", "longest task, ms"], rows);
}

function loadTable(report: Report): string {
  const of = ([what, it]: readonly [string, PixelFigures["load"] | undefined]): readonly (readonly string[])[] =>
    it === undefined
      ? []
      : [[what, it.page, it.browser, it.impl, it.substrate, it.postgres, it.bench, it.others].map(String)];
  const rows = (
    [
      ["50 events/s, timeline", report.timeline?.at(-1)?.load],
      ["50 events/s, mesh", report.mesh?.at(-1)?.load],
      ["1,000 events/s, timeline", report.flood?.at(-1)?.load],
      ["scrolling", report.scroll?.load],
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

function bundleTable(files: Report["bundle"]): string {
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

function profileText(lines: readonly ProfileLine[]): string {
  return lines
    .map((it) => `${(100 * it.share).toFixed(1).padStart(5)} %  ${it.ms.toFixed(0).padStart(6)} ms  ${it.what}`)
    .join("\n");
}

export function fullText(report: Report): string {
  return [
    `${report.machine} The clocks of database and page are ${(report.clocksApartMs ?? Number.NaN).toFixed(1)} ms apart. ` +
      `\`${report.command}\`: 50 events/s for ${report.seconds.pixels} s, 1,000 events/s for ${report.seconds.flood} s; ` +
      "of several runs: least / median / most.",
    mainTable(report),
    ...(report.rooms === undefined
      ? []
      : [
          `From the click on a room until its content is there, with 50 actors and 100,000 events; ${roomMs} ms is the aim:`,
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
  const { least, median, most } = value;
  const numbers = least === most ? say(median) : `${say(least)} / ${say(median)} / ${say(most)}`;
  return `${numbers} ${unit}`.trim();
}

const say = (it: number): string =>
  it >= 10 || Number.isInteger(it) ? Math.round(it).toLocaleString("en") : it.toFixed(1);
const ms = (value: number): string => Math.round(value).toLocaleString("en");
