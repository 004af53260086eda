import type { NodeLoops } from "@federation/runtime";

/**
 * The loops of this impl, which come and go: another impl of the same daemon may have them.
 *
 * 1. Each activation starts loops anew, under a signal of its own; `deactivate` resolves when all of them have ended,
 *    so that of two impls never both act.
 * 2. A turn under way is left, not finished: its generation goes on in the model's process, and the next owner's turn
 *    joins it by its request id.
 */
export interface LoopKeeper {
  /** Undefined while another impl has the loops. */
  readonly loops: NodeLoops | undefined;
  activate(options: { readonly reopen: boolean }): Promise<void>;
  deactivate(): Promise<void>;
}

export interface LoopKeeperOptions {
  readonly start: (signal: AbortSignal) => NodeLoops;
  /** Takes a new epoch, which fences every other impl of this daemon. */
  readonly reopen: () => Promise<void>;
  /** The process leaves. */
  readonly stopping: AbortSignal;
}

export function createLoopKeeper({ start, reopen, stopping }: LoopKeeperOptions): LoopKeeper {
  let running: { readonly loops: NodeLoops; readonly stop: AbortController } | undefined;
  return {
    get loops() {
      return running?.loops;
    },
    async activate(options) {
      if (options.reopen) await reopen();
      if (running !== undefined || stopping.aborted) return;
      const stop = new AbortController();
      running = { loops: start(AbortSignal.any([stop.signal, stopping])), stop };
    },
    async deactivate() {
      const ending = running;
      running = undefined;
      ending?.stop.abort();
      await ending?.loops.ended;
    },
  };
}
