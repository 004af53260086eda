import type { ActionHead, Operation } from "@federation/core";
import { createTurnCounters, createTurnRunner, type TurnEnding } from "@federation/runtime";
import type { Inference, Store } from "@federation/runtime/ports";
import { type Federation, silentLog, systemClock, systemRandom } from "@federation/store/testing";

/** What a node's own turn came to. */
export interface TurnTaken {
  readonly ending: TurnEnding;
  /** The model's choice; undefined where it was not asked, because nothing was its to choose. */
  readonly chosen: ActionHead | undefined;
  /** The head whose effects were committed. */
  readonly done: ActionHead | undefined;
}

/** One turn of the actor as a node takes it: its own runner, prompt, grammar, gate and store. Only the model is given. */
export async function takeTurn(
  federation: Federation,
  inference: Inference,
  actor: string,
  conversation: string,
): Promise<TurnTaken> {
  const real = federation.store(actor);
  const applied: Operation[] = [];
  const store: Store = {
    ...real,
    apply: async (call) => {
      const outcome = await real.apply(call);
      applied.push(...call.operations);
      return outcome;
    },
  };
  const runner = createTurnRunner({
    store,
    inference,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    me: await real.me(),
    counters: createTurnCounters(),
  });
  const ending = await runner.run(conversation, new AbortController().signal);
  const decision = applied.find((o) => o.op === "record_decision");
  const allowed = applied.some((o) => o.op === "record_verdict" && o.allowed);
  const chosen = decision?.origin === "model" ? decision.head : undefined;
  return { ending, chosen, done: allowed ? decision?.head : undefined };
}
