import type { z } from "zod";
import type { Role } from "../roles.ts";

/**
 * One capability of the mesh. MCP tools, CLI commands, portal actions and A2A methods are derived from the list of
 * these; there is no second door.
 */
export interface ControlEntry<Request extends z.ZodObject = z.ZodObject, Response extends z.ZodType = z.ZodType> {
  /** Imperative, PascalCase; `toolName` gives its MCP form. */
  readonly name: string;
  readonly kind: "command" | "query";
  readonly title: string;
  /** One sentence, ending in a full stop. */
  readonly doc: string;
  readonly request: Request;
  readonly response: Response;
  readonly roles: readonly Role[];
  /** A repeat without a call id changes nothing further. */
  readonly idempotent: boolean;
  /** Administers actors, tokens or nodes: a token needs the scope `manage` for it. */
  readonly manages?: true;
}

export function entry<Request extends z.ZodObject, Response extends z.ZodType>(
  e: ControlEntry<Request, Response>,
): ControlEntry<Request, Response> {
  return e;
}

/** `StartMission` → `start_mission`. */
export function toolName(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (c) => `_${c}`).toLowerCase();
}
