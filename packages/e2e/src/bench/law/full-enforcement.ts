import { type ActionHead, headKey, type Operation } from "@federation/core";
import { createTurnCounters, createTurnRunner } from "@federation/runtime";
import type { Inference, Store } from "@federation/runtime/ports";
import { type Federation, silentLog, systemClock, systemRandom } from "@federation/store/testing";

/** What a node's own turn came to. */
export interface TurnTaken {
  /** The model's choice; undefined where it was not asked, because nothing was its to choose. */
  readonly chosen: ActionHead | undefined;
  /** Heads it was offered, as keys. */
  readonly offered: readonly string[];
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
  const offered: string[] = [];
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
    inference: {
      ...inference,
      choose: async (request) => {
        offered.push(...request.options.map((o) => o.id));
        return await inference.choose(request);
      },
    },
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    me: await real.me(),
    counters: createTurnCounters(),
  });
  await runner.run(conversation, new AbortController().signal);
  const decision = applied.find((o) => o.op === "record_decision");
  const allowed = applied.some((o) => o.op === "record_verdict" && o.allowed);
  const chosen = decision?.origin === "model" ? decision.head : undefined;
  if (decision !== undefined && offered.length === 0) offered.push(headKey(decision.head));
  return { chosen, offered, done: allowed ? decision?.head : undefined };
}
