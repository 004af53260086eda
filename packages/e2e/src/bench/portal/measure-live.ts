/** Events while they happen: how soon each is seen, and whether all of them come when there are very many. */
import { setTimeout as sleep } from "node:timers/promises";
import type { MeshEvent } from "@federation/core";
import { until } from "../../mesh/mesh-fixture.ts";
import type { BenchMesh } from "./bench-mesh.ts";
import type { BenchPage } from "./bench-page.ts";
import { type Frames, framesOf, isWhole, longestOf, type Spread, seenTimes, spreadOf } from "./figures.ts";
import { putLoad } from "./load.ts";
import { type Load, loadDuring } from "./processes.ts";
import { longestOnProcessor } from "./task-times.ts";

const settleMs = 2_000;
const catchUpMs = 120_000;

export interface PixelFigures {
  /** From an event's `at` until it was seen. */
  readonly ms: Spread;
  /** Of those that the commander's node did itself, and of the other node's. */
  readonly own: Spread;
  readonly others: Spread;
  /** Never in view, since later ones came at once. */
  readonly passedBy: number;
  readonly missing: number;
  readonly longTasks: { readonly count: number; readonly longestMs: number };
  readonly frames: Frames;
  readonly load: Load;
}

export const rooms = {
  timeline: { hash: "#/timeline", rows: ".event-row" },
  mesh: { hash: "#/mesh", rows: ".mesh-side .event-brief" },
} as const;

export async function measurePixels(
  mesh: BenchMesh,
  page: BenchPage,
  options: { readonly room: keyof typeof rooms; readonly seconds: number; readonly perSecond: number },
): Promise<PixelFigures> {
  const { hash, rows } = rooms[options.room];
  await page.portal.go(hash);
  await page.portal.page.locator(rows).first().waitFor();
  await sleep(settleMs);
  const from = await endOf(mesh);
  await page.begin({ rows });
  const load = await loadDuring(() => putLoad(mesh, { seconds: options.seconds, messages: options.perSecond }));
  await sleep(settleMs);
  const { seen, longTasksMs, framesMs } = await page.take();
  const events = (await eventsAfter(mesh, from)).filter((it) => it.kind === "MessageSent");
  const { ms, passedBy, missing } = seenTimes(events, new Map(seen));
  const of = (own: boolean): Spread =>
    spreadOf(ms.filter((_, index) => (events[index]?.actor === "commander") === own));
  return {
    ms: spreadOf(ms),
    own: of(true),
    others: of(false),
    passedBy,
    missing,
    longTasks: { count: longTasksMs.length, longestMs: longestOf(longTasksMs) },
    frames: framesOf(framesMs),
    load,
  };
}

export interface FloodFigures {
  readonly events: number;
  /** The page's own count, and the rows of the log between the same ends. */
  readonly told: number;
  readonly counted: number;
  /** All of them stand in the list, once and in order. */
  readonly whole: boolean;
  /** How many events the page was behind when the last one was committed, and how long it took for these. */
  readonly behind: number;
  readonly caughtUpMs: number;
  readonly longTasks: { readonly count: number; readonly longestMs: number };
  /** Of the longest task, without what it waited for its turn. */
  readonly longestOnProcessorMs: number;
  readonly frames: Frames;
  readonly load: Load;
}

