/**
 * What looks at the page from within while it is measured. It is sent there as its text before anything of the page runs:
 * it uses nothing from outside of itself, and changes nothing.
 *
 * 1. It looks once at the beginning of each frame, before the page does anything in it. What it finds was drawn by the frame
 *    before: a time it tells is late by up to one frame, and never early.
 * 2. A row is seen when the whole of it lies inside what scrolls it, or inside the window.
 */
export interface Awaited {
  /** There are so many of these, … */
  readonly selector: string;
  readonly count: number;
  /** … and none of these. */
  readonly without?: string;
}

export interface Taken {
  /** When each row was first seen, by its cursor, on the clock of the machine. */
  readonly seen: readonly (readonly [cursor: string, atMs: number])[];
  /** What the list held whenever that changed, in order: runs of cursors. */
  readonly runs: readonly (readonly string[])[];
  /** From one frame to the next. */
  readonly framesMs: readonly number[];
  /** Tasks of more than 50 ms, as the browser reports them. */
  readonly longTasksMs: readonly number[];
}

export interface Probe {
  /** Forgets what it saw. `rows`: what to look for; `runs`: also keep what the list held. */
  begin(options: { readonly rows?: string; readonly runs?: boolean }): void;
  take(): Taken;
  /** Since the navigation, or since the last click: until what was awaited was seen; undefined: not yet. */
  await(awaited: Awaited): void;
  awaitedMs(): number | undefined;
}

interface Area {
  readonly top: number;
  readonly bottom: number;
  readonly height: number;
}
interface Row {
  getBoundingClientRect(): Area;
  getAttribute(name: string): string | null;
  querySelector(selector: string): Row | null;
  closest(selector: string): Row | null;
}
/** Of a browser, as far as it is used here. */
declare const document: {
  querySelectorAll(selector: string): ArrayLike<Row> & Iterable<Row>;
  querySelector(selector: string): Row | null;
  addEventListener(type: "click", listener: (event: { readonly timeStamp: number }) => void, capture: boolean): void;
};
declare const innerHeight: number;
declare function requestAnimationFrame(callback: (nowMs: number) => void): void;

export function installProbe(first: Awaited | undefined): void {
  let rows: string | undefined;
  let keepRuns = false;
  let seen = new Map<string, number>();
  let runs: string[][] = [];
  let framesMs: number[] = [];
  let longTasksMs: number[] = [];
  let lastMs: number | undefined;
  let awaited = first;
  let fromMs = 0;
  let foundMs: number | undefined;

  const cursorOf = (row: Row): string | undefined => {
    const own = row.getAttribute("data-cursor");
    if (own !== null) return own;
    const href = row.querySelector("a.event-time")?.getAttribute("href");
    return href === null || href === undefined ? undefined : (/[?&]event=([^&]+)/.exec(href)?.[1] ?? undefined);
  };

  const lookForRows = (selector: string): void => {
    const found = document.querySelectorAll(selector);
    const [one] = found;
    if (one === undefined) return;
    const ground = one.closest(".event-scroller")?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
    const nowMs = Date.now();
    const run: string[] = [];
    for (const row of found) {
      const cursor = cursorOf(row);
      if (cursor === undefined) continue;
      if (keepRuns) run.push(cursor);
      if (seen.has(cursor)) continue;
      const area = row.getBoundingClientRect();
      if (area.height > 0 && area.top >= ground.top - 1 && area.bottom <= ground.bottom + 1) seen.set(cursor, nowMs);
    }
    const last = runs.at(-1);
    if (keepRuns && (last === undefined || last[0] !== run[0] || last.at(-1) !== run.at(-1))) runs.push(run);
  };

  const look = (frameMs: number): void => {
    if (lastMs !== undefined) framesMs.push(frameMs - lastMs);
    lastMs = frameMs;
    if (rows !== undefined) lookForRows(rows);
    if (awaited !== undefined) {
      const { selector, count, without } = awaited;
      const there = document.querySelectorAll(selector).length >= count;
      if (there && (without === undefined || document.querySelector(without) === null)) {
        foundMs = performance.now() - fromMs;
        awaited = undefined;
      }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);

  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasksMs.push(duration);
    // Node's types know other entries than a browser's.
  }).observe({ type: "longtask" as "function", buffered: true });
  document.addEventListener("click", ({ timeStamp }) => (fromMs = timeStamp), true);

  const probe: Probe = {
    begin(options) {
      rows = options.rows;
      keepRuns = options.runs === true;
      seen = new Map();
      runs = [];
      framesMs = [];
      longTasksMs = [];
    },
    take: () => ({ seen: [...seen], runs, framesMs, longTasksMs }),
    await(next) {
      awaited = next;
      foundMs = undefined;
    },
    awaitedMs: () => foundMs,
  };
  Object.assign(globalThis, { portalProbe: probe });
}
