import { type ControlName, MeshError } from "@federation/core";
import type { ControlCaller, ControlService } from "@federation/runtime/ports";

export interface HandFedCall {
  readonly name: ControlName;
  readonly request: unknown;
  readonly caller: ControlCaller;
}

type Answer = (request: unknown, caller: ControlCaller) => unknown;

/** A control service whose answers a test gives by hand; what was not given is `not_found`. */
export function createHandFedControl() {
  const answers = new Map<ControlName, Answer>();
  const calls: HandFedCall[] = [];
  const watchers = new Set<() => void>();
  const service: ControlService = {
    async call(name, request, caller) {
      calls.push({ name, request, caller });
      for (const watcher of watchers) watcher();
      const answer = answers.get(name);
      if (answer === undefined) throw new MeshError("not_found", `The test gave no answer for ${name}.`);
      return answer(request, caller);
    },
  };
  return {
    service,
    calls,
    /** What `name` answers from now on; a thrown MeshError is a refusal. */
    on: (name: ControlName, answer: Answer) => void answers.set(name, answer),
    /** Resolves with the first call that satisfies `wanted`, past ones included. */
    called(wanted: (call: HandFedCall) => boolean): Promise<HandFedCall> {
      return new Promise((resolve) => {
        const look = (): void => {
          const found = calls.find(wanted);
          if (found === undefined) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
      });
    },
  };
}
