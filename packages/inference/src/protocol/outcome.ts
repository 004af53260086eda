import type { FailedOutcome } from "@federation/runtime/ports";

export interface TokenCount {
  input: number;
  output: number;
}

export function failed(reason: FailedOutcome["reason"], detail: string, tokens: TokenCount): FailedOutcome {
  return { outcome: "failed", reason, detail, tokens: { input: tokens.input, output: tokens.output } };
}
