import type { ControlName, Role, ScopeName } from "@federation/core";
import type { StopSignal } from "./signal.ts";

/**
 * The control API as its edges (MCP today) see it: everything a client may ask of the mesh goes through this one call.
 *
 * 1. The edge has parsed `request` with the entry's request schema; identity comes from the credential, never from it.
 * 2. A repeat of a command under the same `(actor, callId)` answers with the recorded outcome and changes nothing.
 * 3. What it throws is a MeshError; anything else is a defect, and the caller of the edge learns no more than that.
 */
export interface ControlService {
  /** Answers a value of the entry's response schema. */
  call(name: ControlName, request: unknown, caller: ControlCaller): Promise<unknown>;
}

export interface ControlCaller {
  readonly actor: string;
  readonly role: Role;
  /** What the caller's token allows. */
  readonly scopes: readonly ScopeName[];
  /** The caller's credential, as `Store.authenticate` named it. */
  readonly credential: string;
  readonly callId: string;
  /** Aborts when nobody waits for the answer any more: waiting may stop, a commit under way goes through. */
  readonly signal: StopSignal;
}
