import type { MeshError } from "@federation/core";
import { type Inbox, startInbox } from "./delivery/inbox.ts";
import { type Relay, startRelay } from "./delivery/relay.ts";
import type { Counters } from "./metrics/counters.ts";
import type { Durations } from "./metrics/durations.ts";
import type { BrokerLink, Clock, Log, Me, Random, StopSignal, Store } from "./ports/index.ts";
import { startPresence } from "./presence/presence.ts";
import { createMover, type Mover } from "./reconciler/mover.ts";
import { startReconciler } from "./reconciler/reconciler.ts";
import type { News } from "./timing/news.ts";
import { startClaimKeeper } from "./work-loop/claim-keeper.ts";
import type { TurnRunner } from "./work-loop/turn-runner.ts";
import { startWorkLoop, type WorkLoop } from "./work-loop/work-loop.ts";

/**
 * All loops of one node, started together and ended together: they have one owner at a time, and an impl that hands
 * over awaits `ended` before the next one starts its own.
 */
export interface NodeLoopsOptions {
  readonly store: Store;
  readonly me: Pick<Me, "actor">;
  readonly publish: BrokerLink;
  readonly consume: BrokerLink;
  /** The destination of an actor's queue, or of the broadcast topic for null. */
  readonly destinationOf: (queue: string | null) => string;
  /** Undefined on a node without a model. */
  readonly turns: TurnRunner | undefined;
  readonly maxParallelTurns: number;
  /** How long messages alone wait for more of them before a turn reads them. Default 1,200. */
  readonly settleMs?: number;
  /** Name of the loaded model, or null. */
  readonly model: () => string | null;
  readonly onFenced: (error: MeshError) => void;
  /** Somebody asked for a reload of this node by a row; told again while the row is not settled. */
  readonly onReload: (reload: string) => void;
  /** Rung when something may have happened that a waiting client wants to hear of. */
  readonly news: News;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Counters;
  readonly receiptTimes: Durations;
  readonly signal: StopSignal;
}

export interface NodeLoops {
  readonly mover: Mover;
  /** Looks for work at once: something was committed that may concern this node. */
  ring(): void;
  /** Resolves when every loop, turn and move has ended, after `signal` has aborted. */
  readonly ended: Promise<void>;
}

export function startNodeLoops(options: NodeLoopsOptions): NodeLoops {
  const { store, me, publish, consume, news, counters } = options;
  const { clock, random, log, signal } = options;
  const ports = { clock, random, log, signal };
  const mover = createMover({ store, actor: me.actor, log, counters });
  const move = async (conversation: string): Promise<void> => {
    await mover.move(conversation);
    news.ring();
  };

  const relay: Relay = startRelay({ ...options, ...ports, link: publish });
  // The keeper stops turns of the work loop, which tells it what is held.
  let turns: Pick<WorkLoop, "claimLost"> | undefined;
  const claims = startClaimKeeper({ ...ports, store, counters, onLost: (claim) => turns?.claimLost(claim) });
  const reconciler = startReconciler({ ...ports, store, move });
  // The inbox and the work loop ring each other; the first look at the rows comes after both are there.
  let inbox: Inbox | undefined;
  const work = startWorkLoop({
    ...ports,
    store,
    turns: options.turns,
    maxParallelTurns: options.maxParallelTurns,
    ...(options.settleMs === undefined ? {} : { settleMs: options.settleMs }),
    move,
    sweep: async () => await inbox?.sweep(),
    rowsSeen: relay.rowsSeen,
    holds: claims.holds,
    onReload: options.onReload,
    stir: reconciler.stir,
  });
  turns = work;
  inbox = startInbox({
    ...ports,
    store,
    counters,
    link: consume,
    queue: options.destinationOf(me.actor),
    broadcast: options.destinationOf(null),
    onConversation: (conversation, what) => {
      work.arrived(conversation, what);
      news.ring();
    },
  });
  const presence = startPresence({
    ...ports,
    store,
    counters,
    model: options.model,
    broker: () => `publish ${publish.status().state}, consume ${consume.status().state}`,
    onFenced: options.onFenced,
  });
  const loops = [relay, claims, reconciler, work, inbox, presence];
  return { mover, ring: work.ring, ended: Promise.all(loops.map((loop) => loop.ended)).then(() => undefined) };
}
