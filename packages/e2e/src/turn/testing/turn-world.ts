import type { ActorKind, Episode, Message, MissionView, Operation, Role } from "@federation/core";
import { defaultPersonas, MeshError } from "@federation/core";
import { viewOf } from "@federation/core/testing";
import {
  createTurnCounters,
  createTurnRunner,
  type TurnCounters,
  type TurnRunner,
  type TurnRunnerOptions,
} from "@federation/runtime";
import type { Inference, Me } from "@federation/runtime/ports";

/**
 * A turn runner over a store that only records: what was asked of it, in order. It is no store; what a real one
 * answers to the same operations is proved where the SQL is.
 */
export interface TurnWorld {
  readonly runner: TurnRunner;
  readonly counters: TurnCounters;
  /** Applied calls, each with its operations. */
  readonly applied: readonly { readonly callId: string; readonly operations: readonly Operation[] }[];
  /** Names of the store's methods in the order they were called. */
  readonly calls: readonly string[];
  readonly warnings: readonly string[];
}

export interface TurnWorldOptions {
  readonly inference: Inference;
  /** One per reading; the last one goes on. */
  readonly views: readonly (MissionView | undefined)[];
  readonly actor: string;
  readonly role: Role;
  readonly kind?: ActorKind;
  readonly due?: readonly Message[];
  readonly tail?: readonly Message[];
  readonly memory?: readonly Episode[];
  readonly attempt?: number;
  /** Advice in the charter, as it is at each reading. */
  readonly advisories?: () => Me["advisories"];
  /** Thrown by the first `apply`. */
  readonly refusal?: MeshError;
}

export const turnId = "0190a000-0000-7000-8000-000000000001";

export function turnWorld(options: TurnWorldOptions): TurnWorld {
  const applied: { callId: string; operations: readonly Operation[] }[] = [];
  const calls: string[] = [];
  const warnings: string[] = [];
  const counters = createTurnCounters();
  let readings = 0;
  let ids = 0;
  let refusal = options.refusal;
  const me: Me = {
    actor: options.actor,
    role: options.role,
    kind: options.kind ?? "agent",
    persona: defaultPersonas[options.role],
    charterVersion: 1,
    parameters: viewOf().parameters,
    articlesOff: [],
    advisories: [],
  };
  const store: TurnRunnerOptions["store"] = {
    me: async () => ({ ...me, advisories: options.advisories?.() ?? [] }),
    async missionView() {
      calls.push("missionView");
      return options.views[Math.min(readings++, options.views.length - 1)];
    },
    async dueMessages() {
      calls.push("dueMessages");
      return options.due ?? [];
    },
    async tail() {
      calls.push("tail");
      return options.tail ?? options.due ?? [];
    },
    async recall() {
      calls.push("recall");
      return options.memory ?? [];
    },
    async beginTurn() {
      calls.push("beginTurn");
      return { turn: turnId, attempt: options.attempt ?? 1, step: 3 };
    },
    async leaveTurn() {
      calls.push("leaveTurn");
    },
    async apply({ callId, operations }) {
      calls.push("apply");
      const thrown = refusal;
      refusal = undefined;
      if (thrown !== undefined) throw thrown;
      applied.push({ callId, operations });
      return { replayed: false, results: operations.map(() => ({})) };
    },
    async query() {
      throw new MeshError("internal", "This store answers no query.");
    },
  };
  const runner = createTurnRunner({
    store,
    inference: options.inference,
    clock: { nowMs: () => performance.now() },
    random: { uuid: () => `0190b000-0000-7000-8000-${String(++ids).padStart(12, "0")}` },
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: (fields, message) => void warnings.push(`${message} ${JSON.stringify(fields)}`),
      error: () => undefined,
    },
    me,
    counters,
  });
  return { runner, counters, applied, calls, warnings };
}
