/**
 * Who decodes on which sequence.
 *
 * 1. A slot is held by one request at a time; an actor gets its own slot back whenever it is free, so that the prefix
 *    it evaluated last time is still there.
 * 2. Otherwise a slot nobody owns, otherwise the one unused for longest. Nobody free: first come, first served.
 */
export interface SlotPool<T> {
  /** Waits for a slot; rejects with the signal's reason when it aborts first. */
  acquire(actor: string, signal: AbortSignal): Promise<Lease<T>>;
  readonly waiting: number;
}

export interface Lease<T> {
  readonly value: T;
  release(): void;
}

interface Slot<T> {
  readonly value: T;
  owner: string | undefined;
  busy: boolean;
  lastUsed: number;
}

export function createSlotPool<T>(values: readonly T[]): SlotPool<T> {
  const slots: Slot<T>[] = values.map((value) => ({ value, owner: undefined, busy: false, lastUsed: 0 }));
  const queue: { readonly actor: string; readonly grant: (slot: Slot<T>) => void }[] = [];
  let uses = 0;

  const best = (actor: string): Slot<T> | undefined => {
    const free = slots.filter((slot) => !slot.busy);
    return (
      free.find((slot) => slot.owner === actor) ??
      free.find((slot) => slot.owner === undefined) ??
      free.toSorted((a, b) => a.lastUsed - b.lastUsed)[0]
    );
  };

  const take = (slot: Slot<T>, actor: string): Lease<T> => {
    uses += 1;
    slot.busy = true;
    slot.owner = actor;
    slot.lastUsed = uses;
    let held = true;
    return {
      value: slot.value,
      release: () => {
        if (!held) return;
        held = false;
        slot.busy = false;
        queue.shift()?.grant(slot);
      },
    };
  };

  return {
    get waiting() {
      return queue.length;
    },
    acquire: (actor, signal) => {
      if (signal.aborted) return Promise.reject(signal.reason);
      const free = queue.length === 0 ? best(actor) : undefined;
      if (free !== undefined) return Promise.resolve(take(free, actor));
      return new Promise((resolve, reject) => {
        const entry = {
          actor,
          grant: (slot: Slot<T>) => {
            signal.removeEventListener("abort", onAbort);
            resolve(take(slot, actor));
          },
        };
        const onAbort = (): void => {
          queue.splice(queue.indexOf(entry), 1);
          reject(signal.reason);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        queue.push(entry);
      });
    },
  };
}
