/** What turns came to, all monotonic since the impl started. */
export interface TurnCounters {
  acted: number;
  failed: number;
  /** Ended without the model: nothing but waiting was lawful, or nothing was asked. */
  byRule: number;
  refused: number;
  rejectedAnswers: number;
  noContribution: number;
  tokensIn: number;
  tokensOut: number;
}

export function createTurnCounters(): TurnCounters {
  return {
    acted: 0,
    failed: 0,
    byRule: 0,
    refused: 0,
    rejectedAnswers: 0,
    noContribution: 0,
    tokensIn: 0,
    tokensOut: 0,
  };
}
