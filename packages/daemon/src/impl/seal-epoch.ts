import { MeshError } from "@federation/core";
import type { Clock, Log, Store } from "@federation/runtime/ports";

/** Refuses the predecessor's writes from now on; a database that is away is asked again until the process leaves. */
export async function sealEpoch(
  store: Pick<Store, "sealEpoch">,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await store.sealEpoch();
      return;
    } catch (thrown) {
      const error = MeshError.from(thrown);
      if (error.code !== "unavailable") throw error;
      log.warn({ attempt, error: error.message }, "the epoch could not be sealed yet; it is tried again");
      await clock.sleep(Math.min(2_000, 50 * 2 ** attempt), signal);
    }
  }
}
