import type { StopSignal, TokenUse } from "../ports/index.ts";

/** Tokens of one turn so far. */
export interface Spent {
  input: number;
  output: number;
}

export function spend(spent: Spent, use: TokenUse): void {
  spent.input += use.input;
  spent.output += use.output;
}

/**
 * What `promise` resolves to, or `stopped` when the signal aborts first. The work behind it is left running: a turn's
 * generation goes on in the worker, and the next impl joins it under the same request id.
 */
export function orStopped<T>(promise: Promise<T>, signal: StopSignal): Promise<T | "stopped"> {
  if (signal.aborted) {
    promise.catch(() => undefined);
    return Promise.resolve("stopped");
  }
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve("stopped");
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
