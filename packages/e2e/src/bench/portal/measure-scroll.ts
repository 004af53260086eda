/** The whole log scrolled through by keyboard, from its end to its beginning, as fast as a key repeats. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchMesh } from "./bench-mesh.ts";
import type { BenchPage } from "./bench-page.ts";
import { type Frames, framesOf, longestOf } from "./figures.ts";
import { type Load, loadDuring } from "./processes.ts";

export interface ScrollFigures {
  /** In the list at the end, and in the log. */
  readonly events: number;
  readonly counted: number;
  readonly seconds: number;
  /** How long the reader stood at the beginning of what was loaded, waiting for more. */
  readonly waitedMs: number;
  readonly longTasks: { readonly count: number; readonly longestMs: number };
  readonly frames: Frames;
  /** JavaScript's heap: before, the most on the way with what was garbage by then, and in the end without garbage. */
  readonly heap: { readonly before: number; readonly most: number; readonly after: number };
  readonly load: Load;
}

const keyMs = 33;
const sampleMs = 500;
const rowHeight = 30;
const deadlineMs = 600_000;

interface Element {
  readonly scrollTop: number;
  readonly offsetHeight: number;
  readonly textContent: string | null;
}
declare const document: { querySelector(selector: string): Element | null };

export async function measureScroll(mesh: BenchMesh, page: BenchPage): Promise<ScrollFigures> {
  const { page: tab } = page.portal;
  await page.portal.go("#/timeline");
  await tab.locator(".event-row").first().waitFor();
  await sleep(2_000);
  const before = await page.heapBytes(true);
  let most = before;
  let waitedMs = 0;
  const look = () =>
    tab.evaluate(() => ({
      top: document.querySelector(".event-scroller")?.scrollTop ?? 0,
      height: document.querySelector(".virtual-box")?.offsetHeight ?? 0,
      begins: document.querySelector(".event-beginning")?.textContent?.includes("begins here") === true,
    }));
  await tab.locator(".event-scroller").focus();
  await page.begin({});
  const startedMs = performance.now();
  let there = await look();
  const load = await loadDuring(async () => {
    let lookedMs = startedMs;
    for (let keys = 0; performance.now() - startedMs < deadlineMs; keys++) {
      const waitMs = startedMs + keys * keyMs - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      await tab.keyboard.down("PageUp");
      const nowMs = performance.now();
      if (nowMs - lookedMs < sampleMs) continue;
      there = await look();
      if (there.top < rowHeight) {
        if (there.begins) return;
        waitedMs += nowMs - lookedMs;
      }
      lookedMs = nowMs;
      most = Math.max(most, await page.heapBytes(false));
    }
    throw new Error(`the beginning of the log was not reached within ${deadlineMs} ms`);
  });
  await tab.keyboard.up("PageUp");
  const seconds = (performance.now() - startedMs) / 1_000;
  const { longTasksMs, framesMs } = await page.take();
  const { count } = await mesh.client.call("CountEvents", {});
  return {
    events: Math.round(there.height / rowHeight),
    counted: count,
    seconds,
    waitedMs,
    longTasks: { count: longTasksMs.length, longestMs: longestOf(longTasksMs) },
    frames: framesOf(framesMs),
    heap: { before, most, after: await page.heapBytes(true) },
    load,
  };
}
