/**
 * What the runtime counts. Monotonic since the impl started; the daemon exposes them under these names, beside the
 * gauges it reads from the store (`outbox_depth`, `due`, `dead`) and the counters of its links.
 */
export function createCounters() {
  return {
    /** Messages committed by a call or a turn of this node. */
    accepted: 0,
    /** Outbox rows published and receipted by this node's relay. */
    published: 0,
    /** Publish transactions that were not receipted, whatever the reason. */
    publish_unconfirmed: 0,
    /** Times the relay stopped publishing because three transactions in a row were not receipted. */
    publish_circuit_opened: 0,
    /** Deliveries marked received by this node, however it learnt of them. */
    delivered: 0,
    /** Frames that brought nothing new: already received, or naming what the database does not know. */
    duplicate_frames: 0,
    redelivered: 0,
    /** Frames that are no wake-up of a version we know; acknowledged and dropped. */
    bad_frames: 0,
    /** Frames dropped because more came than could be marked; a poll finds what they named. */
    overflown_frames: 0,
    /** Frames acknowledged after their connection had gone. */
    stale_acks: 0,
    broadcast_hints: 0,
    /** Deliveries found by the poll whose frame never came: the broker lost it. */
    poll_rescues: 0,
    /** Deliveries found by the poll whose frame came afterwards. */
    late_frames: 0,
    stale_fence_rejects: 0,
    /** Claims this node dropped because it could not renew them in time. */
    lease_lost: 0,
    moves_made: 0,
    /** Moves that another node had made first. */
    moves_lost: 0,
    presence_missed: 0,
    calls: 0,
    call_errors: 0,
    verdicts_allowed: 0,
    verdicts_refused: 0,
    /** Refusals that were answered but not recorded: the actor was refused more often than is written down. */
    verdicts_dropped: 0,
  };
}

export type Counters = ReturnType<typeof createCounters>;
export type CounterName = keyof Counters;
