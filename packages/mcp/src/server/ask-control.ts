/**
 * One call of the control API for one session.
 *
 * 1. What is answered is parsed with its response schema: nothing undeclared leaves, and what does not fit is a defect
 *    that is logged and answered as `internal`.
 */
import { type ControlName, control, MeshError } from "@federation/core";
import type { ControlService, Log, Principal, StopSignal } from "@federation/runtime/ports";
import { callIdOf } from "../call-id.ts";
import { parseRequest } from "./parse-request.ts";

/** What the SDK tells about a request, as far as a call needs it. */
export interface RequestContext {
  readonly id: string | number;
  readonly _meta?: unknown;
  readonly signal: StopSignal;
}

/** @throws MeshError, and nothing else. */
export type Ask = (name: ControlName, given: unknown, request: RequestContext) => Promise<Record<string, unknown>>;

export interface AskOptions extends Principal {
  readonly session: string;
  readonly control: ControlService;
  readonly log: Log;
}

export function createAsk(options: AskOptions): Ask {
  const { actor, role, scopes, credential, session, log } = options;
  return async (name, given, request) => {
    const entry = control[name];
    const callId = callIdOf(request._meta, session, request.id);
    const parsed = parseRequest(entry, given);
    try {
      const caller = { actor, role, scopes, credential, callId, signal: request.signal };
      const answer = await options.control.call(name, parsed, caller);
      return entry.response.parse(answer);
    } catch (thrown) {
      const error = MeshError.from(thrown);
      const fields = { call: name, actor, callId, code: error.code };
      if (error.code === "internal") {
        log.error({ ...fields, err: error.cause ?? error }, "a control call met a defect");
        throw new MeshError("internal", error.message, { cause: error, details: { callId } });
      }
      log.debug({ ...fields, reason: error.message }, "a control call was refused");
      throw error;
    }
  };
}
