/**
 * When something is asked again: one question at a time, with a rest after each.
 *
 * 1. Asked for while an answer is under way, it is asked once more after it: that answer may be from before.
 * 2. However often it is asked for, there is a rest from one question to the next.
 */
export interface Asking {
  /** Asks soon. */
  refresh(): void;
  /** What rests is not asked any more, nor is anything that is asked for from now on. */
  stop(): void;
}

export interface AskingOptions {
  /** Deals with its own errors. */
  readonly ask: () => Promise<void>;
  /** From one question to the next, in milliseconds, when the last answer took so long. */
  readonly restAfter: (tookMs: number) => number;
  /** Whether what was asked for meanwhile is still of interest when the answer is there; without it, always. */
  readonly wanted?: () => boolean;
}

export function createAsking({ ask, restAfter, wanted = () => true }: AskingOptions): Asking {
  let running = false;
  let again = false;
  let stopped = false;
  let askedMs = Number.NEGATIVE_INFINITY;
  let tookMs = 0;
  let rest: ReturnType<typeof setTimeout> | undefined;

  function refresh(): void {
    if (stopped) return;
    if (running || rest !== undefined) {
      again ||= running;
      return;
    }
    rest = setTimeout(
      () => {
        rest = undefined;
        void askOnce();
      },
      Math.max(0, askedMs + restAfter(tookMs) - performance.now()),
    );
  }

  async function askOnce(): Promise<void> {
    running = true;
    again = false;
    askedMs = performance.now();
    try {
      await ask();
    } finally {
      running = false;
      tookMs = performance.now() - askedMs;
      if (again && wanted()) refresh();
    }
  }

  return {
    refresh,
    stop() {
      stopped = true;
      clearTimeout(rest);
      rest = undefined;
    },
  };
}
