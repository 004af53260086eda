import type { AnyOutcome, TokenAccount } from "../protocol/wire.ts";

/** What each actor has used since the worker started. */
export interface TokenAccounts {
  charge(actor: string, outcome: AnyOutcome): void;
  list(): readonly TokenAccount[];
  readonly contextOverflows: number;
}

const maxActors = 1_024;

export function createTokenAccounts(): TokenAccounts {
  const accounts = new Map<string, TokenAccount>();
  let contextOverflows = 0;
  return {
    get contextOverflows() {
      return contextOverflows;
    },
    charge: (actor, outcome) => {
      const overflow = outcome.outcome === "failed" && outcome.reason === "context_overflow" ? 1 : 0;
      contextOverflows += overflow;
      const name = accounts.has(actor) || accounts.size < maxActors ? actor : "(others)";
      const before = accounts.get(name);
      accounts.set(name, {
        actor: name,
        requests: (before?.requests ?? 0) + 1,
        inputTokens: (before?.inputTokens ?? 0) + outcome.tokens.input,
        outputTokens: (before?.outputTokens ?? 0) + outcome.tokens.output,
        contextOverflows: (before?.contextOverflows ?? 0) + overflow,
      });
    },
    list: () => [...accounts.values()],
  };
}
