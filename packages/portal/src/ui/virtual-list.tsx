/** A list of which only what can be seen is drawn. */
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";

export interface VirtualRows {
  readonly items: readonly VirtualItem[];
  readonly height: number;
  readonly virtualizer: Virtualizer<HTMLElement, HTMLElement>;
}

export function useVirtualRows(options: {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly count: number;
  readonly estimate: number;
  /** Names a row through changes at both ends of the list. */
  readonly keyOf?: (index: number) => string | number;
}): VirtualRows {
  const [, draw] = useReducer((n: number) => n + 1, 0);
  const virtualizer = useRef<Virtualizer<HTMLElement, HTMLElement> | undefined>(undefined);
  const settings = {
    count: options.count,
    getScrollElement: () => options.scroller.current,
    estimateSize: () => options.estimate,
    ...(options.keyOf === undefined ? {} : { getItemKey: options.keyOf }),
    overscan: 12,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => draw(0),
  };
  virtualizer.current ??= new Virtualizer(settings);
  const rows = virtualizer.current;
  rows.setOptions(settings);
  useEffect(() => rows._didMount(), [rows]);
  useLayoutEffect(() => rows._willUpdate());
  return { items: rows.getVirtualItems(), height: rows.getTotalSize(), virtualizer: rows };
}
