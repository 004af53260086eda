import type { ErrorCode } from "@federation/core";

/** How `federation` ends. */
export const cliExitCodes = {
  ok: 0,
  /** The mesh refused, or something went wrong. */
  failed: 1,
  usage: 2,
  unreachable: 3,
  credential: 4,
  interrupted: 130,
} as const;
export type CliExitCode = (typeof cliExitCodes)[keyof typeof cliExitCodes];

const byError: Readonly<Record<ErrorCode, CliExitCode>> = {
  invalid_input: cliExitCodes.usage,
  config_invalid: cliExitCodes.usage,
  unavailable: cliExitCodes.unreachable,
  deadline_exceeded: cliExitCodes.unreachable,
  unauthenticated: cliExitCodes.credential,
  forbidden: cliExitCodes.failed,
  refused: cliExitCodes.failed,
  not_found: cliExitCodes.failed,
  conflict: cliExitCodes.failed,
  fenced: cliExitCodes.failed,
  limit_exceeded: cliExitCodes.failed,
  schema_mismatch: cliExitCodes.failed,
  model_invalid: cliExitCodes.failed,
  internal: cliExitCodes.failed,
};

export function exitCodeOf(code: ErrorCode): CliExitCode {
  return byError[code];
}

export const exitCodeHelp = `Exit codes:
  0    done
  1    refused, not found, or failed: the message says why
  2    wrong usage, input or configuration
  3    no node answers there, or it did not answer in time
  4    the token is missing, unknown, expired or revoked
  130  interrupted`;
