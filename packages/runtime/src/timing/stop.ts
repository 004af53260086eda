import type { StopSignal } from "../ports/signal.ts";

/** What an AbortController is elsewhere: the inner rings compile without Node's and the DOM's types. */
export interface Stop {
  readonly signal: StopSignal;
  /** Aborts the signal; a second call does nothing. */
  stop(): void;
}

/** Aborts with `parent` as well, if one is given. */
export function createStop(parent?: StopSignal): Stop {
  const listeners = new Set<() => void>();
  let aborted = false;
  const stop = (): void => {
    if (aborted) return;
    aborted = true;
    parent?.removeEventListener("abort", stop);
    for (const listener of [...listeners]) listener();
    listeners.clear();
  };
  const signal: StopSignal = {
    get aborted() {
      return aborted;
    },
    // Every listener is called once at most, whatever the options say: a signal aborts once.
    addEventListener: (_type, listener) => void (aborted ? undefined : listeners.add(listener)),
    removeEventListener: (_type, listener) => void listeners.delete(listener),
  };
  if (parent?.aborted === true) stop();
  else parent?.addEventListener("abort", stop);
  return { signal, stop };
}
