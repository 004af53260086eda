/**
 * A list of rows of one height, of which only what can be seen is drawn, and a little around it.
 *
 * 1. Which rows those are is told by numbers, and costs the same for ten rows and for a million.
 * 2. A row is known by its number, counted from where the list began when it was opened: what is put before the first or
 *    taken away there moves nobody's place.
 * 3. Rows that are gone lend what they were drawn with to those that come: very many at once cost no more than a few.
 * 4. Whoever follows is shown the last rows, before the browser has scrolled to them.
 */
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** Rows that are drawn above and below: what a scroll shows before it was heard of. */
const around = 12;
/** Before it is known how high the list is. */
const usualHeight = 900;

export interface RowPlace {
  readonly count: number;
  readonly rowHeight: number;
  /** Of the list on the screen. */
  readonly height: number;
  /** Index of the first row in view; `last`: the last rows are. */
  readonly top: number | "last";
}

/** The rows to draw, as a range of indices. */
export function rowsInView({ count, rowHeight, height, top }: RowPlace): {
  readonly first: number;
  readonly end: number;
} {
  const inView = Math.ceil(height / rowHeight) + 1;
  const from = Math.max(0, Math.min(top === "last" ? count : top, count - inView));
  return { first: Math.max(0, from - around), end: Math.min(count, from + inView + around) };
}

/** Of as many keys as rows can be drawn, one for each, which it keeps for as long as it is drawn. */
export function rowKey({ rowHeight, height }: Pick<RowPlace, "rowHeight" | "height">, number: number): number {
  const keys = rowsAtOnce(rowHeight, height);
  return ((number % keys) + keys) % keys;
}

const rowsAtOnce = (rowHeight: number, height: number): number => Math.ceil(height / rowHeight) + 1 + 2 * around;

export interface VirtualRows {
  readonly first: number;
  readonly end: number;
  /** Of the row at an index. */
  readonly keyOf: (index: number) => number;
  /** To be called when the list was scrolled. */
  readonly scrolled: () => void;
}

export function useVirtualRows(options: {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly count: number;
  /** How many rows were put before the first since the list was opened. */
  readonly prepended: number;
  readonly rowHeight: number;
  readonly following: boolean;
}): VirtualRows {
  const { scroller, count, prepended, rowHeight, following } = options;
  const [height, setHeight] = useState(usualHeight);
  /** Number of the first row in view. */
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller]);
  return {
    ...rowsInView({ count, rowHeight, height, top: following ? "last" : top + prepended }),
    keyOf: (index) => rowKey({ rowHeight, height }, index - prepended),
    scrolled: () => setTop(Math.floor((scroller.current?.scrollTop ?? 0) / rowHeight) - prepended),
  };
}
