import type { Command } from "commander";
import type { CliExitCode } from "./exit-codes.ts";
import type { Given } from "./given.ts";
import type { CliSession } from "./session.ts";

/** Does the work of one command. */
export type CliAction = (session: CliSession, given: Given) => Promise<CliExitCode>;

/** Puts commands into the program. */
export interface CliProgram {
  readonly root: Command;
  /** The command that groups others: `mission`, `model`. Made at its first mention. */
  group(name: string): Command;
  /** Calls `action` when this command was the one asked for. */
  does(command: Command, action: CliAction): void;
}
