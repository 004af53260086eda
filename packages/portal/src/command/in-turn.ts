/**
 * Two commands of which the second is given when the first has gone through.
 *
 * 1. Tried again with the same words after the second failed, it goes on where it stopped: what was said is not said twice.
 */
import type { CommandEnd } from "./give-command.ts";

type Request = Readonly<Record<string, unknown>>;

export interface Step {
  readonly request: Request;
  readonly give: (request: Request) => Promise<CommandEnd>;
}

export interface InTurn {
  /** `half`: the first has gone through, the second has not. */
  give(first: Step, second: Step): Promise<{ readonly ended: CommandEnd; readonly half: boolean }>;
}

export function createInTurn(): InTurn {
  let gone: string | undefined;
  return {
    async give(first, second) {
      const of = JSON.stringify(first.request);
      if (gone !== of) {
        const ended = await first.give(first.request);
        if (ended.end !== "done") return { ended, half: false };
        gone = of;
      }
      const ended = await second.give(second.request);
      const half = ended.end !== "done";
      if (!half) gone = undefined;
      return { ended, half };
    },
  };
}