export async function measureFlood(
  mesh: BenchMesh,
  page: BenchPage,
  options: { readonly seconds: number; readonly messages: number; readonly rows: number },
): Promise<FloodFigures> {
  const { portal } = page;
  await portal.go(rooms.timeline.hash);
  await portal.page.locator(rooms.timeline.rows).first().waitFor();
  await sleep(settleMs);
  const from = await endOf(mesh);
  const before = await page.told();
  await page.begin({});
  const count = async (): Promise<number> => (await mesh.client.call("CountEvents", { after: from })).count;
  const expected = options.seconds * (options.messages + options.rows);
  const { longestMs, result } = await longestOnProcessor(portal.page, async () => {
    const load = await loadDuring(() => putLoad(mesh, options));
    const endedMs = performance.now();
    const toldAtEnd = (await page.told()) - before;
    await until(
      "the page has caught up",
      async () => {
        const counted = await count();
        return counted >= expected && (await page.told()) - before >= counted;
      },
      catchUpMs,
    );
    return { load, toldAtEnd, caughtUpMs: performance.now() - endedMs };
  });
  const { longTasksMs, framesMs } = await page.take();
  const log = (await eventsAfter(mesh, from)).map((it) => it.cursor);
  const counted = await count();
  return {
    events: log.length,
    told: (await page.told()) - before,
    counted,
    whole: isWhole(log, await walkBackTo(page, log[0] ?? "")),
    behind: counted - result.toldAtEnd,
    caughtUpMs: result.caughtUpMs,
    longTasks: { count: longTasksMs.length, longestMs: longestOf(longTasksMs) },
    longestOnProcessorMs: longestMs,
    frames: framesOf(framesMs),
    load: result.load,
  };
}

/**
 * How far the database's clock and the page's are apart at the most: one machine has one clock, and a page rounds it. Of
 * many answers the one that came soonest says it best.
 */
export async function clocksApart(mesh: BenchMesh, page: BenchPage): Promise<number> {
  const tell = async (ask: () => Promise<number>): Promise<number> => {
    let best = { tookMs: Number.POSITIVE_INFINITY, aheadMs: 0 };
    for (let i = 0; i < 50; i++) {
      const askedMs = performance.timeOrigin + performance.now();
      const toldMs = await ask();
      const answeredMs = performance.timeOrigin + performance.now();
      const tookMs = answeredMs - askedMs;
      if (tookMs < best.tookMs) best = { tookMs, aheadMs: toldMs - (askedMs + answeredMs) / 2 };
    }
    return best.aheadMs;
  };
  const ofDatabase = await tell(async () => {
    const [row] = await mesh.node.owner<{ ms: number }>(
      "select extract(epoch from clock_timestamp())::float8 * 1000 as ms",
    );
    return row?.ms ?? Number.NaN;
  });
  const ofPage = await tell(() => page.portal.page.evaluate(() => Date.now()));
  return Math.abs(ofDatabase - ofPage);
}

/** A cursor at the end of the log, when nothing is being committed. */
async function endOf({ client }: BenchMesh): Promise<string> {
  const { cursor } = await client.call("ListEvents", { after: "end", limit: 1 });
  if (cursor === null) throw new Error("the log did not say where it ends");
  return cursor;
}

async function eventsAfter({ client }: BenchMesh, from: string): Promise<readonly MeshEvent[]> {
  const found: MeshEvent[] = [];
  for (let after = from; ; ) {
    const { events, cursor } = await client.call("ListEvents", { after, limit: 500 });
    if (events.length === 0) return found;
    found.push(...events);
    after = cursor ?? after;
  }
}

interface Scroller {
  scrollTop: number;
  querySelector(selector: string): unknown;
}
declare const document: { querySelector(selector: string): Scroller | null };
declare function requestAnimationFrame(callback: () => void): void;

/** Scrolls the list back to an event, so that no row is passed over; what it held on the way. */
async function walkBackTo(page: BenchPage, cursor: string): Promise<readonly (readonly string[])[]> {
  await page.begin({ rows: rooms.timeline.rows, runs: true });
  await page.portal.page.evaluate(
    async ({ row, stepPx }) => {
      const scroller = document.querySelector(".event-scroller");
      if (scroller === null) return;
      const looked = async (): Promise<void> => {
        for (let frames = 0; frames < 2; frames++) await new Promise<void>((resolve) => requestAnimationFrame(resolve));
      };
      await looked();
      while (document.querySelector(row) === null && scroller.scrollTop > 0) {
        scroller.scrollTop -= stepPx;
        await looked();
      }
      await looked();
    },
    { row: `[data-cursor="${cursor}"]`, stepPx: 600 },
  );
  return (await page.take()).runs;
}
