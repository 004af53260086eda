import { type ControlName, type ControlRequest, type ControlResponse, parseControlRequest } from "@federation/core";
import type { ControlCaller } from "../ports/index.ts";
import type { ControlDeps } from "./call.ts";

/** Carries out one entry of the control list, from a request that nobody has looked at yet. */
export type Handler = (request: unknown, caller: ControlCaller) => Promise<unknown>;

export function handle<N extends ControlName>(
  name: N,
  answer: (request: ControlRequest<N>, caller: ControlCaller) => Promise<ControlResponse<N>>,
): Handler {
  return async (request, caller) => await answer(parseControlRequest(name, request), caller);
}

/** Answers a query from the rows. */
export function fromRows<N extends ControlName>(deps: ControlDeps, name: N): Handler {
  return handle(name, (request, caller) => deps.store.query(name, request, caller.actor));
}

export const done = { done: true } as const;
